/**
 * A DERP relay whose behaviour a test controls, especially faults that a real relay does not show.
 *
 * It opens real sockets on loopback and implements the server's side of the protocol itself (no code from
 * src/derp/check), so that a mistake in one is found by the other. Real relays are in test/real.
 */
import {randomBytes} from 'node:crypto'
import {createServer as createTcpServer} from 'node:net'
import type {AddressInfo, Server, Socket} from 'node:net'
import {createServer as createTlsServer} from 'node:tls'
import nacl from 'tweetnacl'
import {createRelayCertificate} from '../../../src/derp/cert/create.ts'
import type {RelayCertificate} from '../../../src/derp/cert/create.ts'

const MAGIC = Buffer.from('44455250f09f9491', 'hex')

export interface FakeRelayOptions {
  /** Certificate and key (PEM). Default: a fresh one for 127.0.0.1. */
  certificate?: Pick<RelayCertificate, 'certificatePem' | 'keyPem' | 'pin'>
  /** Whether to admit a client with this public key (hex) and ClientInfo. Default: all clients. */
  admits?: (key: string, info: Record<string, unknown>) => boolean
  /** The answer to GET /derp without an upgrade. */
  page?: string
  /** The whole answer to the upgrade, instead of 101. */
  upgradeAnswer?: string
  /** Bytes instead of the ServerKey frame and everything after it. Called repeatedly while the client reads. */
  afterUpgrade?: (socket: Socket) => void
  /** Bytes instead of ServerInfo. */
  afterClientInfo?: (socket: Socket, serverSecret: Uint8Array, clientKey: Uint8Array) => void
  /** Frames after ServerInfo. */
  afterServerInfo?: Buffer
  /** More bytes at the end of the server key frame. */
  longerKeyFrame?: Buffer
  /** Frames before ServerInfo. */
  beforeServerInfo?: Buffer
  /** Changes a packet; null drops it. Default: unchanged. */
  relays?: (source: Buffer, payload: Buffer) => {source: Buffer; payload: Buffer} | null
  /** Clients of this relay and of those it is meshed with, by public key. Default: only its own. */
  clients?: Map<string, Socket>
  /** A new server key for every connection. */
  changingKey?: boolean
  /** Delay of every answer in milliseconds. */
  lateMs?: number
  /** Writes byte by byte. */
  dribbles?: boolean
  /** Another key for the HTTP header. */
  keyInHead?: string
}

export interface FakeRelay {
  port: number
  pin: string
  /** Number of connections that were opened. */
  connections: () => number
  /** ClientInfo of every client so far. */
  introductions: Record<string, unknown>[]
  close(): Promise<void>
}

export function frame(type: number, payload: Uint8Array = new Uint8Array(), claimedLength = payload.length): Buffer {
  const header = Buffer.from([type, 0, 0, 0, 0])
  header.writeUInt32BE(claimedLength, 1)
  return Buffer.concat([header, payload])
}

const PAGE = 'HTTP/1.1 426 Upgrade Required\r\nContent-Length: 32\r\n\r\nDERP requires connection upgrade'

