/**
 * Bun's executable for other platforms, of the version that this project pins. npm has one package for each; they are in
 * package-lock.json with their checksums, so nothing else is ever compiled into an executable. They are kept outside the
 * checkout (90 to 115 MB each), in ~/.cache/headscale-ts/bun.
 */
import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {LeftOut, ROOT} from './release.ts'

interface Locked {
  version: string
  integrity: string
}

/** @param name of the package: `@oven/bun-linux-aarch64` @returns the path of its executable @throws LeftOut */
export function bunRuntime(name: string): string {
  const file = name.includes('windows') ? 'bin/bun.exe' : 'bin/bun'
  const installed = join(ROOT, 'node_modules', name, file)
  if (existsSync(installed)) return installed
  const {version, integrity} = locked(name)
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'headscale-ts/bun')
  const folder = join(cache, version, name.slice('@oven/'.length))
  if (!existsSync(join(folder, file))) download(`${name}@${version}`, integrity, folder)
  return join(folder, file)
}

function locked(name: string): Locked {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {packages: Record<string, Locked>}
  const entry = lock.packages[`node_modules/${name}`]
  if (!entry) throw new LeftOut(`package-lock.json has no ${name}`)
  return entry
}

/** Fetches a package and puts its files into a folder, complete or not at all. */
function download(spec: string, integrity: string, folder: string): void {
  mkdirSync(join(folder, '..'), {recursive: true})
  const work = mkdtempSync(`${folder}-`)
  try {
    try {
      execFileSync('npm', ['pack', '--silent', '--pack-destination', work, spec], {cwd: work, stdio: 'pipe'})
    } catch {
      throw new LeftOut(`npm cannot fetch ${spec}`)
    }
    const tarball = join(
      work,
      readdirSync(work).find((name) => name.endsWith('.tgz'))!,
    )
    const digest = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
    if (digest !== integrity) throw new Error(`${spec} is not the package that package-lock.json names`)
    execFileSync('tar', ['-xzf', tarball, '-C', work])
    rmSync(folder, {recursive: true, force: true})
    renameSync(join(work, 'package'), folder)
  } finally {
    rmSync(work, {recursive: true, force: true})
  }
}
