/** Malicious peers: each check ends with a verdict, in bounded time and memory. */
import {randomBytes} from 'node:crypto'
import type {Socket} from 'node:net'
import {afterEach, describe, expect, test} from 'vitest'
import {fetchCertificate} from '../../src/derp/cert/fetch-certificate.ts'
import {checkMap} from '../../src/derp/check/check-map.ts'
import {createMap, createRegion} from '../../src/derp/map.ts'
import {checkOne, nodeAt, summaryOf} from './support/check-one.ts'
import {frame, startFakeRelay, startRawServer} from './support/fake-relay.ts'
import type {FakeRelayOptions} from './support/fake-relay.ts'

const opened: {close(): Promise<unknown>}[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

/** Writes as long as the other side reads. */
function pour(socket: Socket, chunk: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
    if (!socket.destroyed) socket.once('drain', more)
  }
  more()
}

const TIMEOUT = 1000
/** Each step has TIMEOUT, all together three times that; the rest allows for a busy machine. */
const LIMIT = 3 * TIMEOUT + 1500

async function against(port: number, pin = ''): Promise<{line: string; ms: number; megabytes: number}> {
  const before = process.memoryUsage().rss
  const start = performance.now()
  const node = await checkOne(nodeAt(port, pin === '' ? {insecureForTests: true} : {certName: pin}), {
    timeoutMs: TIMEOUT,
  })
  const megabytes = (process.memoryUsage().rss - before) / 2 ** 20
  return {line: summaryOf(node)[0]!, ms: performance.now() - start, megabytes}
}

describe('on the TCP port', () => {
  test.for<[string, (socket: Socket) => void, RegExp]>([
    ['silence', () => {}, /^timeout \(broken\): TLS: no answer within 1000 ms$/],
    ['random bytes', (socket) => void socket.end(randomBytes(4096)), /^not-tls \(broken\): not TLS: ERR_SSL_/],
    ['endless random bytes', (socket) => pour(socket, randomBytes(65_536)), /^not-tls \(broken\): not TLS: ERR_SSL_/],
    [
      'a TLS record that never ends',
      (socket) => void socket.write(Buffer.from('1603034000', 'hex')),
      /^timeout \(broken\): TLS: no answer/,
    ],
    [
      'a TLS record sent slowly, byte by byte',
      (socket) => {
        const timer = setInterval(() => socket.write(Buffer.from([0x16])), 50)
        socket.on('close', () => clearInterval(timer))
      },
      /^(?:timeout|not-tls) \(broken\): /,
    ],
    [
      'a close at once',
      (socket) => void socket.end(),
      /^tls-failed \(broken\): the connection was closed during the TLS handshake$/,
    ],
    [
      'a reset',
      (socket) => void socket.resetAndDestroy(),
      /^tls-failed \(broken\): the connection was closed during the TLS handshake$/,
    ],
    [
      'an SSH banner',
      (socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
      /^not-tls \(broken\): not TLS: ERR_SSL_/,
    ],
  ])('%s', async ([, talk, expected]) => {
    const server = await startRawServer(talk)
    opened.push(server)
    const {line, ms} = await against(server.port)
    expect(line).toMatch(expected)
    expect(ms).toBeLessThan(LIMIT)
  })
})

describe('after TLS', () => {
  const endless = 'HTTP/1.1 200 OK\r\n' + 'X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(2000)
  const pouring = (chunk: Buffer): FakeRelayOptions => ({afterUpgrade: (socket) => pour(socket, chunk)})
  const dripping = (bytes: Buffer): FakeRelayOptions => ({
    afterUpgrade(socket) {
      let at = 0
      const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 60)
      socket.on('close', () => clearInterval(timer))
    },
  })
  const frames = (one: Buffer): Buffer => Buffer.concat(Array.from({length: 2000}, () => one))

  test.for<[string, FakeRelayOptions, RegExp]>([
    [
      'a head without an end',
      {page: endless},
      /^protocol-error \(broken\): HTTP: no end of the header within 16384 bytes$/,
    ],
    [
      'an endless head after an upgrade',
      {upgradeAnswer: endless},
      /^protocol-error \(broken\): upgrade: no end of the header/,
    ],
    [
      'a body that is announced and never sent',
      {page: 'HTTP/1.1 426 X\r\nContent-Length: 99\r\n\r\n'},
      /^protocol-error \(broken\): HTTP: the connection was closed$/,
    ],
    ['endless random bytes', pouring(randomBytes(65_536)), /^protocol-error \(broken\): before the server key: /],
    [
      'a frame of 4 GiB',
      pouring(frame(1, Buffer.alloc(65_536), 0xffffffff)),
      /^protocol-error .*frame 0x01 of 4294967295 bytes, at most 1024 allowed$/,
    ],
    [
      'an unknown frame of 2 MiB',
      pouring(frame(0xee, Buffer.alloc(65_536), 2 << 20)),
      /^protocol-error .*frame 0xee of 2097152 bytes, at most 1048576 allowed$/,
    ],
    [
      'endless unknown frames of 1 MiB',
      pouring(frame(0xee, Buffer.alloc(1 << 20))),
      /^protocol-error .*more than 2000 frames or 8 MiB/,
    ],
    ['endless empty frames', pouring(frames(frame(0xee))), /^protocol-error .*more than 2000 frames or 8 MiB/],
    [
      'the server key sent byte by byte',
      dripping(frame(1, Buffer.alloc(40))),
      /^timeout \(broken\): before the server key: no answer within 1000 ms$/,
    ],
    [
      'KeepAlive for ever instead of ServerInfo',
      {afterClientInfo: (socket) => pour(socket, frames(frame(6)))},
      /^protocol-error \(broken\): admission: more than 2000 frames or 8 MiB that were not requested$/,
    ],
    [
      'endless pings from a relay that never reads',
      {
        afterClientInfo(socket) {
          socket.pause()
          pour(socket, frames(frame(0x12, Buffer.alloc(8))))
        },
      },
      /^protocol-error \(broken\): admission: more than 2000 frames or 8 MiB/,
    ],
  ])('%s', async ([, options, expected]) => {
    const fake = await startFakeRelay(options)
    opened.push(fake)
    const {line, ms, megabytes} = await against(fake.port, fake.pin)
    expect(line).toMatch(expected)
    expect(ms).toBeLessThan(LIMIT)
    // The fake relay fills buffers in the same process, so the limit is far above what the check uses.
    expect(megabytes).toBeLessThan(150)
  })
})

