/** `derp check`, `derp cert` and `derp pin` on the command line: stdout, stderr and exit status. */
import {execFileSync} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createdCertificate, foundPin} from '../../src/derp/cert/schemas.ts'
import {check} from '../../src/derp/check/output/schemas.ts'
import {runHere} from '../support/program.ts'
import {issueChain} from './support/chain.ts'
import {selfSigned, startFakeRelay} from './support/fake-relay.ts'
import type {FakeRelayOptions} from './support/fake-relay.ts'
import {startFakeStun, stunAnswer} from './support/fake-stun.ts'

const opened: {close(): Promise<unknown>}[] = []
let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'derp-'))
})
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
  rmSync(cwd, {recursive: true, force: true})
})

const run = (...argv: string[]) => runHere(['derp', ...argv], {cwd})

async function relay(options: FakeRelayOptions = {}) {
  const [fake, stun] = [await startFakeRelay(options), await startFakeStun(stunAnswer)]
  opened.push(fake, stun)
  return {...fake, stunPort: stun.port, hostPort: `127.0.0.1:${fake.port}`}
}

/** Replaces times and ports by letters of the same length, so that the widths of a frame are kept. */
function masked(text: string): string {
  return text
    .replaceAll(/\d+\.\d ms|\d+ ms/g, 'T ms')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:P')
    .replaceAll(/ +\|/g, ' |')
    .replaceAll(/-+/g, '-')
}

