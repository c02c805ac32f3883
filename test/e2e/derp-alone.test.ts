/**
 * The derp commands need no headscale: they work when every way to a server is broken, and the npm program does not
 * load the control-server client for them.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'

import {BASE} from '../derp/cases.ts'
import {MATRIX_PROGRAMS, type ProgramName, runChild, scratchFolder} from '../support/program.ts'

/** Settings with which no command can reach a server. */
const BROKEN = {
  HEADSCALE_CONFIG: '/nonexistent/config.yaml',
  HEADSCALE_CLI_ADDRESS: 'no address: at all',
  HEADSCALE_CLI_API_KEY: '\n',
  HEADSCALE_CLI_TIMEOUT: 'never',
  HEADSCALE_UNIX_SOCKET: '/nonexistent/headscale.sock',
}

/** Records which modules the program has loaded when it ends: files, and modules of Node. */
const WITNESS = `process.on('exit', () => {
  const loaded = {files: Object.keys(require.cache), builtins: process.moduleLoadList}
  require('node:fs').writeFileSync(process.env.WITNESS, JSON.stringify(loaded))
})`
/** A text that occurs only in the client: the path of its gRPC calls. */
const CLIENT = 'headscale.v1.HeadscaleService'

const LINES: readonly [line: string, status: number][] = [
  ['render --domain derp.example.com', 0],
  ['render --from derp.yaml -o json', 0],
  ['render --from derp.yaml -o docker', 0],
  ['cert 198.51.100.9 --replace', 0],
  ['validate derp.yaml', 0],
  ['diff derp.yaml derp.yaml -o json', 0],
  ['show derp.yaml', 0],
  ['show config.yaml', 0],
  ['validate --config config.yaml', 0],
  ['pin relay.crt', 0],
  ['check 127.0.0.1:1 --timeout 2s', 7],
]

let cwd: string
beforeAll(async () => {
  cwd = scratchFolder()
  writeFileSync(join(cwd, 'derp.yaml'), BASE)
  writeFileSync(join(cwd, 'witness.cjs'), WITNESS)
  const config = `server_url: https://headscale.example.com\nderp:\n  urls: []\n  paths: [${join(cwd, 'derp.yaml')}]\n`
  writeFileSync(join(cwd, 'config.yaml'), config)
  await runChild('executable', ['derp', 'cert', '198.51.100.8'], {cwd})
  writeFileSync(join(cwd, 'relay.crt'), readFileSync(join(cwd, '198.51.100.8.crt')))
})

const run = (program: ProgramName, line: string, env = {}) =>
  runChild(program, line.split(' '), {cwd, env: {...BROKEN, ...env}})

describe.for(MATRIX_PROGRAMS)('with every way to a server broken, the %s', (program) => {
  test('cannot list nodes', async () => {
    expect((await run(program, 'nodes list')).status).toBe(2)
  })

  test.for(LINES)('runs derp %s', async ([line, status]) => {
    const outcome = await run(program, `derp ${line}`)
    expect(outcome).toMatchObject({status, stdout: expect.stringMatching(/./) as string})
    expect(outcome.stderr).not.toMatch(/HEADSCALE|config|socket|API key/i)
  })
})

describe('the npm program loads', () => {
  async function loadedBy(line: string, env = {}): Promise<{files: string[]; builtins: string[]}> {
    const witness = join(cwd, 'loaded.json')
    const NODE_OPTIONS = `--require ${join(cwd, 'witness.cjs')}`
    await run('npm program', line, {NODE_OPTIONS, WITNESS: witness, ...env})
    const loaded = JSON.parse(readFileSync(witness, 'utf8')) as {files: string[]; builtins: string[]}
    expect(loaded.files.map((file) => basename(file))).toContain('main.cjs')
    return loaded
  }

  /** Files of the program that contain the client, and modules of Node that only the client needs. */
  async function clientParts(line: string, env = {}): Promise<string[]> {
    const {files, builtins} = await loadedBy(line, env)
    return [
      ...files.filter((file) => readFileSync(file, 'utf8').includes(CLIENT)).map((file) => basename(file)),
      ...builtins.filter((name) => name === 'NativeModule http2'),
    ]
  }

  test('the manifest for help, and not for a command', async () => {
    const manifest = async (line: string) =>
      (await loadedBy(line)).files.filter((file) => basename(file).startsWith('manifest'))
    expect(await manifest('nodes delete --help')).toHaveLength(1)
    expect(await manifest('nodes delete 1')).toEqual([])
    expect(await manifest('users list')).toEqual([])
  })

  test('the client for nodes list', async () => {
    const parts = await clientParts('nodes list', {
      HEADSCALE_CONFIG: '',
      HEADSCALE_CLI_ADDRESS: '',
      HEADSCALE_CLI_API_KEY: '',
      HEADSCALE_CLI_TIMEOUT: '1s',
    })
    expect(parts).not.toEqual([])
  })

  test.for(LINES)('no part of the client for derp %s', async ([line]) => {
    expect(await clientParts(`derp ${line}`)).toEqual([])
  })
})
