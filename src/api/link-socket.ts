/** Connects to a server over its unix socket: gRPC up to 0.29, HTTP in 0.30. */
import type {Socket} from 'node:net'
import type {ServerTarget} from '../config/target.ts'
import {HeadscaleError} from '../errors.ts'
import {type Finding, recall, remember, socketKey} from './detection/cache.ts'
import {type ConnectHost, type Link, notHeadscale, releaseLine} from './link.ts'
import {findReleaseGroup} from './releases.ts'

type SocketTarget = ServerTarget & {kind: 'socket'}

interface SocketPlan {
  target: SocketTarget
  host: ConnectHost
  describe: string
  /** The cache key; null if nothing can be cached. */
  key: string | null
  /** The cached finding to use; null to detect the release. */
  known: Finding | null
  /** Connecting and detecting share one deadline, in the time of `performance.now()`. */
  deadline: number
}

/** @throws HeadscaleError if the server cannot be reached within the timeout, or is not headscale */
export async function linkSocket(target: SocketTarget, host: ConnectHost): Promise<Link> {
  const {path, timeoutMs, source} = target
  const describe = `the socket ${path}`
  const deadline = performance.now() + timeoutMs
  const {dialSocket} = await import('./transport/os-errors.ts')
  const {trace} = host
  const dial = () =>
    dialSocket(path, timeoutMs, deadline, trace).catch((error: unknown) => {
      throw error instanceof HeadscaleError ? withSource(error, source) : error
    })
  const socket = await dial()
  const key = socketKey(path)
  const finding = recall(key, host)
  const expectsHttp = finding !== null && findReleaseGroup(finding.group)?.messageSet === null
  const plan = {target, host, describe, key, known: host.readsOnly ? finding : null, deadline}
  if (plan.known === null) {
    const {grpcSocket} = await import('./detection/protocol.ts')
    const speaking = await grpcSocket(socket, dial, {expectsHttp, deadline, timeoutMs, describe})
    trace?.(`the server speaks ${speaking === null ? 'HTTP/1.1' : 'HTTP/2'}`)
    return speaking === null ? linkHttpSocket(plan) : linkGrpcSocket(plan, speaking)
  }
  if (!expectsHttp) return linkGrpcSocket(plan, socket)
  socket.destroy()
  return linkHttpSocket(plan)
}

async function linkGrpcSocket(plan: SocketPlan, socket: Socket): Promise<Link> {
  const {target, host, describe, key, known, deadline} = plan
  const [{openGrpcConnection}, {grpcTransport}, {detectByMethods, isStillGroup}, {loadMessageSet}] = await Promise.all([
    import('./transport/grpc/connection.ts'),
    import('./transport/grpc/grpc-transport.ts'),
    import('./detection/grpc-methods.ts'),
    import('./messages.ts'),
  ])
  const connection = openGrpcConnection(socket, {
    timeoutMs: target.timeoutMs,
    describe,
    trace: host.trace,
  })
  try {
    const group = findReleaseGroup(known?.group ?? (await detectByMethods(connection, deadline)) ?? '')
    if (!group?.messageSet) throw notHeadscale(describe)
    host.trace?.(releaseLine(group, null, known === null ? 'detected' : 'remembered'))
    const grpc = grpcTransport(connection, await loadMessageSet(group.messageSet))
    const link = {group, version: null, via: `gRPC on ${target.path}`}
    if (known === null) {
      remember(key, {group: group.id, version: null}, host)
      return {...link, transport: grpc, remembered: false}
    }
    const {transportToRemembered} = await import('./transport/checked-transport.ts')
    let confirmed: Promise<boolean> | null = null
    const confirm = () => (confirmed ??= isStillGroup(connection, group))
    return {...link, transport: transportToRemembered(grpc, confirm), remembered: true}
  } catch (error) {
    connection.close()
    throw error
  }
}

async function linkHttpSocket({target, host, describe, key, known, deadline}: SocketPlan): Promise<Link> {
  const {path, timeoutMs} = target
  const {linkHttp} = await import('./link-http.ts')
  const base = new URL('http://local/')
  return linkHttp(
    {base, apiKey: null, socketPath: path, insecure: false, caFile: null, timeoutMs, describe},
    {key, known, deadline, via: `HTTP on ${path}`, host},
  )
}

/** Adds where the socket was configured, so that `version` can tell "no server here" from "your server is missing". */
function withSource(error: HeadscaleError, source: SocketTarget['source']): HeadscaleError {
  const isFirstTry = source.kind === 'default' && error.code === 'unreachable'
  return new HeadscaleError(error.code, error.message, {
    ...(error.hint ? {hint: isFirstTry ? NO_SERVER_HINT : error.hint} : {}),
    cause: error.cause,
    details: {...error.details, source},
  })
}

/** For a machine without a server, when none was configured. */
const NO_SERVER_HINT =
  'start headscale on this machine, name a server with --address URL --api-key-file FILE or --socket PATH, ' +
  'or try without one: headscale-ts sandbox run --seed guide -- bash'
