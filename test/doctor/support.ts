/**
 * A sandbox as a whole set-up on this machine: its socket, its listener with what clients ask of headscale, a config file,
 * relays that work. Text is masked by text of the same width, so that frames stay in place.
 */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {startSandbox} from '../../src/sandbox/index.ts'
import type {SeedData} from '../../src/sandbox/index.ts'
import {selfSigned, startFakeRelay} from '../derp-check/support/fake-relay.ts'
import type {FakeRelay} from '../derp-check/support/fake-relay.ts'
import {startFakeStun} from '../derp-check/support/fake-stun.ts'
import {startProxy} from '../support/front-proxy.ts'
import type {ProxyOptions} from '../support/front-proxy.ts'
import {runHere} from '../support/program.ts'
import type {Env, InProcess, Outcome} from '../support/program.ts'

/** The time of the sandbox, its listener and the program. */
export const NOW = new Date('2026-11-27T12:00:00Z')

/** The public key of the server. */
const KEY = `mkey:${'5a'.repeat(32)}`

/** What clients ask of headscale 0.17 and later, as it answers. */
export function answerClients(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.url?.startsWith('/key?v=') && request.method === 'GET') {
    response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify({publicKey: KEY}))
    return true
  }
  if (request.url !== '/ts2021' || request.method !== 'POST') return false
  const {upgrade} = request.headers
  if (upgrade === undefined) response.writeHead(500).end('Internal error\n')
  else if (upgrade !== 'tailscale-control-protocol') response.writeHead(400).end('unknown next protocol\n')
  else response.writeHead(400).end('missing Tailscale handshake header\n')
  return true
}

export interface DoctorSetup {
  folder: string
  socketPath: string
  /** The address of headscale itself. */
  listener: string
  apiKey: string
  relays: FakeRelay[]
  /** Puts a proxy in front of headscale; it is closed at the end. @returns its address */
  proxy(options: ProxyOptions): Promise<string>
  /** Writes a config file; by default `server_url` is the listener. @param name of the file */
  config(changes?: Record<string, string>, name?: string): string
  /** Variables of a user whose commands use an address and a key. */
  rest(address?: string): Env
  run(argv: readonly string[], options?: InProcess): Promise<Outcome>
  /** The command line, stdout, stderr and the status, masked. */
  transcript(argv: readonly string[], options?: InProcess): Promise<string>
  close(): Promise<void>
}

/** @param now the time of the server and of the program */
export async function startSetup(seed: SeedData, {release = '0.29', now = () => NOW} = {}): Promise<DoctorSetup> {
  // Not below the scratch folder: frames depend on the length of the path.
  const folder = mkdtempSync('/tmp/doctor-')
  mkdirSync(join(folder, 'empty'))
  const socketPath = join(folder, 'headscale.sock')
  const sandbox = await startSandbox({
    ...{release, seed, socketPath, now},
    listen: {host: '127.0.0.1', port: 0},
  })
  const certificate = await selfSigned(undefined, {notBefore: new Date('2026-11-01'), days: 365})
  const relays = await Promise.all([startFakeRelay({certificate}), startFakeRelay({certificate})])
  const stun = await startFakeStun((request, {port}) => [stunAnswer(request, port)])
  writeFileSync(join(folder, 'derp.yaml'), mapOf(relays, stun.port))
  const open: {close(): Promise<void>}[] = [sandbox, stun, ...relays]
  const start = async (target: string, options: ProxyOptions) => {
    const proxy = await startProxy(target, {date: now(), ...options})
    open.push(proxy)
    return proxy.url
  }
  const listener = await start(sandbox.url!, {answer: answerClients})
  const masked = (text: string): string => {
    /** By the order in which they are seen, the known ones first, so that a test does not depend on others. */
    const ports = [listener, ...relays.map(({port}) => `:${port}`)].map(portOf)
    return text.replaceAll(folder, '/tmp/doctor-FOLDER').replaceAll(/(?<=127\.0\.0\.1:)\d{5}\b/g, (port) => {
      if (!ports.includes(port)) ports.push(port)
      return `${10_001 + ports.indexOf(port)}`
    })
  }
  const run: DoctorSetup['run'] = (argv, options = {}) =>
    runHere(['doctor', ...argv], {cwd: join(folder, 'empty'), now, ...options})
  return {
    ...{folder, socketPath, listener, relays, run},
    apiKey: sandbox.apiKey!,
    proxy: (options) => start(listener, options),
    config(changes = {}, name = 'config.yaml') {
      const path = join(folder, name)
      writeFileSync(
        path,
        configOf(folder, {server_url: listener, listen_addr: listener.slice('http://'.length), ...changes}),
      )
      return path
    },
    rest: (address = listener) => ({HEADSCALE_CLI_ADDRESS: address, HEADSCALE_CLI_API_KEY: sandbox.apiKey!}),
    async transcript(argv, options) {
      const {stdout, stderr, status} = await run(argv, options)
      const error = stderr === '' ? '' : `--- stderr\n${stderr}`
      return masked(`$ ${['headscale-ts doctor', ...argv].join(' ')}\n${stdout}${error}--- exit ${status}\n`)
    },
    async close() {
      await Promise.all(open.map((each) => each.close()))
      rmSync(folder, {recursive: true, force: true})
    },
  }
}

const portOf = (url: string): string => url.slice(url.lastIndexOf(':') + 1)

/** The sender's own address, 127.0.0.1 and its port, in XOR form. */
function stunAnswer(request: Buffer, port: number): Buffer {
  const address = Buffer.from('000100005e12a443', 'hex')
  address.writeUInt16BE(port ^ 0x2112, 2)
  return Buffer.concat([
    Buffer.from('0101000c', 'hex'),
    request.subarray(4, 20),
    Buffer.from('00200008', 'hex'),
    address,
  ])
}

function mapOf(relays: readonly FakeRelay[], stunPort: number): string {
  const regions = relays.map(
    ({port, pin}, at) => `  ${900 + at}:
    regionid: ${900 + at}
    regioncode: r${at}
    regionname: Region ${at}
    nodes:
      - {name: ${900 + at}a, regionid: ${900 + at}, hostname: 127.0.0.1, derpport: ${port}, stunport: ${stunPort}, certname: "${pin}"}
`,
  )
  return `regions:\n${regions.join('')}`
}

/** Keys of the top level; a value can be a block, with its line break. */
function configOf(folder: string, changes: Record<string, string>): string {
  const keys: Record<string, string> = {
    metrics_listen_addr: '127.0.0.1:18490',
    grpc_listen_addr: '127.0.0.1:18443',
    noise: `\n  private_key_path: ${folder}/noise_private.key`,
    prefixes: '\n  v4: 100.64.0.0/10\n  v6: fd7a:115c:a1e0::/48',
    database: `\n  type: sqlite\n  sqlite:\n    path: ${folder}/db.sqlite`,
    derp: `\n  paths:\n    - ${folder}/derp.yaml`,
    policy: '\n  mode: database',
    dns: '\n  magic_dns: true\n  base_domain: tailnet.example.com\n  override_local_dns: false',
    unix_socket: `${folder}/headscale.sock`,
    unix_socket_permission: '"0770"',
    ...changes,
  }
  return Object.entries(keys)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')
}
