/**
 * The sandbox as a library: a simulated headscale, started inside this process and reached over real sockets.
 *
 * The `sandbox` commands and the tests use startSandbox. It shares only the operations table and the generated messages
 * with the client, so that a mistake in the client is not repeated here and hidden.
 */
import {HeadscaleError, usageError} from '../errors.ts'
import {loadSimulator} from './releases/load-simulator.ts'
import type {HttpListener} from './listeners/http.ts'
import type {Listener} from './listeners/socket-file.ts'
import {applySeed} from './seed/apply-seed.ts'
import type {SeedData} from '../tailnet-file/tailnet-data.ts'
import type {ReleaseSimulator} from './releases/shared/release-simulator.ts'
import {ServerError} from './server-error.ts'
import {createService, type Service} from './service.ts'
import type {Tailnet} from './tailnet.ts'

export type {SeedData, SeedNode, SeedPending, SeedPreAuthKey, SeedUser} from '../tailnet-file/tailnet-data.ts'
export {SANDBOX_RELEASES, type SandboxRelease} from './releases/load-simulator.ts'

export interface SandboxOptions {
  /** `0.15` when absent. */
  release?: string
  /** Where to serve gRPC, on 0.30 HTTP. An existing file is replaced only if it is a socket nobody listens on. */
  socketPath?: string
  /** Where to serve REST; port 0 means any free port. */
  listen?: {host: string; port: number}
  /** Initial state; empty when absent. */
  seed?: SeedData
  /** The clock; the real one when absent. */
  now?: () => Date
}

export interface Sandbox {
  /** The simulated release, as `0.15`. */
  release: string
  socketPath: string | null
  /** Base address of the REST listener. */
  url: string | null
  /** A key for it, valid for 90 days of the sandbox's clock; null without that listener. */
  apiKey: string | null
  /** The clients of the seed that wait to be registered, with the registration keys they show. */
  pending: PendingClient[]
  /** The name of the first user of the seed with a unique name; null without one. */
  userName: string | null
  /** Ends every connection and removes the socket file. */
  close(): Promise<void>
}

export interface PendingClient {
  name: string
  key: string
}

const NINETY_DAYS = 90 * 24 * 3_600_000

/**
 * Starts a sandbox and resolves when it can be reached.
 * @throws HeadscaleError for an unknown release, a bad seed, or a socket or port that is in use
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const {socketPath = null, listen = null, seed = {}, now = () => new Date()} = options
  if (socketPath === null && listen === null)
    throw usageError('a sandbox needs a socket path or an address to listen on')
  const simulator = await loadSimulator(options.release ?? '0.15')
  const tailnet = applySeed(seed, simulator, now)
  checkSeedPolicy(simulator, tailnet)
  const service = await createService(simulator, tailnet)

  const listeners: Listener[] = []
  const close = async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.close()))
  }
  try {
    let http: HttpListener | null = null
    let apiKey: string | null = null
    if (socketPath !== null) {
      const listen = simulator.wire === 'http' ? listenHttpSocket : listenGrpcSocket
      listeners.push(await listen(service, socketPath))
    }
    if (listen !== null) {
      const {listenHttp} = await import('./listeners/http.ts')
      http = await listenHttp(service, listen)
      listeners.push(http)
      apiKey = tailnet.addApiKey({...simulator.newApiKey(), expiration: new Date(now().getTime() + NINETY_DAYS)}).secret
    }
    const isNamed = ({name}: {name: string}) =>
      /^[\w.@-]+$/.test(name) && tailnet.users.filter((user) => user.name === name).length === 1
    const pending = Array.from(tailnet.pending, ([key, {name}]) => ({name, key: simulator.registrationKey(key)}))
    return {
      release: simulator.release,
      socketPath,
      url: http?.url ?? null,
      apiKey,
      pending,
      userName: tailnet.users.find(isNamed)?.name ?? null,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A real server does not start with a policy that it rejects. */
function checkSeedPolicy({release, handlers}: ReleaseSimulator, tailnet: Tailnet): void {
  const text = tailnet.policy?.text ?? ''
  if (text === '') return
  try {
    handlers.SetPolicy?.(tailnet, {policy: text})
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    throw new HeadscaleError('invalid-input', `headscale ${release} rejects the policy of the seed: ${error.message}`, {
      hint: `see all of it with: headscale-ts policy check --for ${release} FILE`,
    })
  }
}

async function listenGrpcSocket(service: Service, path: string): Promise<Listener> {
  return (await import('./listeners/grpc/grpc.ts')).listenGrpc(service, path)
}

async function listenHttpSocket(service: Service, path: string): Promise<Listener> {
  return (await import('./listeners/huma/rest-huma.ts')).listenSocket(service, path)
}
