/** One relay with one fault at a time: each fault has its own verdict and fix. */
import {randomBytes} from 'node:crypto'
import {createServer as createHttpServer} from 'node:http'
import {createSecureServer} from 'node:http2'
import {SocketAddress, isIP} from 'node:net'
import type {AddressInfo} from 'node:net'
import {afterEach, describe, expect, test} from 'vitest'
import {clientKey} from '../../src/derp/check/relay/keys.ts'
import {mappedAddressProblem} from '../../src/derp/check/stun/mapped-address.ts'
import {issueChain} from './support/chain.ts'
import {checkOne, checkRegion, nodeAt, stepsOf, summaryOf} from './support/check-one.ts'
import {frame, selfSigned, startFakeRelay, startRawServer} from './support/fake-relay.ts'
import type {FakeRelayOptions} from './support/fake-relay.ts'
import {startFakeStun, stunAnswer} from './support/fake-stun.ts'

const opened: {close(): Promise<unknown>}[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})
async function relay(options: FakeRelayOptions = {}) {
  const fake = await startFakeRelay(options)
  opened.push(fake)
  return fake
}
async function stun(answer = stunAnswer) {
  const fake = await startFakeStun(answer)
  opened.push(fake)
  return fake
}

/** The 16 bytes of an IPv6 address; a mapped IPv4 address included. */
function v6Bytes(address: string): number[] {
  if (address.startsWith('::ffff:')) return [...Buffer.alloc(10), 255, 255, ...address.slice(7).split('.').map(Number)]
  const [front = '', back = ''] = new SocketAddress({address, family: 'ipv6'}).address.split('::')
  const groups = (text: string) => text.split(':').filter((group) => group !== '')
  const zeros = Array.from({length: 8 - groups(front).length - groups(back).length}, () => '0')
  return [...groups(front), ...zeros, ...groups(back)].flatMap((group) => [
    parseInt(group, 16) >> 8,
    parseInt(group, 16) & 255,
  ])
}

const RESTRICTED_FIX =
  'expected for a relay that verifies clients (use --expect restricted, or --node-key-file to be admitted); it looks the same when the tailscaled or URL that decides is down'
const MISBEHAVES_FIX = 'check what listens there, and update derper'
const NO_STUN = 'note: no STUN in the map: clients do not choose the region as home while another region answers'

describe('a relay that works', () => {
  test('with a pin: every step succeeds, and a packet is forwarded', async () => {
    const [fake, {port: stunPort}] = [await relay(), await stun()]
    const node = await checkOne(nodeAt(fake.port, {certName: fake.pin, stunPort}))
    const [path] = node.paths
    expect(summaryOf(node)).toEqual(['works (ok): works: a packet went through it'])
    expect(stepsOf(path!)).toEqual(['tcp ok', 'tls ok', 'http ok', 'upgrade ok', 'relay ok', 'packet ok', 'stun ok'])
    expect(path).toMatchObject({mapped: '198.51.100.7:41641', openToAll: true, notes: []})
    expect(fake.introductions).toEqual([
      {version: 2, CanAckPings: true, IsProber: true},
      {version: 2, CanAckPings: true, IsProber: true},
    ])
  })

  test('may send its bytes one by one, with KeepAlive, Health and unknown frames between them', async () => {
    const beforeServerInfo = Buffer.concat([
      frame(6),
      frame(0x14, Buffer.from('overloaded')),
      frame(0xee, Buffer.alloc(9000)),
    ])
    const fake = await relay({dribbles: true, beforeServerInfo})
    const {verdict, paths} = await checkOne(nodeAt(fake.port, {certName: fake.pin}))
    expect(verdict.code).toBe('works')
    expect(paths[0]!.notes[0]).toBe('the relay reports: overloaded')
  })

  test('a longer server key frame, and the largest packet of an unknown client, are skipped', async () => {
    const afterServerInfo = frame(5, randomBytes(32 + 65_536))
    const fake = await relay({longerKeyFrame: Buffer.from([1]), afterServerInfo})
    expect((await checkOne(nodeAt(fake.port, {certName: fake.pin}))).verdict.code).toBe('works')
  })

  test("headscale's own relay writes nodekey: before the key in the HTTP head", async () => {
    const fake = await relay({keyInHead: `nodekey:${'ab'.repeat(32)}`})
    const {paths} = await checkOne(nodeAt(fake.port, {certName: fake.pin}))
    expect(paths[0]!.notes[0]).toBe('the HTTP header has another server key than the relay')
  })

  test('behind a name for which DNS returns the same address twice', async () => {
    const certificate = await selfSigned({kind: 'dns', name: 'derp.example.com'})
    const fake = await relay({certificate})
    const node = nodeAt(fake.port, {hostName: 'derp.example.com', certName: fake.pin, ipv4: '', ipv6: ''})
    const lookup = async () => [
      {address: '127.0.0.1', family: 4},
      {address: '127.0.0.1', family: 4},
    ]
    const {verdict, paths, dnsMs} = await checkOne(node, {lookup})
    expect([verdict.code, paths.length, typeof dnsMs]).toEqual(['works', 1, 'number'])
  })
})

