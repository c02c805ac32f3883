/** One executable for each platform that Bun has a runtime for, all with the same bundle in them. */
import {chmodSync, copyFileSync, cpSync, existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, dirname, join} from 'node:path'
import {type Bundle, bundleForExecutable, compileExecutable, inBuildFolder} from '../build/executable.ts'
import {bunRuntime} from './bun-runtime.ts'
import {formatOf} from './file-format.ts'
import type {Part} from './release.ts'

export interface ExecutableTarget {
  /** `linux-x64-musl`; the file is `headscale-ts-` and this. */
  name: string
  what: string
  /** The package with its runtime. */
  runtime: string
  /** As Bun names it. */
  bun: string
  /** As `formatOf` names it. */
  format: string
}

export const EXECUTABLES: readonly ExecutableTarget[] = [
  target('linux-x64', 'Linux on x64, with glibc', 'ELF x64, /lib64/ld-linux-x86-64.so.2'),
  target('linux-arm64', 'Linux on arm64, with glibc', 'ELF arm64, /lib/ld-linux-aarch64.so.1'),
  target('linux-x64-musl', 'Alpine Linux on x64 (needs its package libstdc++)', 'ELF x64, /lib/ld-musl-x86_64.so.1'),
  target(
    'linux-arm64-musl',
    'Alpine Linux on arm64 (needs its package libstdc++)',
    'ELF arm64, /lib/ld-musl-aarch64.so.1',
  ),
  target('macos-x64', 'macOS on Intel', 'Mach-O x64'),
  target('macos-arm64', 'macOS on Apple silicon', 'Mach-O arm64'),
  target('windows-x64', 'Windows on x64', 'PE x64'),
  target('windows-arm64', 'Windows on arm64', 'PE arm64'),
]

function target(name: string, what: string, format: string): ExecutableTarget {
  const ofBun = name.replace('macos', 'darwin')
  return {name, what, format, bun: `bun-${ofBun}`, runtime: `@oven/bun-${ofBun.replace('arm64', 'aarch64')}`}
}

/** The name of its file in release/. */
export function executableFile({name}: Pick<ExecutableTarget, 'name'>): string {
  return `headscale-ts-${name}${suffixOf(name)}`
}

const suffixOf = (name: string) => (name.startsWith('windows') ? '.exe' : '')

export const executableParts: readonly Part[] = EXECUTABLES.map((executable) => ({
  name: executable.name,
  what: executable.what,
  needs: [],
  async build({folder}) {
    const runtime = bunRuntime(executable.runtime)
    const file = join(folder, executableFile(executable))
    const {file: bundled} = await executableBundle()
    await inBuildFolder(async (work) => {
      // Bun writes the name of the bundle into the executable, so it has the same in every build.
      cpSync(dirname(bundled), work, {recursive: true})
      compileExecutable(join(work, basename(bundled)), join(work, 'headscale-ts'), {target: executable.bun, runtime})
      copyFileSync(join(work, `headscale-ts${suffixOf(executable.name)}`), file)
    })
    chmodSync(file, 0o755)
    const format = formatOf(file)
    if (format !== executable.format) throw new Error(`${file} is ${format}, not ${executable.format}`)
  },
}))

let bundle: Promise<Bundle> | undefined

/** The bundle of all executables, made once. */
export function executableBundle(): Promise<Bundle> {
  bundle ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headscale-ts-release-'))
    process.on('exit', () => existsSync(folder) && rmSync(folder, {recursive: true}))
    return bundleForExecutable(folder)
  })()
  return bundle
}
