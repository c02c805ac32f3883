/**
 * docs/images: pictures of the program on a terminal. The demo's is a real run against the sandbox, with a fixed clock, so that
 * it is the same each time; that of `derp check` is the report which test/derp-check/report.test.ts renders.
 */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {startSandbox} from '../../src/sandbox/index.ts'
import {guide} from '../../src/sandbox/seed/guide.ts'
import {runHere} from '../../test/support/program.ts'
import {terminalSvg} from './terminal-svg.ts'

const root = join(import.meta.dirname, '../..')
const now = () => new Date('2022-03-20T09:10:00Z')

/** Lines of the demo, with the exit status that is shown. */
const LINES: readonly {argv: string[]; status?: number}[] = [
  {argv: ['nodes', 'list']},
  {argv: ['routes', 'enable', '-i', 'openwrt', '-r', '192.168.100.0/24']},
  {argv: ['nodes', 'rename', 'phone', 'pixel', '--dry-run'], status: 8},
  {argv: ['namespaces', 'create', 'default'], status: 12},
]

/** Files by name, with their text. */
export async function pictures(): Promise<Record<string, string>> {
  const report = readFileSync(join(root, 'test/derp-check/golden/report-colour.txt'), 'utf8')
  return {
    'demo.svg': terminalSvg(
      await demo(),
      'headscale-ts lists nodes, enables a route, and refuses what the server cannot do',
    ),
    'derp-check.svg': terminalSvg(
      `${prompt('headscale-ts derp check derp.yaml')}\n${report}`,
      'headscale-ts derp check: for each relay the times of every step, a verdict, and what to do',
    ),
  }
}

const prompt = (line: string) => `\u001b[90m$\u001b[39m ${line}`

async function demo(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'headscale-ts-pictures-'))
  const socketPath = join(folder, 'headscale.sock')
  const sandbox = await startSandbox({release: '0.15', socketPath, seed: guide, now})
  const run = (argv: readonly string[]) =>
    runHere(argv, {env: {HEADSCALE_UNIX_SOCKET: socketPath}, now, colour: true, width: 140})
  try {
    for (const argv of [
      ['namespaces', 'create', 'default'],
      ...guide.pending!.map(({key}) => ['-n', 'default', 'nodes', 'register', '--key', key]),
    ]) {
      const {status, stderr} = await run(argv)
      if (status !== 0) throw new Error(stderr)
    }
    const shown: string[] = []
    for (const {argv, status: expected = 0} of LINES) {
      const {status, stdout, stderr} = await run(argv)
      if (status !== expected) throw new Error(`${argv.join(' ')}: exit ${status}, not ${expected}\n${stderr}`)
      const echo = expected === 0 ? '' : `${prompt('echo $?')}\n${status}\n`
      shown.push(`${prompt(['headscale-ts', ...argv].join(' '))}\n${stdout}${stderr}${echo}`)
    }
    return shown.join('\n')
  } finally {
    await sandbox.close()
    rmSync(folder, {recursive: true, force: true})
  }
}
