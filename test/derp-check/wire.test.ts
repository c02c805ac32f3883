/** The protocols, compared with bytes recorded from a real derper (fixtures/session.json) and with known vectors. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Duplex} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {ByteReader} from '../../src/derp/net/byte-reader.ts'
import {encodeFrame, FrameReader} from '../../src/derp/check/relay/frames.ts'
import {clientKey, createClientKey, formatNodeKey, parseMeshKey, parseNodeKey} from '../../src/derp/check/relay/keys.ts'
import {decodeServerInfo, decodeServerKey, encodeClientInfo, RelayClient} from '../../src/derp/check/relay/relay.ts'
import {decodeStunResponse, encodeStunRequest, stunTransaction} from '../../src/derp/check/stun/message.ts'

interface ClientRecord {
  secret: string
  public: string
  serverKeyFrame: string
  clientInfoFrame: string
  serverInfoFrame: string
  clientInfoNonce: string
}
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/session.json'), 'utf8')) as {
  keys: {serverPublic: string}
  clientA: ClientRecord
  clientB: ClientRecord
  session: {dir: string; name: string; hex: string; text?: string}[]
  stun: {request: string; txid: string; response: string; responseMeans: string}
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

/** A stream that delivers these bytes in pieces of this size, and records what is written. */
function replay(bytes: Buffer, pieceSize = bytes.length): {stream: Duplex; written: Buffer[]} {
  const written: Buffer[] = []
  let at = 0
  const stream = new Duplex({
    read() {
      this.push(at < bytes.length ? bytes.subarray(at, (at += pieceSize)) : null)
    },
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk)
      done()
    },
  })
  return {stream, written}
}

function relayStream(bytes: Buffer, pieceSize?: number) {
  const {stream, written} = replay(bytes, pieceSize)
  return {reader: new ByteReader(stream), write: (chunk: Uint8Array) => void stream.write(chunk), written}
}

describe('DERP, as recorded from a real derper', () => {
  test.for(['clientA', 'clientB'] as const)('ClientInfo of %s equals the recorded bytes', async (who) => {
    const {secret, public: publicHex, clientInfoNonce, clientInfoFrame} = recorded[who]
    const key = await clientKey(hex(secret))
    expect(Buffer.from(key.public).toString('hex')).toBe(publicHex)
    const frame = await encodeClientInfo(hex(recorded.keys.serverPublic), {
      key,
      meshKey: null,
      nonce: hex(clientInfoNonce),
    })
    expect(frame.toString('hex')).toBe(clientInfoFrame)
  })

  test.for([1, 2, 7, 4096])('the handshake succeeds with %i bytes at a time', async (pieceSize) => {
    const {secret, serverKeyFrame, serverInfoFrame} = recorded.clientA
    const stream = relayStream(hex(serverKeyFrame + serverInfoFrame), pieceSize)
    const shown: string[] = []
    const key = await clientKey(hex(secret))
    const client = await RelayClient.join(stream, {key, meshKey: null}, (serverKey) =>
      shown.push(serverKey.toString('hex')),
    )
    expect(shown).toEqual([recorded.keys.serverPublic])
    expect(client.serverKey.toString('hex')).toBe(recorded.keys.serverPublic)
  })

  test('KeepAlive and frames of unknown types before ServerInfo are skipped', async () => {
    const {secret, serverKeyFrame, serverInfoFrame} = recorded.clientA
    const between = '0600000000' + 'ee00000003aabbcc'
    const stream = relayStream(hex(serverKeyFrame + between + serverInfoFrame))
    const client = await RelayClient.join(stream, {key: await clientKey(hex(secret)), meshKey: null}, () => {})
    expect(client.health).toBeNull()
  })

  test('the recorded packet is sent and received unchanged', async () => {
    const sendPacket = recorded.session.find(({name}) => name === 'SendPacket')!
    const recvPacket = recorded.session.find(({name}) => name === 'RecvPacket')!
    const {secret, serverKeyFrame, serverInfoFrame} = recorded.clientB
    const stream = relayStream(hex(serverKeyFrame + serverInfoFrame + recvPacket.hex))
    const client = await RelayClient.join(stream, {key: await clientKey(hex(secret)), meshKey: null}, () => {})
    const packet = await client.receive()
    expect(packet.source.toString('hex')).toBe(recorded.clientA.public)
    expect(packet.payload.toString()).toBe(sendPacket.text)
    client.send(hex(recorded.clientB.public), packet.payload)
    expect(stream.written.at(-1)!.toString('hex')).toBe(sendPacket.hex)
  })

  test('answers a ping, as ClientInfo promises', async () => {
    const ping = recorded.session.find(({name}) => name === 'Ping')!
    const pong = recorded.session.find(({name}) => name === 'Pong')!
    const {secret, serverKeyFrame, serverInfoFrame} = recorded.clientA
    const stream = relayStream(hex(serverKeyFrame + ping.hex + serverInfoFrame))
    await RelayClient.join(stream, {key: await clientKey(hex(secret)), meshKey: null}, () => {})
    expect(stream.written.at(-1)!.toString('hex')).toBe(pong.hex)
  })

  test('a ServerInfo for another client cannot be decrypted', async () => {
    const payload = hex(recorded.clientB.serverInfoFrame).subarray(5)
    const key = await clientKey(hex(recorded.clientA.secret))
    await expect(decodeServerInfo(payload, hex(recorded.keys.serverPublic), key)).rejects.toThrow(
      'ServerInfo cannot be decrypted with the server key',
    )
  })

  test.for([
    ['too short', 1, '44455250f09f9491' + '00'.repeat(31), 'the server key frame is too short'],
    ['without the magic', 1, '44455250f09f9492' + '00'.repeat(32), 'the server key frame lacks the DERP magic'],
    ['of another type', 6, '44455250f09f9491' + '00'.repeat(32), 'the first frame is not the server key'],
  ] as const)('a first frame %s is refused', ([, type, payload, message]) => {
    expect(() => decodeServerKey({type, payload: hex(payload)})).toThrow(message)
  })

  test('a server key frame may be longer, as in later releases', () => {
    const payload = hex('44455250f09f9491' + recorded.keys.serverPublic + 'ff')
    expect(decodeServerKey({type: 1, payload}).toString('hex')).toBe(recorded.keys.serverPublic)
  })
})

