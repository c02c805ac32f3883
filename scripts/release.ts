/**
 * `npm run release:build`: everything that a release consists of, in release/. `-- --only NAME` builds one part (repeatable),
 * `-- --out DIR` writes to another folder, `-- --list` names the parts. The same commit gives the same bytes, whatever the
 * folder and the time.
 */
import {mkdirSync, rmSync} from 'node:fs'
import {resolve} from 'node:path'
import {parseArgs} from 'node:util'
import {changelogPart} from './release/changelog.ts'
import {writeChecksums} from './release/checksums.ts'
import {containerPart} from './release/container.ts'
import {debianParts} from './release/debian.ts'
import {executableParts} from './release/executables.ts'
import {licensesPart} from './release/licenses.ts'
import {npmPart} from './release/npm-package.ts'
import {LeftOut, type Part, type Release, releaseTime, ROOT, UsageError, VERSION} from './release/release.ts'
import {sbomParts} from './release/sbom.ts'

const PARTS: readonly Part[] = [
  changelogPart,
  licensesPart,
  npmPart,
  ...executableParts,
  ...debianParts,
  ...sbomParts,
  containerPart,
]

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`error: ${error.message}\n`)
  process.exitCode = 2
}

async function main(): Promise<void> {
  const {only, out, list} = options()
  if (list) {
    process.stdout.write(PARTS.map(({name, what}) => `${name.padEnd(20)} ${what}\n`).join(''))
    return
  }
  const unknown = only.find((name) => !PARTS.some((part) => part.name === name))
  if (unknown !== undefined) {
    throw new UsageError(`there is no part "${unknown}"; one of: ${PARTS.map(({name}) => name).join(', ')}`)
  }
  const release: Release = {folder: resolve(ROOT, out), time: releaseTime()}
  if (only.length === 0) rmSync(release.folder, {recursive: true, force: true})
  mkdirSync(release.folder, {recursive: true})
  process.stdout.write(`headscale-ts ${VERSION}, into ${release.folder}\n`)
  const leftOut: string[] = []
  for (const part of withNeeds(only)) {
    if (!(await build(part, release))) leftOut.push(part.name)
  }
  writeChecksums(release.folder)
  process.stdout.write(leftOut.length === 0 ? 'complete\n' : `left out: ${leftOut.join(', ')}\n`)
  // What was asked for by name must be there.
  if (only.some((name) => leftOut.includes(name))) process.exitCode = 1
}

function options(): {only: string[]; out: string; list: boolean} {
  try {
    const {values} = parseArgs({
      options: {
        only: {type: 'string', multiple: true, default: []},
        out: {type: 'string', default: 'release'},
        list: {type: 'boolean', default: false},
      },
    })
    return values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** The parts to build, in order: those that were asked for, or all, and what they are made of. */
function withNeeds(only: readonly string[]): Part[] {
  const wanted = new Set(only.length === 0 ? PARTS.map(({name}) => name) : only)
  for (const part of PARTS.toReversed()) if (wanted.has(part.name)) for (const name of part.needs) wanted.add(name)
  return PARTS.filter(({name}) => wanted.has(name))
}

/** @returns whether it was built; a part that cannot be built on this machine is left out with a line */
async function build(part: Part, release: Release): Promise<boolean> {
  const start = Date.now()
  process.stdout.write(`  ${part.name.padEnd(20)} `)
  try {
    await part.build(release)
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error
    process.stdout.write(`left out: ${error.message}\n`)
    return false
  }
  process.stdout.write(`${((Date.now() - start) / 1000).toFixed(1)} s\n`)
  return true
}