describe('derp check', () => {
  test('HOST:PORT with a pin', async () => {
    const {hostPort, pin, stunPort} = await relay()
    const {status, stdout, stderr} = await run('check', hostPort, '--pin', pin, '--stun-port', String(stunPort))
    expect({status, stderr}).toEqual({status: 0, stderr: ''})
    expect(masked(stdout)).toBe(
      'Region 900: ok\n' +
        '+-+-+-+-+-+-+-+-+-+\n' +
        '| Node | Address | TCP | TLS | HTTP | Relay | Packet | STUN | Verdict |\n' +
        '+-+-+-+-+-+-+-+-+-+\n' +
        '| 127.0.0.1:P | 127.0.0.1:P | T ms | T ms | T ms | T ms | T ms | T ms | works |\n' +
        '+-+-+-+-+-+-+-+-+-+\n' +
        '\n' +
        '127.0.0.1:P: works\n' +
        'STUN reports this machine as 198.51.100.7\n',
    )
  })

  test('a map file, one node of it, as JSON', async () => {
    const {port, pin, stunPort} = await relay()
    const yaml = `regions:
  900:
    regionid: 900
    regioncode: lo
    regionname: Loopback
    nodes:
      - {name: 900a, regionid: 900, hostname: 127.0.0.1, ipv4: 127.0.0.1, derpport: ${port}, stunport: ${stunPort}, certname: "${pin}"}
      - {name: 900b, regionid: 900, hostname: 127.0.0.1, ipv4: 127.0.0.1, derpport: 1, stunport: -1}
`
    writeFileSync(join(cwd, 'derp.yaml'), yaml)
    const one = await run('check', 'derp.yaml', '--node', '900a', '-o', 'json')
    expect({status: one.status, stderr: one.stderr}).toEqual({status: 0, stderr: ''})
    const document = check.parse(JSON.parse(one.stdout))
    expect(document).toMatchObject({target: 'derp.yaml', health: 'ok'})
    expect(document.regions[0]!.nodes.map(({name}) => name)).toEqual(['900a'])

    const both = await run('check', 'derp.yaml')
    expect([both.status, both.stdout.includes('1 of 2 nodes work')]).toEqual([6, true])

    const stray = await run('check', 'derp.yaml', '--node', '901a')
    expect(stray).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: node "901a" not found in the map\nhint: use the name of a node in the map, for example 900a\n',
    })
  })

  test('a headscale configuration is checked with its map', async () => {
    const {port, pin, stunPort} = await relay()
    writeFileSync(
      join(cwd, 'derp.yaml'),
      `regions: {900: {regionid: 900, regioncode: lo, nodes: [{name: 900a, regionid: 900, hostname: 127.0.0.1, derpport: ${port}, stunport: ${stunPort}, certname: "${pin}"}]}}\n`,
    )
    writeFileSync(join(cwd, 'config.yaml'), `server_url: http://127.0.0.1:8080\nderp: {urls: [], paths: [derp.yaml]}\n`)
    expect((await run('check', 'config.yaml')).status).toBe(0)
  })

  test('exits 7 if nothing is reachable, and 0 if restricted as expected', async () => {
    expect((await run('check', '127.0.0.1:1', '--stun-port', '1')).status).toBe(7)
    const {hostPort, pin} = await relay({admits: () => false})
    const words = ['check', hostPort, '--pin', pin, '--stun-port', '-1']
    expect((await run(...words)).status).toBe(6)
    expect((await run(...words, '--expect', 'restricted')).status).toBe(0)
  })

  test('a relay admits the check with the mesh key from a file', async () => {
    const meshKey = randomBytes(32).toString('hex')
    writeFileSync(join(cwd, 'psk'), `${meshKey}\n`)
    const {hostPort, pin} = await relay({admits: (_key, info) => info['meshKey'] === meshKey})
    const {status, stdout} = await run('check', hostPort, '--pin', pin, '--stun-port', '-1', '--mesh-key-file', 'psk')
    expect(status).toBe(0)
    expect(stdout).toContain('note: unknown clients are rejected')
    expect(stdout).not.toContain(meshKey)
  })

  test('a password in the URL of a map is not repeated', async () => {
    const server = createServer((_request, response) =>
      response.end(
        '{"Regions":{"900":{"RegionID":900,"RegionCode":"a","Nodes":[{"Name":"900a","RegionID":900,"HostName":"127.0.0.1","DERPPort":1,"STUNPort":-1}]}}}',
      ),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    opened.push({close: async () => void server.close()})
    const {port} = server.address() as AddressInfo
    const secret = `user:hunter2@127.0.0.1:${port}/derp.json`
    const found = await run('check', `http://${secret}`, '-o', 'json')
    expect(check.parse(JSON.parse(found.stdout)).target).toBe(`http://[secret]@127.0.0.1:${port}/derp.json`)
    for (const words of [
      ['check', `http://${secret}`],
      ['check', `http://user:hunter2@127.0.0.1:1/derp.json`],
      ['pin', `http://${secret}`],
      ['cert', `http://${secret}`],
      ['render', '--domain', `http://${secret}`],
      ['render', '--from', `http://user:hunter2@127.0.0.1:1/derp.json`],
      ['render', '--from', `http://${secret}`],
    ]) {
      const {stdout, stderr} = await run(...words)
      expect(stdout + stderr).not.toContain('hunter2')
    }
  })

  test('--ca-file adds certificates that clients trust', async () => {
    const certificate = await selfSigned()
    writeFileSync(join(cwd, 'ca.pem'), certificate.certificatePem)
    const {hostPort} = await relay({certificate})
    expect((await run('check', hostPort, '--stun-port', '-1')).status).toBe(6)
    expect((await run('check', hostPort, '--stun-port', '-1', '--ca-file', 'ca.pem')).status).toBe(0)
  })

  test('--watch prints the first report and then changes; the last round sets the exit status', async () => {
    let open = true
    const {hostPort, pin} = await relay({admits: () => open})
    const words = [
      'check',
      hostPort,
      '--pin',
      pin,
      '--stun-port',
      '-1',
      '--watch',
      '--interval',
      '300ms',
      '--count',
      '4',
    ]
    setTimeout(() => (open = false), 450)
    const {status, stdout} = await run(...words)
    const [report, ...later] = stdout
      .split('\n')
      .slice(7)
      .join('\n')
      .split(/(?=^\d{4}-)/m)
    expect(report).toContain('works')
    expect(later).toHaveLength(1)
    expect(later[0]).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ 127\.0\.0\.1:\d+ 127\.0\.0\.1 works -> restricted: the relay is running/,
    )
    expect(status).toBe(6)
  })

  test.for([
    [['nosuch.yaml'], 3, /^error: cannot read nosuch\.yaml: no such file\n/],
    [['127.0.0.1:0'], 2, /^error: invalid port 0\n/],
    [['127.0.0.1:70000'], 2, /^error: invalid port 70000\n/],
    [['127.0.0.1:1', '--pin', 'abc'], 2, /^error: invalid --pin: expected sha256-raw:HEX, /],
    [['derp.yaml', '--pin', 'abc'], 2, /^error: --pin is for HOST:PORT\n/],
    [['127.0.0.1:1', '--count', '3'], 2, /^error: --count needs --watch\n/],
    [['127.0.0.1:1', '--interval', '3s'], 2, /^error: --interval needs --watch\n/],
    [['127.0.0.1:1', '--watch', '-o', 'yaml'], 2, /code: usage\n/],
    [['127.0.0.1:1', '--timeout', '0'], 2, /^error: --timeout must be more than 0\n/],
    [['127.0.0.1:1', '--timeout', '5'], 2, /^error: invalid duration "5": it has no unit\n/],
    [['127.0.0.1:1', '--node-key-file', 'nosuch'], 3, /^error: cannot read nosuch: no such file\n/],
    [['127.0.0.1:1', '--node-key-file', 'derp.yaml'], 6, /^error: derp\.yaml contains no node key\n/],
    [['127.0.0.1:1', '--mesh-key-file', 'derp.yaml'], 6, /^error: derp\.yaml contains no mesh key\n/],
    [['127.0.0.1:1', '--node-key-file', 'a', '--mesh-key-file', 'b'], 2, /exclude each other\n/],
    [['127.0.0.1:1', '--expect', 'anything'], 2, /^error: /],
    [[], 2, /^error: /],
  ] as const)('%j is refused before anything is sent', async ([words, status, message]) => {
    writeFileSync(join(cwd, 'derp.yaml'), 'regions: {900: {regionid: 900, nodes: []}}\n')
    const outcome = await run('check', ...words)
    expect([outcome.status, outcome.stdout]).toEqual([status, ''])
    expect(outcome.stderr).toMatch(message)
  })
})