describe('certificates, by the rules of clients', () => {
  const day = 86_400_000
  const expectSummary = async (options: FakeRelayOptions, given: (pin: string) => Parameters<typeof nodeAt>[1]) => {
    const fake = await relay(options)
    const {paths, verdict} = await checkOne(nodeAt(fake.port, given(fake.pin)))
    return {
      lines: summaryOf(paths[0]!).filter((line) => line !== NO_STUN),
      pin: fake.pin,
      code: verdict.code,
      steps: stepsOf(paths[0]!),
    }
  }

  test('self-signed without a pin in the map', async () => {
    const {lines, pin, steps} = await expectSummary({}, () => ({}))
    expect(lines).toEqual([
      'certificate-rejected (broken): the certificate is not signed by an authority that clients trust',
      'expected: a certificate of a trusted authority',
      `found: self-signed, ${pin}`,
      'fix: a self-signed certificate needs its pin in the map (headscale-ts derp pin HOST:PORT)',
    ])
    expect(steps).toEqual(['tcp ok', 'tls failed'])
  })

  test('another pin', async () => {
    const expected = `sha256-raw:${'0'.repeat(64)}`
    const {lines, pin} = await expectSummary({}, () => ({certName: expected}))
    expect(lines).toEqual([
      'certificate-rejected (broken): the certificate is not the pinned one',
      `expected: ${expected}`,
      `found: ${pin}`,
      'fix: if the certificate was renewed, put the new pin into the map; otherwise another server answers here',
    ])
  })

  test('the right pin in upper case, which clients compare as text', async () => {
    const {lines, pin} = await expectSummary({}, (own) => ({
      certName: own.toUpperCase().replace('SHA256-RAW', 'sha256-raw'),
    }))
    expect(lines[0]).toBe('certificate-rejected (broken): the pin in the map matches no certificate at all')
    expect(lines.at(-1)).toBe(
      `fix: clients compare the text: if this is your relay, write certname: ${pin} (64 lower-case hex digits)`,
    )
  })

  test('the right pin in the notation of openssl, which clients read as a name', async () => {
    const {lines, pin} = await expectSummary({}, (own) => ({
      certName: own.replace('sha256-raw:', '').toUpperCase().match(/../g)!.join(':'),
    }))
    expect(lines[0]).toBe('certificate-rejected (broken): the pin in the map matches no certificate at all')
    expect(lines.at(-1)).toBe(`fix: clients read it as a DNS name: write certname: ${pin}`)
  })

  test('a wrong pin is rejected with insecurefortests too', async () => {
    const certName = `sha256-raw:${'0'.repeat(64)}`
    const {code} = await expectSummary({}, () => ({certName, insecureForTests: true}))
    expect(code).toBe('certificate-rejected')
  })

  test('expired, though pinned', async () => {
    const certificate = await selfSigned(undefined, {notBefore: new Date('2025-01-01T00:00:00Z'), days: 30})
    const {lines} = await expectSummary({certificate}, (certName) => ({certName}))
    expect(lines).toEqual([
      'certificate-rejected (broken): the certificate has expired',
      `expected: valid on ${new Date().toISOString().slice(0, 10)}`,
      'found: expired on 2025-01-31',
      'fix: renew it and restart derper, which reads its certificate once; a pin changes with it',
    ])
  })

  test("derper's metacert does not count as part of the chain, even if it is expired", async () => {
    const leaf = await selfSigned()
    const old = {notBefore: new Date('2025-01-01T00:00:00Z'), days: 30}
    const metacert = await selfSigned({kind: 'dns', name: `derpkey${'ab'.repeat(32)}`}, old)
    const certificate = {...leaf, certificatePem: leaf.certificatePem + metacert.certificatePem}
    const {code} = await expectSummary({certificate}, (certName) => ({certName}))
    expect(code).toBe('works')
    const fake = await relay({certificate})
    const trusted = await checkOne(nodeAt(fake.port), {moreRoots: [leaf.certificatePem]})
    expect(trusted.verdict.code).toBe('works')
  })

  test('not valid yet', async () => {
    const certificate = await selfSigned(undefined, {notBefore: new Date(Date.now() + day)})
    const {lines} = await expectSummary({certificate}, (certName) => ({certName}))
    expect(lines[0]).toBe('certificate-rejected (broken): the certificate is not valid yet')
  })

  test('expired and for another name: clients accept it with insecurefortests', async () => {
    const certificate = await selfSigned(
      {kind: 'dns', name: 'a.example'},
      {notBefore: new Date('2025-01-01T00:00:00Z'), days: 30},
    )
    const {lines} = await expectSummary({certificate}, () => ({insecureForTests: true}))
    expect(lines).toEqual([
      'works (ok): works: a packet went through it',
      `note: clients accept any certificate here (insecurefortests); pin this one instead: certname: ${certificate.pin}`,
    ])
  })

  test('for another name than the DNS name in HostName, though pinned', async () => {
    const {lines} = await expectSummary({}, (certName) => ({certName, hostName: 'derp.example.com'}))
    expect(lines).toEqual([
      'certificate-rejected (broken): the certificate is for another name',
      'expected: derp.example.com',
      'found: IP Address:127.0.0.1',
      'fix: serve a certificate for derp.example.com, or correct hostname in the map',
    ])
  })

  test('a trusted one for any name is accepted if HostName is an address', async () => {
    const certificate = await selfSigned({kind: 'dns', name: 'a.example'})
    const fake = await relay({certificate})
    const {paths} = await checkOne(nodeAt(fake.port), {moreRoots: [certificate.certificatePem]})
    expect(summaryOf(paths[0]!)).toEqual([
      'works (ok): works: a packet went through it',
      'note: clients accept a trusted certificate for any name here, because hostname is an address; a pin is stricter',
      NO_STUN,
    ])
  })

  test('a trusted one is compared with CertName if that is another name', async () => {
    const certificate = await selfSigned({kind: 'dns', name: 'front.example'})
    const fake = await relay({certificate})
    const moreRoots = [certificate.certificatePem]
    const node = (certName: string) =>
      nodeAt(fake.port, {hostName: 'derp.example.com', certName, insecureForTests: true})
    expect((await checkOne(node('front.example'), {moreRoots})).verdict.code).toBe('works')
    expect(summaryOf(await checkOne(node('other.example'), {moreRoots}))[1]).toBe('expected: other.example')
  })

  test('a chain without its intermediate, which browsers accept', async () => {
    const chain = await issueChain()
    const {lines} = await expectSummary({certificate: {...chain, certificatePem: chain.leafPem}}, () => ({}))
    expect(lines).toEqual([
      'certificate-rejected (broken): the certificate is not signed by an authority that clients trust',
      'expected: a certificate of a trusted authority',
      'found: UNABLE_TO_VERIFY_LEAF_SIGNATURE, issued by CN=Test authority',
      "fix: the intermediate is missing: derper's .crt must contain the full chain, leaf first (browsers hide this)",
    ])
  })

  test('a chain to an untrusted authority', async () => {
    const {lines} = await expectSummary({certificate: await issueChain()}, () => ({}))
    expect(lines.slice(2)).toEqual([
      'found: SELF_SIGNED_CERT_IN_CHAIN, issued by CN=Test authority',
      'fix: serve a publicly trusted certificate, or a self-signed one with its pin in the map',
    ])
  })

  test('a chain where a pin requires a single certificate', async () => {
    const chain = await issueChain()
    const {lines} = await expectSummary({certificate: chain}, () => ({certName: chain.pin}))
    expect(lines[0]).toBe('certificate-rejected (broken): clients accept a pin for a single certificate only')
    expect(lines[2]).toBe('found: 2 certificates')
  })

  test.for([
    [5, 365, 'certificate-expires-soon (degraded): the certificate expires in 4 days'],
    [1, 365, 'certificate-expires-soon (degraded): the certificate expires in 0 days'],
    [20, 365, 'works (ok): works: a packet went through it', 'note: the certificate expires in 19 days'],
    [5, 6, 'works (ok): works: a packet went through it', 'note: the certificate expires in 4 days'],
    [200, 365, 'works (ok): works: a packet went through it'],
  ] as const)('%i days left of %i', async ([left, life, ...expected]) => {
    const certificate = await selfSigned(undefined, {
      notBefore: new Date(Date.now() - (life - left) * day - 1000),
      days: life,
    })
    const {lines} = await expectSummary({certificate}, (certName) => ({certName}))
    expect(lines.filter((line) => !line.startsWith('fix'))).toEqual(expected)
  })
})