describe('frames', () => {
  const read = (bytes: Buffer) => new FrameReader(new ByteReader(replay(bytes).stream)).next()

  test.for([
    ['a server key of 1 MiB', '0100100000', 'oversized: frame 0x01 of 1048576 bytes, at most 1024 allowed'],
    [
      'a packet one byte above what relays forward',
      '0500010021',
      'oversized: frame 0x05 of 65569 bytes, at most 65568 allowed',
    ],
    ['an unknown frame of 4 GiB', 'eeffffffff', 'oversized: frame 0xee of 4294967295 bytes, at most 1048576 allowed'],
    ['the end within a header', '0100', 'closed: the connection was closed'],
    ['the end within a payload', '0600000004aabb', 'closed: the connection was closed'],
  ] as const)('%s', async ([, bytes, problem]) => {
    const fault = await read(hex(bytes)).catch(
      (error: {fault: string; message: string}) => `${error.fault}: ${error.message}`,
    )
    expect(fault).toBe(problem)
  })

  test('the number of unrequested frames is limited', async () => {
    const frames = new FrameReader(new ByteReader(replay(Buffer.alloc(5 * 3000, hex('ee00000000'))).stream))
    await expect(frames.next()).rejects.toMatchObject({fault: 'flood'})
  })

  test('a header contains the total length of the parts', () => {
    expect(encodeFrame(4, hex('aabb'), hex('cc')).toString('hex')).toBe('0400000003aabbcc')
  })
})