describe('--pin accepts every notation of the digest', () => {
  const hex = 'fd660c0aa1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899aabbcc'
  const colons = hex.toUpperCase().match(/../g)!.join(':')
  const render = async (pin: string) => {
    const {status, stdout} = await run('render', '--ip', '198.51.100.7', '--pin', pin)
    return [status, /certname: '(.*)'/.exec(stdout)?.[1]]
  }

  test.for([
    `sha256-raw:${hex}`,
    hex,
    hex.toUpperCase(),
    colons,
    `sha256:${hex}`,
    `SHA256:${colons}`,
    `SHA256 Fingerprint=${colons}`,
    `sha256 Fingerprint=${colons}\n`,
    `SHA2-256(relay.der)= ${hex}`,
    `SHA256(stdin)= ${hex}`,
    `(stdin)= ${hex}`,
    `${hex}  -`,
    `${hex} *relay.der`,
  ])('%j', async (pin) => {
    expect(await render(pin)).toEqual([0, `sha256-raw:${hex}`])
  })

  test.for([
    `SHA1 Fingerprint=${colons.slice(0, 59)}`,
    `sha256/${Buffer.from(hex, 'hex').toString('base64')}`,
    `${hex}00`,
    hex.slice(2),
    `sha512:${hex}`,
  ])('%j is another value', async (pin) => {
    expect(await render(pin)).toEqual([2, undefined])
    const {status, stderr} = await run('check', '127.0.0.1:1', '--pin', pin)
    expect([status, stderr.split('\n')[0]]).toEqual([
      2,
      'error: invalid --pin: expected sha256-raw:HEX, 64 hex digits, or the line that openssl x509 -fingerprint -sha256 prints',
    ])
  })

  test('openssl prints the pin of a certificate', async () => {
    await run('cert', '203.0.113.7')
    const words = ['x509', '-in', join(cwd, '203.0.113.7.crt'), '-noout', '-fingerprint', '-sha256']
    const line = execFileSync('openssl', words, {encoding: 'utf8'})
    const {pin, hostPort} = await relay()
    expect((await run('pin', '203.0.113.7.crt')).stdout).toBe(`${(await render(line))[1]}\n`)
    const printed = `sha256 Fingerprint=${pin.slice('sha256-raw:'.length).toUpperCase().match(/../g)!.join(':')}`
    expect((await run('check', hostPort, '--stun-port', '-1', '--pin', printed)).status).toBe(0)
  })
})