describe('admission', () => {
  test('closed before ServerInfo: restricted, which looks the same as a stopped tailscaled', async () => {
    const fake = await relay({admits: () => false})
    const {paths} = await checkOne(nodeAt(fake.port, {certName: fake.pin}))
    expect(summaryOf(paths[0]!)).toEqual([
      'restricted (restricted): the relay is running, but closed the connection before it admitted the check',
      `fix: ${RESTRICTED_FIX}`,
      NO_STUN,
    ])
    expect(stepsOf(paths[0]!)).toEqual(['tcp ok', 'tls ok', 'http ok', 'upgrade ok', 'relay failed'])
    expect(paths[0]!.openToAll).toBe(false)
  })

  test('restricted as expected is ok', async () => {
    const fake = await relay({admits: () => false})
    const {verdict} = await checkOne(nodeAt(fake.port, {certName: fake.pin}), {expect: 'restricted'})
    expect(verdict).toMatchObject({
      code: 'restricted',
      health: 'ok',
      message: 'restricted, as expected: it rejects unknown clients',
    })
  })

  test('open to all is broken if restricted is expected', async () => {
    const fake = await relay()
    const {verdict} = await checkOne(nodeAt(fake.port, {certName: fake.pin}), {expect: 'restricted'})
    expect(verdict).toMatchObject({
      code: 'open-to-all',
      health: 'broken',
      message: 'the relay admits unknown clients, although it is expected to be restricted',
    })
  })

  const nodeKey = randomBytes(32)
  const onlyTheNode = async () => {
    const known = Buffer.from((await clientKey(nodeKey)).public).toString('hex')
    return relay({admits: (key) => key === known})
  }

  test('with a node key the check is admitted, and sends the packet to itself', async () => {
    const fake = await onlyTheNode()
    const node = nodeAt(fake.port, {certName: fake.pin})
    const {paths, verdict} = await checkOne(node, {credentials: {nodeKey, meshKey: null}, expect: 'restricted'})
    expect(verdict.code).toBe('works')
    expect(paths[0]!.openToAll).toBe(false)
    expect(stepsOf(paths[0]!)).toContain('unknown-client ok')
    expect(paths[0]!.steps.find(({name}) => name === 'unknown-client')!.detail).toBe('unknown clients are rejected')
  })

  test('an unknown node key', async () => {
    const fake = await onlyTheNode()
    const credentials = {nodeKey: randomBytes(32), meshKey: null}
    const {verdict} = await checkOne(nodeAt(fake.port, {certName: fake.pin}), {credentials})
    expect(verdict).toMatchObject({
      code: 'key-rejected',
      health: 'broken',
      message: 'the relay does not admit the supplied key',
    })
  })

  test('with a mesh key both clients are admitted', async () => {
    const meshKey = 'ab'.repeat(32)
    const fake = await relay({admits: (_key, info) => info['meshKey'] === meshKey})
    const node = nodeAt(fake.port, {certName: fake.pin})
    const {verdict, paths} = await checkOne(node, {credentials: {nodeKey: null, meshKey}})
    expect([verdict.code, paths[0]!.openToAll]).toEqual(['works', false])
  })

  test('the mesh key is not sent to a relay whose certificate is not verified', async () => {
    const fake = await relay({admits: () => false})
    const credentials = {nodeKey: null, meshKey: 'ab'.repeat(32)}
    const {verdict, paths} = await checkOne(nodeAt(fake.port, {insecureForTests: true}), {credentials})
    expect(fake.introductions).toEqual([{version: 2, CanAckPings: true, IsProber: true}])
    expect(verdict.code).toBe('restricted')
    expect(paths[0]!.notes[0]).toBe(
      'the mesh key was not sent, because the map disables certificate verification (insecurefortests); pin the certificate first',
    )
  })
})