test('the check of a relay that is slow at every step ends after the total timeout', async () => {
  const fake = await startFakeRelay({lateMs: 850})
  opened.push(fake)
  const {line, ms} = await against(fake.port, fake.pin)
  expect(line).toBe('timeout (broken): slow at every step; gave up after 3 s')
  expect(ms).toBeLessThan(LIMIT)
})

test('control characters from other servers are escaped for the terminal', async () => {
  const {checkReport} = await import('../../src/derp/check/output/check-report.ts')
  const evil = 'HTTP/1.1 404 Not Found\r\nServer: \u001b]0;owned\u0007\u001b[31mred\r\n\r\n'
  const fake = await startFakeRelay({page: evil, upgradeAnswer: evil})
  opened.push(fake)
  const node = nodeAt(fake.port, {certName: fake.pin, name: 'a\u001b[2J'})
  const region = createRegion({regionId: 900, regionCode: '\u202eevil', regionName: 'x\ny', nodes: [node]})
  const signal = new AbortController().signal
  const result = await checkMap(createMap([region]), {target: 'test', signal, timeoutMs: 1000})
  const report = await checkReport(result, (_, text) => text)
  expect(report).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
  expect(report.split('\n')[0]).toBe('Region 900 \\u202eevil (x\\ny): broken')
  expect(report).toContain('by \\x1b]0;owned\\x07\\x1b[31mred')
})

test('an abort ends a check at once, with its reason', async () => {
  const server = await startRawServer(() => {})
  opened.push(server)
  const controller = new AbortController()
  const start = performance.now()
  const map = createMap([createRegion({regionId: 900, nodes: [nodeAt(server.port), nodeAt(server.port)]})])
  const check = checkMap(map, {target: 'test', signal: controller.signal, timeoutMs: 60_000})
  setTimeout(() => controller.abort(new Error('enough')), 100)
  await expect(check).rejects.toThrow('enough')
  expect(performance.now() - start).toBeLessThan(2000)
})

test('the pin of a server without TLS is an error, in time', async () => {
  const server = await startRawServer(() => {})
  opened.push(server)
  const asked = fetchCertificate(
    {host: '127.0.0.1', port: server.port},
    {timeoutMs: 300, signal: new AbortController().signal},
  )
  await expect(asked).rejects.toMatchObject({
    code: 'unreachable',
    message: `no certificate from 127.0.0.1:${server.port}: TLS: no answer within 300 ms`,
  })
})
