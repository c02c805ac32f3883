/**
 * The npm package. It is packed from a folder with exactly what its users need: in package.json neither scripts (npm would ask
 * users to allow `prepare`) nor development dependencies, and the man pages by name (npm links no others).
 */
import {execFileSync} from 'node:child_process'
import {cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync, chmodSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {changelog} from './changelog.ts'
import {PACKAGE, type Part, ROOT, run} from './release.ts'

/** Fields of our package.json that users need. */
const FIELDS = ['name', 'version', 'description', 'license', 'bin', 'type', 'engines'] as const

export const npmPart: Part = {
  name: 'npm',
  what: 'the npm package',
  needs: [],
  build({folder, time}) {
    buildNpmProgram()
    const work = mkdtempSync(join(tmpdir(), 'headscale-ts-npm-'))
    try {
      const files = [...(PACKAGE.files as string[]), 'CHANGELOG.md']
      for (const name of PACKAGE.files as string[]) cpSync(join(ROOT, name), join(work, name), {recursive: true})
      writeFileSync(join(work, 'CHANGELOG.md'), changelog(time))
      const man = readdirSync(join(work, 'dist/man')).toSorted()
      const published = {
        ...Object.fromEntries(FIELDS.map((field) => [field, PACKAGE[field]])),
        man: man.map((name) => `dist/man/${name}`),
        files,
      }
      writeFileSync(join(work, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
      setModes(work, (path) => path === join(work, 'bin/run.js'))
      run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, work])
    } finally {
      rmSync(work, {recursive: true, force: true})
    }
  },
}

let built = false

/** Builds the npm program with what belongs to it, the man pages among it, from the sources as they are now; once. */
export function buildNpmProgram(): void {
  if (built) return
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), '--npm-only'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  built = true
}

/** Modes that do not depend on the umask of whoever cloned the project. */
export function setModes(folder: string, isProgram: (path: string) => boolean): void {
  chmodSync(folder, 0o755)
  for (const name of readdirSync(folder, {recursive: true, encoding: 'utf8'})) {
    const path = join(folder, name)
    chmodSync(path, statSync(path).isDirectory() || isProgram(path) ? 0o755 : 0o644)
  }
}