export async function startFakeRelay(options: FakeRelayOptions = {}): Promise<FakeRelay> {
  const certificate = options.certificate ?? (await selfSigned())
  const clients = options.clients ?? new Map<string, Socket>()
  const introductions: Record<string, unknown>[] = []
  const firstKey = nacl.box.keyPair()
  let connections = 0

  const talk = (socket: Socket, key: nacl.BoxKeyPair): void => {
    let bytes = Buffer.alloc(0)
    let phase: 'http' | 'info' | 'frames' = 'http'
    let own = ''
    const write = (data: Buffer | string, end = false): void => {
      if (options.lateMs !== undefined) setTimeout(() => (end ? socket.end(data) : socket.write(data)), options.lateMs)
      else if (end) socket.end(data)
      else if (options.dribbles === true) for (const byte of Buffer.from(data)) socket.write(Buffer.from([byte]))
      else socket.write(data)
    }
    socket.on('error', () => {})
    socket.on('close', () => clients.get(own) === socket && clients.delete(own))
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (phase === 'http') {
        const end = bytes.indexOf('\r\n\r\n')
        if (end < 0) return
        const head = bytes.toString('latin1', 0, end)
        bytes = bytes.subarray(end + 4)
        if (!/^upgrade: derp/im.test(head)) return write(options.page ?? PAGE, true)
        if (options.upgradeAnswer !== undefined) return void socket.end(options.upgradeAnswer)
        const hex = options.keyInHead ?? Buffer.from(key.publicKey).toString('hex')
        const switching = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: DERP\r\nConnection: Upgrade\r\nDerp-Version: 2\r\nDerp-Public-Key: ${hex}\r\n\r\n`
        if (options.afterUpgrade !== undefined) {
          socket.write(switching)
          return options.afterUpgrade(socket)
        }
        write(
          Buffer.concat([
            Buffer.from(switching),
            frame(1, Buffer.concat([MAGIC, key.publicKey, options.longerKeyFrame ?? Buffer.alloc(0)])),
          ]),
        )
        phase = 'info'
      }
      while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1)) {
        const type = bytes.readUInt8(0)
        const payload = Buffer.from(bytes.subarray(5, 5 + bytes.readUInt32BE(1)))
        bytes = bytes.subarray(5 + payload.length)
        if (phase === 'info') {
          const publicKey = payload.subarray(0, 32)
          own = publicKey.toString('hex')
          const text = nacl.box.open(payload.subarray(56), payload.subarray(32, 56), publicKey, key.secretKey)
          if (type !== 2 || text === null) return void socket.destroy()
          const info = JSON.parse(Buffer.from(text).toString()) as Record<string, unknown>
          introductions.push(info)
          if (options.afterClientInfo !== undefined) return options.afterClientInfo(socket, key.secretKey, publicKey)
          if (options.admits?.(own, info) === false) return void socket.end()
          if (options.beforeServerInfo !== undefined) socket.write(options.beforeServerInfo)
          write(serverInfo(key.secretKey, publicKey))
          if (options.afterServerInfo !== undefined) socket.write(options.afterServerInfo)
          clients.set(own, socket)
          phase = 'frames'
        } else if (type === 4) {
          const source = Buffer.from(own, 'hex')
          const sent = {source, payload: payload.subarray(32)}
          const passed = options.relays === undefined ? sent : options.relays(sent.source, sent.payload)
          const target = clients.get(payload.toString('hex', 0, 32))
          if (passed !== null) target?.write(frame(5, Buffer.concat([passed.source, passed.payload])))
        }
      }
    })
  }
  const server = createTlsServer({cert: certificate.certificatePem, key: certificate.keyPem}, (socket) => {
    connections += 1
    talk(socket, options.changingKey === true ? nacl.box.keyPair() : firstKey)
  })
  server.on('tlsClientError', () => {})
  const {port, close} = await listen(server)
  return {port, pin: certificate.pin, connections: () => connections, introductions, close}
}

export function serverInfo(serverSecret: Uint8Array, clientKey: Uint8Array, text = '{"version":2}'): Buffer {
  const nonce = randomBytes(24)
  return frame(3, Buffer.concat([nonce, nacl.box(Buffer.from(text), nonce, clientKey, serverSecret)]))
}

/** A certificate for 127.0.0.1, valid or expired. */
export function selfSigned(
  host: {kind: 'ip' | 'dns'; name: string} = {kind: 'ip', name: '127.0.0.1'},
  {notBefore = new Date(Date.now() - 3_600_000), days = 365}: {notBefore?: Date; days?: number} = {},
): Promise<RelayCertificate> {
  return createRelayCertificate(host, {days, notBefore})
}

/** A plain TCP server. */
export async function startRawServer(
  talk: (socket: Socket) => void,
): Promise<{port: number; close: () => Promise<void>}> {
  return listen(createTcpServer(talk))
}

async function listen(server: Server): Promise<{port: number; close: () => Promise<void>}> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return {port: (server.address() as AddressInfo).port, close}
}