describe('derp cert', () => {
  test('prints the paths of the files and the settings to use', async () => {
    const now = () => new Date('2026-11-22T12:00:00Z')
    const {status, stdout, stderr} = await runHere(['derp', 'cert', '203.0.113.7', '--dir', 'certs'], {cwd, now})
    expect({status, stderr}).toEqual({status: 0, stderr: ''})
    expect(stdout.replace(/[0-9a-f]{64}/, 'HEX')).toBe(
      'Certificate  certs/203.0.113.7.crt\n' +
        'Key          certs/203.0.113.7.key\n' +
        'Valid        2026-11-22 12:00:00 to 2027-11-22 12:00:00\n' +
        'derper       -certmode manual -hostname 203.0.113.7 -certdir certs\n' +
        'certname     sha256-raw:HEX\n',
    )
    const pin = /sha256-raw:[0-9a-f]{64}/.exec(stdout)![0]
    expect(await run('pin', 'certs/203.0.113.7.crt')).toEqual({status: 0, stdout: `${pin}\n`, stderr: ''})
  })

  test('needs --replace to overwrite files', async () => {
    const words = ['cert', 'derp.example.com', '-o', 'json']
    const first = createdCertificate.parse(JSON.parse((await run(...words)).stdout))
    expect(first).toMatchObject({
      host: 'derp.example.com',
      certificateFile: 'derp.example.com.crt',
      keyFile: 'derp.example.com.key',
    })
    const again = await run(...words.slice(0, 2))
    expect(again).toEqual({
      status: 12,
      stdout: '',
      stderr: `error: ${cwd}/derp.example.com.key already exists\nhint: use --replace to overwrite it; a new certificate has a new pin, which the map needs\n`,
    })
    const forced = createdCertificate.parse(JSON.parse((await run(...words, '--replace')).stdout))
    expect(forced.pin).not.toBe(first.pin)
  })

  test('warns about more days than macOS accepts', async () => {
    const {status, stderr} = await run('cert', '203.0.113.7', '--days', '1000')
    expect([status, stderr]).toEqual([
      0,
      'warning: macOS clients and browsers reject certificates that are valid for more than 398 days\n',
    ])
  })
})

describe('derp pin', () => {
  test('prints the pin of a running relay', async () => {
    const {hostPort, pin} = await relay()
    expect(await run('pin', hostPort)).toEqual({status: 0, stdout: `${pin}\n`, stderr: ''})
    const document = foundPin.parse(JSON.parse((await run('pin', hostPort, '-o', 'json')).stdout))
    expect(document).toMatchObject({pin, certificates: 1, altNames: 'IP Address:127.0.0.1'})
  })

  test('warns that the pin of a chain never matches', async () => {
    const chain = await issueChain()
    writeFileSync(join(cwd, 'chain.crt'), chain.certificatePem)
    expect(await run('pin', 'chain.crt')).toEqual({
      status: 0,
      stdout: `${chain.pin}\n`,
      stderr:
        'warning: the chain has 2 certificates, and clients accept a pin for a single one: this pin never matches\n',
    })
  })

  test('--details prints the fields of the certificate', async () => {
    const {certificatePem, pin} = await selfSigned(undefined, {notBefore: new Date('2025-01-01T00:00:00Z'), days: 30})
    writeFileSync(join(cwd, 'old.pem'), certificatePem)
    expect(await run('pin', 'old.pem', '--details')).toEqual({
      status: 0,
      stdout:
        `Pin      ${pin}\n` +
        'Subject  CN=127.0.0.1\n' +
        'Names    IP Address:127.0.0.1\n' +
        'Valid    2025-01-01 00:00:00 to 2025-01-31 00:00:00\n',
      stderr: 'warning: the certificate has expired: clients reject it, pinned or not\n',
    })
  })

  test.for([
    [
      ['nosuch.crt'],
      3,
      'error: cannot read nosuch.crt: no such file\nhint: give a certificate file, or HOST:PORT of a relay\n',
    ],
    [
      ['.'],
      6,
      'error: cannot read .: EISDIR\nhint: expected the .crt file that derper serves; the key is not needed\n',
    ],
    [
      ['127.0.0.1:1'],
      7,
      'error: no certificate from 127.0.0.1:1: connection refused\nhint: headscale-ts derp check 127.0.0.1:1 shows the details\n',
    ],
  ] as const)('of %j is an error', async ([words, status, stderr]) => {
    expect(await run('pin', ...words)).toEqual({status, stdout: '', stderr})
  })
})
