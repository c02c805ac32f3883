/**
 * Where the time of one command goes: programs that do a little more each, so that the difference of two rows is what the
 * step costs. The first row is the runtime alone.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {compileExecutable} from '../scripts/build/executable.ts'
import {type Bench, environmentOf, type Program, type Scene} from './scenes.ts'
import {serverWithUsers} from './servers.ts'

const LIST = ['users', 'list']

export async function steps(bench: Bench): Promise<Scene> {
  const server = await serverWithUsers()
  const socket = environmentOf(bench, server, {HEADSCALE_UNIX_SOCKET: server.socketPath})
  const rest = environmentOf(bench, server, {HEADSCALE_CLI_ADDRESS: server.url, HEADSCALE_CLI_API_KEY: server.apiKey})
  const rows: [name: string, where: Pick<Program, 'env' | 'cwd'>, argv: string[]][] = [
    ['--version', socket, ['--version']],
    ['users list --help', socket, [...LIST, '--help']],
    ['users list, socket', socket, LIST],
    ['users list, socket, with config.yaml', socket, ['-c', server.configPath, ...LIST]],
    ['users list, HTTP', rest, LIST],
  ]
  const started = (name: string, start: string[]) =>
    Object.fromEntries(rows.map(([what, where, argv]) => [`${name} ${what}`, {...where, command: [...start, ...argv]}]))
  const row = (of: string, over: string, base: string) => ({what: `step: ${of} ÷ ${base}`, of, over})
  return {
    server,
    rounds: bench.rounds,
    answer: /\bdefault\b[^]*\bops\b|headscale/,
    bare: ['node', 'executable without a program'],
    programs: {
      go: {...socket, command: [server.bin, '-c', server.configPath, ...LIST]},
      node: {...socket, command: [process.execPath, '-e', '0']},
      'executable without a program': {...socket, command: [emptyExecutable(bench)]},
      ...started('executable', [bench.executable]),
      ...started('npm', [process.execPath, bench.npm]),
    },
    ratios: [
      row('executable without a program', 'go', 'users list of the Go CLI'),
      ...rows.map(([what]) => row(`executable ${what}`, 'go', 'users list of the Go CLI')),
      ...rows.map(([what]) => row(`npm ${what}`, 'node', 'node -e 0')),
    ],
    memories: [],
  }
}

/** An executable built as ours is, from a program that does nothing. */
function emptyExecutable({scratch}: Bench): string {
  const [bundle, out] = [join(scratch, 'empty.cjs'), join(scratch, 'empty')]
  writeFileSync(bundle, 'void 0\n')
  compileExecutable(bundle, out)
  return out
}