describe('forwarding', () => {
  const check = async (options: FakeRelayOptions) => {
    const fake = await relay(options)
    return checkOne(nodeAt(fake.port, {certName: fake.pin}))
  }

  test('packets that never arrive', async () => {
    const {verdict} = await check({relays: () => null})
    expect(verdict).toMatchObject({
      code: 'no-forwarding',
      health: 'broken',
      message: 'the relay admits clients, but the packet did not arrive',
    })
  })

  test.for([
    [
      'with other content',
      (source: Buffer, payload: Buffer) => ({source, payload: Buffer.concat([payload, Buffer.from('!')])}),
    ],
    ['with another sender', (_: Buffer, payload: Buffer) => ({source: Buffer.alloc(32, 7), payload})],
  ] as const)('packets that arrive %s', async ([, relays]) => {
    const {verdict} = await check({relays})
    expect(verdict.code).toBe('no-forwarding')
    expect(verdict.message).toMatch(/^the relay admits clients, but \d+ packets arrived, none of them as sent$/)
  })

  test('connections that reach relays with different keys', async () => {
    const {verdict} = await check({changingKey: true})
    expect(verdict).toMatchObject({
      code: 'multiple-relays',
      health: 'degraded',
      message: 'connections to this address reach different relays: clients on one do not reach those on the other',
    })
  })
})

