/**
 * Probes one relay address: TCP, TLS by the rule of the map, HTTP, the DERP upgrade, admission, and a packet that one
 * client sends and another receives. It stops at the first step at which clients would fail too.
 *
 * With a supplied key there is one more step: whether the relay also admits unknown clients. What a fault means
 * together with STUN and port 80 is decided in diagnose.ts.
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

/** A packet may be lost while the relay registers a client, so it is sent again. */
const RESEND_MS = 1000
/** The size of a full packet in a tailnet. */
const PACKET_SIZE = 1200

/**
 * Runs all steps.
 * @returns whether the relay admits unknown clients
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
  const supplied = nodeKey !== null || meshKey !== null
  const sender = await log.run('relay', async () => {
    try {
      return {client: await sessions.join(connection, head, introduction), connection}
    } catch (error) {
      if (supplied && error instanceof PathFault && error.code === 'restricted')
        throw new PathFault('key-rejected', null, error)
      throw error
    }
  })

  const ms = await log.run('packet', async () => {
    // The supplied node key is the only one admitted, so it sends the packet to itself.
    const receiver = nodeKey === null ? await admit(sessions, plain, meshKey) : sender
    return relayPacket(sender, receiver, sessions, context)
  })
  log.record('packet', 'ok', ms)
  if (!supplied) return true
  return log.run(
    'unknown-client',
    () => isOpenToAll(sessions, plain),
    (open) => (open ? 'unknown clients are admitted too' : 'unknown clients are rejected'),
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

/** The mesh key is not sent to a relay whose certificate is not verified: everyone who has it is admitted everywhere. */
async function suppliedKeys(
  {rule, notes}: RelaySessions,
  {credentials}: CheckContext,
): Promise<{nodeKey: ClientKey | null; meshKey: string | null}> {
  const nodeKey = credentials?.nodeKey == null ? null : await clientKey(credentials.nodeKey)
  const meshKey = credentials?.meshKey ?? null
  if (meshKey === null || rule.kind !== 'insecure') return {nodeKey, meshKey}
  notes.add(
    'the mesh key was not sent, because the map disables certificate verification (insecurefortests); pin the certificate first',
  )
  return {nodeKey, meshKey: null}
}

async function switchToDerp(sessions: RelaySessions, connection: Connection, plain: HttpHead): Promise<HttpHead> {
  const head = await sessions.ask(connection, true)
  const fault = upgradeFault(plain, head)
  if (fault !== null) throw fault
  return head
}

/** Connects one more client with a new key. `plain` is the answer to GET /derp. */
export async function admit(sessions: RelaySessions, plain: HttpHead, meshKey: string | null): Promise<Admitted> {
  const connection = await sessions.open()
  const head = await switchToDerp(sessions, connection, plain)
  return {client: await sessions.join(connection, head, {key: await createClientKey(), meshKey}), connection}
}

/**
 * Sends a packet repeatedly until the other client has received it.
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
  let others = 0
  void sendUntil(stop.signal, () => sender.client.send(receiver.client.key.public, payload))
  try {
    return await receiver.connection.within(context.timeoutMs, async () => {
      for (;;) {
        const packet = await receiver.client.receive()
        if (packet.source.equals(sender.client.key.public) && packet.payload.equals(payload))
          return performance.now() - start
        others += 1
      }
    })
  } catch (error) {
    context.signal.throwIfAborted()
    if (sessions.multipleRelays) throw new PathFault('multiple-relays', null, error)
    const fault = protocolFault(error, 'forwarding')
    if (fault.code !== 'timeout') throw fault
    const seen = others === 0 ? 'the packet did not arrive' : `${others} packets arrived, none of them as sent`
    throw new PathFault('no-forwarding', `the relay admits clients, but ${seen}`, error)
  } finally {
    stop.abort()
    const health = receiver.client.health ?? sender.client.health
    if (health !== null) sessions.notes.add(`the relay reports: ${health}`)
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
