/**
 * The way up to one relay address: TCP, TLS by the map's rule, HTTP, the DERP upgrade, admission, and a packet that
 * one client sends and another receives. It stops at the first step that clients could not take either.
 *
 * With a lent key there is one more step: whether the relay admits a stranger all the same. What a fault means beside
 * STUN, and what was promised besides, is decided in path.ts.
 */
import {randomBytes} from 'node:crypto'
import {setTimeout as delay} from 'node:timers/promises'
import type {Connection} from '../../net/connection.ts'
import type {CheckContext} from '../context.ts'
import {PathFault, protocolFault} from '../../net/fault.ts'
import type {HttpHead} from '../../net/http.ts'
import {clientKey, createClientKey} from './keys.ts'
import type {ClientKey} from './keys.ts'
import type {RelayClient} from './relay.ts'
import type {RelaySessions} from './sessions.ts'
import type {StepLog} from '../step-log.ts'
import {upgradeFault} from './upgrade.ts'

/** A client that the relay admitted. */
export interface Admitted {
  client: RelayClient
  connection: Connection
}

/** Packets may be lost while the relay takes note of a client, so it is sent again. */
const RESEND_MS = 1000
/** As large as a tailnet's own packets. */
const PACKET_SIZE = 1200

/**
 * Goes all the way up.
 * @returns whether the relay admits a key nobody knows
 * @throws PathFault at the first step that fails, or the abort's reason
 */
export async function probeRelay(sessions: RelaySessions, context: CheckContext, log: StepLog): Promise<boolean> {
  const first = await openLogged(sessions, log)
  const plain = await log.run(
    'http',
    () => sessions.ask(first, false),
    ({status}) => `GET /derp: ${status}`,
  )
  sessions.close(first)

  const {nodeKey, meshKey} = await suppliedKeys(sessions, context)
  const connection = await sessions.open()
  const head = await log.run('upgrade', () => switchToDerp(sessions, connection, plain))
  const introduction = {key: nodeKey ?? (await createClientKey()), meshKey}
  const lent = nodeKey !== null || meshKey !== null
  const sender = await log.run('relay', async () => {
    try {
      return {client: await sessions.join(connection, head, introduction), connection}
    } catch (error) {
      if (lent && error instanceof PathFault && error.code === 'restricted')
        throw new PathFault('key-rejected', null, error)
      throw error
    }
  })

  const ms = await log.run('packet', async () => {
    // a lent node key is the only one admitted: its packets come back to itself
    const receiver = nodeKey === null ? await admit(sessions, plain, meshKey) : sender
    return relayPacket(sender, receiver, sessions, context)
  })
  log.record('packet', 'ok', ms)
  if (!lent) return true
  return log.run(
    'unknown-client',
    () => isOpenToAll(sessions, plain),
    (open) => (open ? 'a key nobody knows is admitted too' : 'a key nobody knows is refused'),
  )
}

async function openLogged(sessions: RelaySessions, log: StepLog): Promise<Connection> {
  const start = performance.now()
  let tcpDone: number | null = null
  try {
    const connection = await sessions.open(() => {
      tcpDone = performance.now()
      log.record('tcp', 'ok', tcpDone - start)
    })
    log.record('tls', 'ok', performance.now() - (tcpDone ?? start), sessions.certificate?.protocol)
    return connection
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    log.record(tcpDone === null ? 'tcp' : 'tls', 'failed', performance.now() - (tcpDone ?? start), detail)
    throw error
  }
}

/** The mesh key goes to no relay whose certificate is not checked: it opens the relay to whoever gets hold of it. */
async function suppliedKeys(
  {rule, notes}: RelaySessions,
  {credentials}: CheckContext,
): Promise<{nodeKey: ClientKey | null; meshKey: string | null}> {
  const nodeKey = credentials?.nodeKey == null ? null : await clientKey(credentials.nodeKey)
  const meshKey = credentials?.meshKey ?? null
  if (meshKey === null || rule.kind !== 'insecure') return {nodeKey, meshKey}
  notes.add('the mesh key was not sent: the map has the certificate unchecked (insecurefortests); pin it first')
  return {nodeKey, meshKey: null}
}

async function switchToDerp(sessions: RelaySessions, connection: Connection, plain: HttpHead): Promise<HttpHead> {
  const head = await sessions.ask(connection, true)
  const fault = upgradeFault(plain, head)
  if (fault !== null) throw fault
  return head
}

/** One more client, with a key of its own. `plain` is what GET /derp said. */
export async function admit(sessions: RelaySessions, plain: HttpHead, meshKey: string | null): Promise<Admitted> {
  const connection = await sessions.open()
  const head = await switchToDerp(sessions, connection, plain)
  return {client: await sessions.join(connection, head, {key: await createClientKey(), meshKey}), connection}
}

/**
 * Sends a packet again and again until the other client has it.
 * @returns milliseconds from one client through the relay to the other
 * @throws PathFault
 */
export async function relayPacket(
  sender: Admitted,
  receiver: Admitted,
  sessions: RelaySessions,
  context: CheckContext,
): Promise<number> {
  const payload = Buffer.concat([Buffer.from('headscale-ts derp check '), randomBytes(PACKET_SIZE)]).subarray(
    0,
    PACKET_SIZE,
  )
  const stop = new AbortController()
  const start = performance.now()
  let strange = 0
  void sendUntil(stop.signal, () => sender.client.send(receiver.client.key.public, payload))
  try {
    return await receiver.connection.within(context.timeoutMs, async () => {
      for (;;) {
        const packet = await receiver.client.receive()
        if (packet.source.equals(sender.client.key.public) && packet.payload.equals(payload))
          return performance.now() - start
        strange += 1
      }
    })
  } catch (error) {
    context.signal.throwIfAborted()
    if (sessions.multipleRelays) throw new PathFault('multiple-relays', null, error)
    const fault = protocolFault(error, 'forwarding')
    if (fault.code !== 'timeout') throw fault
    const seen = strange === 0 ? 'the packet never arrived' : `${strange} packets arrived, none of them as it was sent`
    throw new PathFault('no-forwarding', `the relay admits clients, but ${seen}`, error)
  } finally {
    stop.abort()
    const health = receiver.client.health ?? sender.client.health
    if (health !== null) sessions.notes.add(`the relay says: ${health}`)
  }
}

async function sendUntil(signal: AbortSignal, send: () => void): Promise<void> {
  while (!signal.aborted) {
    send()
    await delay(RESEND_MS, null, {signal}).catch(() => {})
  }
}

async function isOpenToAll(sessions: RelaySessions, plain: HttpHead): Promise<boolean> {
  try {
    await admit(sessions, plain, null)
    return true
  } catch (error) {
    if (error instanceof PathFault && error.code === 'restricted') return false
    throw error
  }
}