describe('two relays in a region', () => {
  const region = async (...options: FakeRelayOptions[]) => {
    const fakes = await Promise.all(options.map(relay))
    return checkRegion(fakes.map(({port, pin}, i) => nodeAt(port, {name: `900${'ab'[i]}`, certName: pin})))
  }

  test('that are meshed forward to each other', async () => {
    const clients = new Map()
    const {mesh, health, notes} = await region({clients}, {clients})
    expect({mesh, health, notes}).toEqual({
      mesh: [{from: '900a', to: '900b', forwarded: true}],
      health: 'ok',
      notes: [],
    })
  })

  test('that are not meshed: each works, and the region is degraded', async () => {
    const {mesh, health, notes, nodes} = await region({}, {})
    expect(nodes.map((node) => node.verdict.code)).toEqual(['works', 'works'])
    expect({mesh, health, notes}).toEqual({
      mesh: [{from: '900a', to: '900b', forwarded: false}],
      health: 'degraded',
      notes: [
        'clients on 900a do not reach clients on 900b: mesh them (-mesh-with and -mesh-psk-file), or give each its own region',
      ],
    })
  })

  test('are not tested as a pair if one is restricted', async () => {
    const {mesh} = await region({}, {admits: () => false})
    expect(mesh).toEqual([])
  })
})