describe('STUN', () => {
  test('the request is the recorded one: SOFTWARE, and FINGERPRINT last', () => {
    expect(encodeStunRequest(hex(recorded.stun.txid)).toString('hex')).toBe(recorded.stun.request)
  })

  test.for([
    ['as recorded', recorded.stun.response, {address: '127.0.0.1', port: 44_344}],
    [
      'IPv4',
      '0101000c2112a4420102030405060708090a0b0c00200008000183bbe721c045',
      {address: '198.51.100.7', port: 41_641},
    ],
    [
      'IPv6',
      '010100182112a4420102030405060708090a0b0c00200014000283bb0113a9fa0102030405060708090a0b0b',
      {address: '2001:db8::7', port: 41_641},
    ],
    [
      'IPv4 mapped into IPv6, as a server on [::] sends it',
      '010100182112a4420102030405060708090a0b0c00200014000283bb2112a442010203040506f8f7cf396f0b',
      {address: '198.51.100.7', port: 41_641},
    ],
    [
      'the old number of the attribute',
      '0101000c2112a4420102030405060708090a0b0c80200008000183bbe721c045',
      {address: '198.51.100.7', port: 41_641},
    ],
    [
      'the plain form alone',
      '0101000c2112a4420102030405060708090a0b0c000100080001a2a9c6336407',
      {address: '198.51.100.7', port: 41_641},
    ],
    [
      'an attribute of odd length before it, bytes after the end',
      '010100142112a4420102030405060708090a0b0c8022000161000000' + '00200008000183bbe721c045' + 'ffff',
      {address: '198.51.100.7', port: 41_641},
    ],
    ['a binding error', '0111000c2112a4420102030405060708090a0b0c00200008000183bbe721c045', null],
    ['a length beyond the packet', '010100ff2112a4420102030405060708090a0b0c00200008000183bbe721c045', null],
    ['an attribute beyond the packet', '0101000c2112a4420102030405060708090a0b0c002000ff000183bbe721c045', null],
    ['an address of no family', '0101000c2112a4420102030405060708090a0b0c00200008000383bbe721c045', null],
    ['no address', '010100002112a4420102030405060708090a0b0c', null],
    ['a request', recorded.stun.request, null],
    ['another cookie', '0101000c2112a4430102030405060708090a0b0c00200008000183bbe721c045', null],
    ['three bytes', '010100', null],
  ] as const)('reads %s', ([, packet, address]) => {
    expect(decodeStunResponse(hex(packet))).toEqual(address)
  })

  test('packets are identified by their transaction', () => {
    expect(stunTransaction(hex(recorded.stun.response))).toBe(recorded.stun.txid)
    expect(stunTransaction(Buffer.alloc(40))).toBeNull()
  })
})

describe('keys', () => {
  const digits = recorded.clientA.secret
  const profile = (key: string) =>
    Buffer.from(
      JSON.stringify({ControlURL: 'https://headscale.example', Config: {PrivateNodeKey: `privkey:${key}`}}, null, '\t'),
    ).toString('base64')

  test.for([
    ['one line', `privkey:${digits}\n`],
    ['digits alone', digits.toUpperCase()],
    [
      "derper's or headscale's JSON is no node's, tailscaled.state is",
      JSON.stringify({_machinekey: 'cHJpdmtleQ==', 'profile-1a2b': profile(digits)}),
    ],
  ] as const)('a node key from %s', ([, content]) => {
    expect(Buffer.from(parseNodeKey(content, 'key')).toString('hex')).toBe(digits)
  })

  test.for([
    ['nothing', '', 'key contains no node key'],
    ['a public key', `nodekey:${digits}`, 'key contains no node key'],
    ['zeros', '0'.repeat(64), 'key contains no node key'],
    [
      'two profiles',
      JSON.stringify({a: profile(digits), b: profile('ab'.repeat(32))}),
      'key contains more than one node key',
    ],
  ] as const)('no node key from %s', ([, content, message]) => {
    expect(() => parseNodeKey(content, 'key')).toThrow(message)
  })

  test('white space around the 64 hex digits of a mesh key is ignored', () => {
    expect(parseMeshKey(`${digits.toUpperCase()}\n`, 'psk')).toBe(digits)
    expect(() => parseMeshKey('secret', 'psk')).toThrow('psk contains no mesh key')
  })

  test('every check has a new key', async () => {
    const [one, two] = [await createClientKey(), await createClientKey()]
    expect(formatNodeKey(one.public)).toMatch(/^nodekey:[0-9a-f]{64}$/)
    expect(formatNodeKey(one.public)).not.toBe(formatNodeKey(two.public))
  })
})