describe('servers that are not relays', () => {
  const code = async (options: FakeRelayOptions) => {
    const fake = await relay(options)
    const {paths} = await checkOne(nodeAt(fake.port, {certName: fake.pin}))
    return summaryOf(paths[0]!)[0]
  }
  const reply = (status: string, more = '', body = '') =>
    `HTTP/1.1 ${status}\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`

  test.for([
    [
      'a proxy that removes the upgrade',
      {upgradeAnswer: reply('426 Upgrade Required', 'Server: nginx/1.27\r\n')},
      'proxy (broken): GET /derp gets the answer of a relay (426), but the upgrade gets 426, by nginx/1.27: a proxy removes it',
    ],
    [
      'a proxy that does not understand it',
      {upgradeAnswer: reply('400 Bad Request', 'Via: 1.1 squid\r\n')},
      'proxy (broken): GET /derp gets the answer of a relay (426), but the upgrade gets 400, by 1.1 squid: a proxy removes it',
    ],
    [
      'a proxy without a relay behind it',
      {
        page: reply('502 Bad Gateway', 'Server: nginx\r\n'),
        upgradeAnswer: reply('502 Bad Gateway', 'Server: nginx\r\n'),
      },
      'proxy (broken): an HTTP proxy answers 502, by nginx: it does not reach the relay',
    ],
    [
      'derper -derp=false',
      {
        page: reply('404 Not Found', '', 'derp server disabled\n'),
        upgradeAnswer: reply('404 Not Found', '', 'derp server disabled\n'),
      },
      'relay-disabled (broken): the relay is disabled (derper -derp=false)',
    ],
    [
      'a web server',
      {page: reply('404 Not Found'), upgradeAnswer: reply('404 Not Found', 'Server: Apache\r\n')},
      'not-derp (broken): a web server that is not a DERP relay: the upgrade of /derp answers 404, by Apache',
    ],
    [
      'a redirect',
      {page: reply('200 OK'), upgradeAnswer: reply('302 Found', 'Location: https://www.example.com/\r\n')},
      'not-derp (broken): a web server that is not a DERP relay: the upgrade of /derp redirects to https://www.example.com/ (302)',
    ],
    [
      'something that is not HTTP',
      {page: '220 mail.example.com ESMTP\r\n'},
      'not-derp (broken): the answer is not HTTP',
    ],
    ['an answer without a status', {page: 'HTTP/1.1 yes\r\n\r\n'}, 'not-derp (broken): the answer is not HTTP/1.1'],
  ] as const)('%s', async ([, options, expected]) => {
    expect(await code(options)).toBe(expected)
  })

  test('plain HTTP on the relay port, as derper serves it without -certmode manual', async () => {
    const server = createHttpServer((_request, response) =>
      response.writeHead(426).end('DERP requires connection upgrade'),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    opened.push({
      async close() {
        server.closeAllConnections()
        server.close()
      },
    })
    const {paths} = await checkOne(nodeAt((server.address() as AddressInfo).port, {insecureForTests: true}))
    expect(summaryOf(paths[0]!)).toEqual([
      'plain-http (broken): a DERP relay speaks plain HTTP here, where clients expect TLS',
      'fix: derper serves TLS only on port 443 or with -certmode manual: add -certmode manual and the certificate files',
      NO_STUN,
    ])
  })

  test('a server that speaks HTTP/2 only', async () => {
    const {certificatePem, keyPem} = await selfSigned()
    const server = createSecureServer({cert: certificatePem, key: keyPem})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    opened.push({close: async () => void server.close()})
    const {paths} = await checkOne(nodeAt((server.address() as AddressInfo).port, {insecureForTests: true}))
    expect(summaryOf(paths[0]!)[0]).toBe(
      'not-derp (broken): a web server that is not a DERP relay: the upgrade of /derp answers 403',
    )
  })

  test('TLS alert 80: the relay has another name', async () => {
    const server = await startRawServer(
      (socket) => void socket.once('data', () => socket.end(Buffer.from('15030300020250', 'hex'))),
    )
    opened.push(server)
    const {verdict} = await checkOne(nodeAt(server.port))
    expect(verdict).toMatchObject({
      code: 'name-rejected',
      message: 'the relay rejects the server name that clients send in TLS',
    })
  })
})

describe('STUN and the ports', () => {
  const closedPort = async (): Promise<number> => {
    const server = await startRawServer(() => {})
    await server.close()
    return server.port
  }

  test('STUN answers, the relay port is closed', async () => {
    const {port: stunPort} = await stun()
    const {verdict} = await checkOne(nodeAt(await closedPort(), {stunPort}))
    expect(verdict).toMatchObject({
      code: 'relay-port-closed',
      health: 'broken',
      message:
        'STUN answers, but the relay port does not (connection refused): clients measure this relay and cannot use it',
    })
  })

  test('nothing listens', async () => {
    const {verdict} = await checkOne(nodeAt(await closedPort(), {stunPort: await closedPort()}))
    expect(verdict).toMatchObject({code: 'no-connection', health: 'unreachable'})
  })

  test.for([
    ['does not answer', () => []],
    [
      'answers for another transaction',
      (request: Buffer) => stunAnswer(Buffer.concat([request.subarray(0, 8), Buffer.alloc(32, 9)])),
    ],
    [
      'answers with garbage',
      (request: Buffer) => [Buffer.concat([Buffer.from('0101ffff', 'hex'), request.subarray(4)])],
    ],
  ] as const)('the relay works and STUN %s', async ([, answer]) => {
    const [fake, server] = [await relay(), await stun(answer)]
    const {verdict} = await checkOne(nodeAt(fake.port, {certName: fake.pin, stunPort: server.port}))
    expect(verdict).toMatchObject({code: 'stun-silent', health: 'degraded'})
    expect(server.requests.length).toBeGreaterThan(1)
  })

  test('the first request is lost, and a later one is answered', async () => {
    let lost = 0
    const [fake, server] = [await relay(), await stun((request) => (lost++ === 0 ? [] : stunAnswer(request)))]
    const {verdict} = await checkOne(nodeAt(fake.port, {certName: fake.pin, stunPort: server.port}))
    expect([verdict.code, lost]).toEqual(['works', 2])
  })

  test('a node that is STUN only', async () => {
    const server = await stun()
    const good = await checkOne(nodeAt(443, {stunOnly: true, stunPort: server.port}))
    expect(summaryOf(good)).toEqual(['stun-works (ok): STUN answers; the node is STUN only'])
    const bad = await checkOne(nodeAt(443, {stunOnly: true, stunPort: await closedPort()}))
    expect(bad.verdict).toMatchObject({code: 'stun-only-silent', health: 'broken'})
  })

  const reports =
    (address: string, port = 41_641) =>
    (request: Buffer) => {
      const bytes = isIP(address) === 4 ? address.split('.').map(Number) : v6Bytes(address)
      const attribute = Buffer.from([
        0,
        1,
        0,
        4 + bytes.length,
        0,
        bytes.length === 4 ? 1 : 2,
        port >> 8,
        port & 255,
        ...bytes,
      ])
      const head = Buffer.from([1, 1, 0, attribute.length])
      return [Buffer.concat([head, request.subarray(4, 20), attribute])]
    }

  test.for([
    ['172.18.0.1', 'STUN tells clients that they are 172.18.0.1, a private address: direct connections fail'],
    ['192.168.1.1', 'STUN tells clients that they are 192.168.1.1, a private address: direct connections fail'],
    ['100.64.0.7', 'STUN tells clients that they are 100.64.0.7, a private address: direct connections fail'],
    [
      '2001:db8::7',
      'STUN tells clients that they are 2001:db8::7, an IPv6 address, although it was asked over IPv4: direct connections fail',
    ],
  ] as const)('STUN reports %s to a client on this machine', async ([address, message]) => {
    const [fake, server] = [await relay(), await stun(reports(address))]
    const {verdict, paths} = await checkOne(nodeAt(fake.port, {certName: fake.pin, stunPort: server.port}))
    expect(verdict).toMatchObject({code: 'stun-wrong-address', health: 'degraded', message})
    expect(verdict.fix).toContain('--host-network')
    expect(stepsOf(paths[0]!)).toContain('stun failed')
    const alone = await checkOne(nodeAt(443, {stunOnly: true, stunPort: server.port}))
    expect(alone.verdict.code).toBe('stun-wrong-address')
  })

  test.for(['127.0.0.1', '203.0.113.9', '::ffff:203.0.113.9'])(
    'STUN reports %s, which is plausible',
    async (address) => {
      const [fake, server] = [await relay(), await stun(reports(address))]
      expect((await checkOne(nodeAt(fake.port, {certName: fake.pin, stunPort: server.port}))).verdict.code).toBe(
        'works',
      )
    },
  )

  test.for([
    ['203.0.113.7', 4, '10.0.0.7', 'a private address'],
    ['203.0.113.7', 4, '127.0.0.1', 'a loopback address'],
    ['203.0.113.7', 4, '169.254.1.1', 'a private address'],
    ['203.0.113.7', 4, '198.51.100.7', null],
    ['10.0.0.5', 4, '10.0.0.7', null],
    ['10.0.0.5', 4, '172.18.0.1', null],
    ['10.0.0.5', 4, '127.0.0.1', 'a loopback address'],
    ['10.0.0.5', 4, '2001:db8::7', 'an IPv6 address, although it was asked over IPv4'],
    ['2001:db8::5', 6, '2001:db8::7', null],
    ['2001:db8::5', 6, 'fd00::7', 'a private address'],
    ['2001:db8::5', 6, 'fe80::7', 'a private address'],
    ['2001:db8::5', 6, '::1', 'a loopback address'],
    ['2001:db8::5', 6, '198.51.100.7', 'an IPv4 address, although it was asked over IPv6'],
    ['::1', 6, '::1', null],
    ['fd00::5', 6, 'fd00::7', null],
  ] as const)('asked at %s over IPv%i, %s is %s', ([asked, family, address, problem]) => {
    expect(mappedAddressProblem({address: asked, family}, {address, port: 1})).toBe(problem)
  })

  test('STUNTestIP moves STUN away from the relay', async () => {
    const [fake, server] = [await relay(), await stun()]
    const node = nodeAt(fake.port, {certName: fake.pin, stunPort: server.port, stunTestIp: '127.0.0.2'})
    expect((await checkOne(node)).verdict.code).toBe('stun-silent')
    expect(server.requests).toEqual([])
  })
})

describe('addresses', () => {
  const none = async () => []
  const fails = (code: string) => async () => {
    throw Object.assign(new Error(code), {code})
  }
  const named = {hostName: 'derp.example.com', ipv4: '', ipv6: ''}

  test.for([
    ['a name without addresses', named, none, 'no-address (unreachable): derp.example.com has no address'],
    ['an unknown name', named, fails('ENOTFOUND'), 'no-address (unreachable): derp.example.com has no address'],
    [
      'a resolver that cannot be reached',
      named,
      fails('EAI_AGAIN'),
      'no-address (unreachable): DNS does not answer for derp.example.com',
    ],
    [
      'a resolver that never answers',
      named,
      () => new Promise<never>(() => {}),
      'no-address (unreachable): DNS does not answer for derp.example.com',
    ],
    ['both families off', {ipv4: 'none', ipv6: 'none'}, none, 'invalid-map (broken): ipv4 and ipv6 are both disabled'],
    ['a port beyond the last', {derpPort: 70_000}, none, 'invalid-map (broken): invalid derpport 70000'],
    [
      'a URL as host',
      {hostName: 'https://a.example'},
      none,
      'invalid-map (broken): invalid hostname "https://a.example"',
    ],
    [
      'no host and no address',
      {hostName: '', ipv4: ''},
      none,
      'invalid-map (broken): the node has no hostname and no address',
    ],
    [
      'neither relay nor STUN',
      {stunOnly: true, stunPort: -1},
      none,
      'invalid-map (broken): the node is STUN only and its STUN is disabled',
    ],
  ] as const)('%s', async ([, given, lookup, expected]) => {
    const node = await checkOne(nodeAt(443, given), {lookup, timeoutMs: 300})
    expect(summaryOf(node)[0]).toBe(expected)
    expect(node.paths).toEqual([])
  })

  test.for([{insecureForTests: true}, 'pin'] as const)('a node with an address and no hostname: %j', async (trust) => {
    const fake = await relay()
    const given = trust === 'pin' ? {certName: fake.pin} : trust
    const node = await checkOne(nodeAt(fake.port, {hostName: '', ipv6: '', ...given}), {lookup: fails('ENOTFOUND')})
    expect([node.verdict.code, node.paths.map(({address}) => address)]).toEqual(['works', ['127.0.0.1']])
  })

  test('works over one family and not over the other: degraded, and the message says which', async () => {
    const fake = await relay()
    const node = nodeAt(fake.port, {certName: fake.pin, ipv6: '::1'})
    const {verdict, paths} = await checkOne(node)
    expect(paths.map((path) => path.verdict.code)).toEqual(['works', 'no-connection'])
    expect(verdict).toMatchObject({
      code: 'one-family',
      health: 'degraded',
      message: 'works at 127.0.0.1, not at ::1: no connection (connection refused)',
    })
  })

  test('a family without a route from this machine does not count against the relay', async () => {
    const fake = await relay()
    const ipv4Only = {hasRoute: (address: string) => !address.includes(':')}
    const {verdict, paths} = await checkOne(nodeAt(fake.port, {certName: fake.pin, ipv6: '2001:db8::1'}), ipv4Only)
    expect(paths.map((path) => path.verdict.code)).toEqual(['works', 'no-route'])
    expect(verdict.code).toBe('works')
    const alone = await checkOne(nodeAt(fake.port, {ipv4: 'none', ipv6: '2001:db8::1'}), ipv4Only)
    expect(alone.verdict).toMatchObject({code: 'no-route', health: 'unreachable'})
  })

  test('a name with many addresses: some are checked, with a note', async () => {
    const fake = await relay()
    const certName = fake.pin
    const certificate = {hostName: 'localhost', certName, ipv4: '', ipv6: 'none'}
    const lookup = async () => Array.from({length: 9}, (_, i) => ({address: `127.0.0.${i + 1}`, family: 4}))
    const node = await checkOne(nodeAt(fake.port, certificate), {lookup})
    expect(node.paths.map(({address}) => address)).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'])
    expect(node.notes).toEqual(['9 IPv4 addresses, 4 of them checked'])
  })
})

test('the message says at which step the relay fails', async () => {
  const say = async (options: FakeRelayOptions) => {
    const fake = await relay(options)
    return summaryOf(await checkOne(nodeAt(fake.port, {certName: fake.pin}), {timeoutMs: 400})).slice(0, 2)
  }
  const misbehaves = (message: string) => [`protocol-error (broken): ${message}`, `fix: ${MISBEHAVES_FIX}`]
  const NO_ANSWER_FIX = 'fix: check whether the relay is overloaded, or what is in front of it'
  expect(await say({afterUpgrade: (socket) => void socket.end()})).toEqual(
    misbehaves('before the server key: the connection was closed'),
  )
  expect(await say({afterUpgrade: (socket) => void socket.write(frame(1, Buffer.alloc(40)))})).toEqual(
    misbehaves('before the server key: the server key frame lacks the DERP magic'),
  )
  expect(await say({afterUpgrade: () => {}})).toEqual([
    'timeout (broken): before the server key: no answer within 400 ms',
    NO_ANSWER_FIX,
  ])
  expect(await say({afterClientInfo: () => {}})).toEqual([
    'timeout (broken): admission: no answer within 400 ms',
    NO_ANSWER_FIX,
  ])
  expect(await say({afterClientInfo: (socket) => void socket.write(frame(3, Buffer.alloc(60)))})).toEqual(
    misbehaves('admission: ServerInfo cannot be decrypted with the server key'),
  )
})
