/** derp render through the program: every output, every input, and what is rejected. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {createServer} from 'node:tls'
import type {AddressInfo} from 'node:net'
import {describe, expect, test} from 'vitest'

import {createRelayCertificate} from '../../src/derp/cert/create.ts'
import {loadMap} from '../../src/derp/read/source.ts'
import {diffMaps} from '../../src/derp/diff.ts'
import {derp, folderWith, transcript} from './support.ts'

const PIN = 'fd660c0aa1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899aabbcc'
const HONGKONG = ['--region', '900:thk:Tencent Hongkong']
const DOMAIN = ['render', ...HONGKONG, '--domain', 'derp.example.com', '--ip', '198.51.100.7', '--port', '12345']
const IP = ['render', '--region', '901:ali-sh:Aliyun Shanghai', '--ip', '198.51.100.8', '--port', '443']
const HOME = ['render', '--region', '902:home:Home', '--home', 'home.example.com', '--port', '12345']

/** The guide's complete file: two regions, three relays. */
const GUIDE = [
  ...['render', ...HONGKONG, '--region', '901:hs:Huawei Shanghai'],
  ...['--add-node', '900/900a,host=a.example.com,ipv4=198.51.100.1,port=12345,stun-port=3478'],
  ...['--add-node', '900/900b,host=b.example.com,ipv4=198.51.100.2,port=12345,stun-port=3478'],
  ...['--add-node', '901/901a,host=c.example.com,ipv4=198.51.100.3,port=12345,stun-port=3478'],
]
const GUIDE_SPEC = `regions:
  - id: 900
    code: thk
    name: Tencent Hongkong
    nodes:
      - {host: a.example.com, ipv4: 198.51.100.1, port: 12345, stun-port: 3478}
      - {host: b.example.com, ipv4: 198.51.100.2, port: 12345, stun-port: 3478}
  - id: 901
    code: hs
    name: Huawei Shanghai
    nodes:
      - {host: c.example.com, ipv4: 198.51.100.3, port: 12345, stun-port: 3478}
`
const DEFAULT_MAP = `{"Regions": {
  "1": {"RegionID": 1, "RegionCode": "nyc", "RegionName": "New York", "Nodes": [
    {"Name": "1f", "RegionID": 1, "HostName": "derp1f.tailscale.com", "IPv4": "199.38.181.104", "IPv6": "2607:f740:f::bc", "CanPort80": true},
    {"Name": "1g", "RegionID": 1, "HostName": "derp1g.tailscale.com", "IPv4": "209.177.145.120", "IPv6": "2607:f740:f::3eb", "CanPort80": true}]},
  "2": {"RegionID": 2, "RegionCode": "sfo", "RegionName": "San Francisco", "Nodes": [
    {"Name": "2d", "RegionID": 2, "HostName": "derp2d.tailscale.com", "IPv4": "192.73.252.65", "CanPort80": true}]}}}
`

async function golden(name: string, files: Record<string, string>, ...words: string[]) {
  await expect(await transcript(await folderWith(files), ...words)).toMatchFileSnapshot(`golden/render/${name}.txt`)
}

describe("the guide's cases, one line each", () => {
  test.each([
    ['domain', DOMAIN],
    ['ip-pinned', [...IP, '--pin', PIN]],
    ['ip-insecure-json', [...IP, '--insecure-for-tests', '-o', 'json']],
    ['home', HOME],
    ['guide-flags', GUIDE],
    ['guide-flags-json', [...GUIDE, '-o', 'json']],
  ])('%s', (name, words) => golden(name, {}, ...words))

  test('flags and spec give one map', async () => {
    const cwd = await folderWith({'spec.yaml': GUIDE_SPEC})
    const byFlags = await derp(cwd, ...GUIDE)
    const bySpec = await derp(cwd, 'render', '--from', 'spec.yaml')
    const body = (text: string) => text.slice(text.indexOf('regions:'))
    expect(body(bySpec.stdout)).toBe(body(byFlags.stdout))
    expect(bySpec.status).toBe(0)
  })
})

describe('outputs', () => {
  const outputs = ['config', 'derper', 'docker', 'compose', 'systemd']
  test.each(outputs)('%s of a domain', (output) => golden(`domain-${output}`, {}, ...DOMAIN, '-o', output))
  test.each(outputs)('%s of a pinned address', (output) =>
    golden(`ip-${output}`, {}, ...IP, '--pin', PIN, '-o', output),
  )
  test.each(['derper', 'docker', 'compose', 'systemd'])('%s, admission by headscale', (output) =>
    golden(
      `verify-url-${output}`,
      {},
      ...HOME,
      '-o',
      output,
      '--verify-client-url',
      'https://headscale.example.com/verify',
    ),
  )
  test.each(['derper', 'docker', 'compose', 'systemd'])('%s, admission by tailscaled', (output) =>
    golden(
      `verify-clients-${output}`,
      {},
      ...HOME,
      '-o',
      output,
      '--verify-clients',
      '--tailscaled-socket',
      '/run/tailscale/tailscaled.sock',
    ),
  )
  test('a name on port 443 gets a certificate from Let’s Encrypt', () =>
    golden('letsencrypt-docker', {}, 'render', '--domain', 'derp.example.com', '-o', 'docker'))
  test('several relays, one command each', () => golden('guide-derper', {}, ...GUIDE, '-o', 'derper'))
  test('one relay of several', () => golden('guide-systemd-node', {}, ...GUIDE, '-o', 'systemd', '--node', '900b'))
  test('IPv6 without STUN: file names have no colons', () =>
    golden(
      'ipv6-derper',
      {},
      'render',
      '--ip',
      '2001:db8::1',
      '--port',
      '8443',
      '--stun-port=-1',
      '--pin',
      PIN,
      '-o',
      'derper',
    ))
  test('STUN on another port', () => golden('stun-port-docker', {}, ...DOMAIN, '--stun-port', '3479', '-o', 'docker'))
})

describe('other maps', () => {
  const files = {
    'derp.json': DEFAULT_MAP,
    'own.yaml':
      'regions:\n  900:\n    regionid: 900\n    regioncode: c\n    regionname: n\n    nodes:\n      - {name: 900a, regionid: 900, hostname: derp.example.com}\n',
  }
  test('JSON to YAML', () => golden('from-json', files, 'render', '--from', 'derp.json'))
  test('YAML to JSON', () => golden('from-yaml', files, 'render', '--from', 'own.yaml', '-o', 'json'))
  test('with the default map, without one region', () =>
    golden('with-default', files, 'render', '--from', 'own.yaml', '--with-default', 'derp.json', '--exclude', '1'))
  test('another relay in a region of the map', () =>
    golden('from-and-node', files, 'render', '--from', 'own.yaml', '--add-node', '900,host=other.example.com'))
  test('config that leaves the default map to headscale', () =>
    golden(
      'config-with-url',
      files,
      'render',
      '--from',
      'own.yaml',
      '--with-default',
      'https://controlplane.tailscale.com/derpmap/default',
      '-o',
      'config',
    ))

  test('YAML and JSON convert to each other without loss', async () => {
    const cwd = await folderWith(files)
    const {stdout: yaml} = await derp(cwd, 'render', '--from', 'derp.json')
    const back = await folderWith({...files, 'back.yaml': yaml})
    const {stdout: json} = await derp(back, 'render', '--from', 'back.yaml', '-o', 'json')
    expect(JSON.parse(json)).toEqual(JSON.parse(DEFAULT_MAP))
    expect((await derp(back, 'diff', 'derp.json', 'back.yaml')).status).toBe(0)
  })

  test('names that YAML could read as another type are unchanged after reading', async () => {
    const names = [
      'yes',
      'null',
      '~',
      '0x1',
      '9e2',
      '012',
      '1.5',
      'a: b',
      '# c',
      "it's",
      'tab\there',
      '香港',
      ' x ',
      '-',
      '*a',
      'no',
      '<<',
      '2024-01-01',
      '😀',
      '%',
    ]
    const regions = names.map((name, index) => [`--region`, `${900 + index}:c${index}:${name}`]).flat()
    const nodes = names.map((_, index) => ['--add-node', `${900 + index},host=h${index}.example.com`]).flat()
    const cwd = await folderWith({})
    const {stdout} = await derp(cwd, 'render', ...regions, ...nodes)
    const again = await folderWith({'derp.yaml': stdout})
    const {map} = await loadMap('derp.yaml', {cwd: again})
    expect([...map.regions.values()].map((region) => region?.regionName)).toEqual(names)
    const {stdout: json} = await derp(cwd, 'render', ...regions, ...nodes, '-o', 'json')
    const other = await loadMap('derp.json', {cwd: await folderWith({'derp.json': json})})
    expect(diffMaps(map, other.map)).toEqual([])
  })
})

describe('reports what another map loses, and rejects what validate rejects', () => {
  const own = (id: string, more = '') => `regions:
  900:
    regionid: ${id}
    regioncode: mine
    regionname: Mine
    nodes:
      - name: 900a
        regionid: ${id}
        hostname: derp.example.com
${more}`

  test('a region under the wrong key is not moved to another id', async () => {
    const cwd = await folderWith({'derp.yaml': own('999')})
    const rendered = await derp(cwd, 'render', '--from', 'derp.yaml')
    expect(rendered).toMatchObject({status: 6, stdout: ''})
    expect(rendered.stderr).toMatch(/^error: derp\.yaml:\d+:\d+: .*900.*999/)
    expect((await derp(cwd, 'validate', 'derp.yaml')).status).toBe(6)
  })

  test('misspelled keys', async () => {
    const cwd = await folderWith({'derp.yaml': own('900', '        derport: 8443\n        stunpot: 3479\n')})
    const {status, stdout, stderr} = await derp(cwd, 'render', '--from', 'derp.yaml')
    expect([status, stdout.includes('8443')]).toEqual([0, false])
    expect(stderr).toMatch(/^warning: derp\.yaml:10:9: .*derport/m)
    expect(stderr).toMatch(/^warning: derp\.yaml:11:9: .*stunpot/m)
  })

  test.each([
    ['homeparams', 'homeparams: {regionscore: {900: 0.5}}\n', /^warning: derp\.yaml:\d+:1: homeparams/m],
    ['a second document', '---\nregions: {}\n', /^warning: derp\.yaml:\d+:\d+: .*second/im],
  ])('%s', async (_, more, warning) => {
    const cwd = await folderWith({'derp.yaml': own('900', more)})
    const {status, stderr} = await derp(cwd, 'render', '--from', 'derp.yaml')
    expect(status).toBe(0)
    expect(stderr).toMatch(warning)
  })

  test('a node that is null', async () => {
    const cwd = await folderWith({'derp.yaml': own('900', '      -\n')})
    expect(await derp(cwd, 'render', '--from', 'derp.yaml')).toMatchObject({status: 6, stdout: ''})
  })

  test('a misspelled key of the default map', async () => {
    const cwd = await folderWith({'derp.yaml': own('900'), 'default.yaml': own('900', '        derport: 1\n')})
    const {stderr} = await derp(cwd, 'render', '--from', 'derp.yaml', '--with-default', 'default.yaml')
    expect(stderr).toMatch(/^warning: default\.yaml:10:9: .*derport/m)
  })

  test('a region that is null stays null, and is removed from the default map', async () => {
    const cwd = await folderWith({'derp.yaml': own('900', '  1: null\n'), 'derp.json': DEFAULT_MAP})
    const alone = await derp(cwd, 'render', '--from', 'derp.yaml')
    expect(alone).toMatchObject({status: 0, stdout: expect.stringMatching(/^ {2}1: null$/m) as string})
    const merged = await derp(cwd, 'render', '--from', 'derp.yaml', '--with-default', 'derp.json')
    expect([merged.status, /^ {2}1:/m.test(merged.stdout), /^ {2}2:/m.test(merged.stdout)]).toEqual([0, false, true])
    expect(merged.stderr).toContain('warning: region 1 is null in derp.yaml, and is left out of the map\n')
  })

  test('--region renames a region of the map and keeps the rest of it', async () => {
    const cwd = await folderWith({
      'derp.yaml':
        own('900').replace('    nodes:', '    latitude: 22.3\n    nomeasurenohome: true\n    nodes:') +
        '  901: {regionid: 901, regioncode: b, nodes: [{name: 901a, regionid: 901, hostname: b.example.com}]}\n',
    })
    const {stdout} = await derp(cwd, 'render', '--from', 'derp.yaml', '--region', '900:thk')
    expect(stdout).toContain(
      '    regionid: 900\n    regioncode: thk\n    regionname: Mine\n    latitude: 22.3\n    nomeasurenohome: true\n',
    )
  })
})

describe('a restricted relay', () => {
  const url = (text: string, ...words: string[]) => [...HOME, '-o', 'derper', '--verify-client-url', text, ...words]
  const RIGHT = 'https://hs.example.com/verify'

  test.each([
    ['hs.example.com/verify', RIGHT],
    ['ftp://hs.example.com/verify', RIGHT],
    ['https://hs.example.com', RIGHT],
    ['https://hs.example.com/', RIGHT],
    ['https://hs.example.com/verify/', RIGHT],
    ['https://hs.example.com/verify?x=1', RIGHT],
    ['https://hs.example.com/verify#x', RIGHT],
    ['https://hs.example.com/hs/verify/', 'https://hs.example.com/hs/verify'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/verify'],
    ['https:///verify', 'https://HEADSCALE/verify'],
    ['verify', 'https://verify/verify'],
    ['https://hs.example.com/verify x', 'https://HEADSCALE/verify'],
  ])('by %j is rejected, and the error shows the right form', async (text, right) => {
    const {status, stdout, stderr} = await derp(await folderWith({}), ...url(text))
    expect({status, stdout}).toEqual({status: 2, stdout: ''})
    if (!right.includes('HEADSCALE')) expect(stderr.split('\n')[1]).toBe(`hint: write it as ${right}`)
  })

  test('rejects a password in the URL without repeating it', async () => {
    const {status, stderr} = await derp(await folderWith({}), ...url('https://u:hunter2@hs.example.com/verify'))
    expect([status, stderr.includes('hunter2')]).toEqual([2, false])
  })

  test('admits nobody while headscale is down, unless fail-open is set', async () => {
    const cwd = await folderWith({})
    const closed = (await derp(cwd, ...url(RIGHT))).stdout
    expect(closed).toContain('-verify-client-url-fail-open=false')
    expect(closed).toContain('# Admission: nodes of headscale; no new client while its /verify cannot be reached')
    const open = (await derp(cwd, ...url(RIGHT, '--verify-client-url-fail-open'))).stdout
    expect(open).toContain('-verify-client-url-fail-open=true')
    expect(open).toContain('# Admission: nodes of headscale; everybody while its /verify cannot be reached')
  })

  test.each([
    ['socket-without-verify', [...HOME, '-o', 'derper', '--tailscaled-socket', '/run/tailscale/tailscaled.sock']],
    ['fail-open-without-url', [...HOME, '-o', 'derper', '--verify-client-url-fail-open']],
    ['verify-url-in-yaml', [...HOME, '--verify-client-url', 'https://hs.example.com/verify']],
    ['verify-url-of-the-container', [...HOME, '-o', 'docker', '--verify-client-url', 'http://127.0.0.1:8080/verify']],
    ['socket-in-a-shared-folder', [...HOME, '-o', 'docker', '--verify-clients', '--tailscaled-socket', '/run/x.sock']],
    ['socket-relative', [...HOME, '-o', 'docker', '--verify-clients', '--tailscaled-socket', 'ts/x.sock']],
  ])('%s', (name, words) => golden(`refused-${name}`, {}, ...words))

  const IMAGES = ['ghcr.io/yangchuansheng/ip_derper:latest', 'ngc7331/derper', 'registry:5000/derper@sha256:abc']
  test.each(IMAGES)('in the image %s gets flags and no variables', async (image) => {
    const words = ['--verify-clients', '--tailscaled-socket', '/run/tailscale/tailscaled.sock', '--image', image]
    const {stdout} = await derp(await folderWith({}), ...IP, '--pin', PIN, '-o', 'docker', ...words)
    expect(stdout).not.toContain('DERP_')
    expect(stdout).toContain(
      `  --entrypoint ${image.startsWith('ghcr') ? '/app/derper' : 'derper'} \\\n  ${image} \\\n`,
    )
    for (const flag of ['-hostname 198.51.100.8', '-certdir /app/certs', '-verify-clients'])
      expect(stdout).toContain(flag)
  })

  test('in another image, as compose writes it', () =>
    golden('image-compose', {}, ...IP, '--pin', PIN, '-o', 'compose', '--image', 'ngc7331/derper'))
  test.each(['ghcr.io/yangchuansheng/derper:v1', 'ghcr.io/yangchuansheng/derper@sha256:abc'])(
    'the default image in another version keeps its variables: %s',
    async (image) => {
      const {stdout} = await derp(await folderWith({}), ...IP, '--pin', PIN, '-o', 'docker', '--image', image)
      expect(stdout).toContain('-e DERP_DOMAIN=198.51.100.8')
    },
  )
})

describe('relays behind a proxy, and with more flags', () => {
  const PROXY = ['render', '--domain', 'derp.example.com', '--listen', '127.0.0.1:8443']
  const MESH = [...GUIDE, '--mesh-key-file', '/etc/derper/mesh.key']
  const TUNED = [
    '--home-page',
    'blank',
    '--tcp-write-timeout',
    '5s',
    '--tcp-keepalive-time',
    '1m',
    '--tcp-user-timeout',
    '1m30s',
  ]

  test.each([
    ['proxy-relay-derper', [...PROXY, '--serve', 'relay', '-o', 'derper']],
    ['proxy-relay-systemd', [...PROXY, '--serve', 'relay', '-o', 'systemd']],
    ['proxy-stun-systemd', ['render', '--domain', 'derp.example.com', '--serve', 'stun', '-o', 'systemd']],
    ['proxy-docker', [...PROXY, '-o', 'docker']],
    ['proxy-letsencrypt-compose', [...PROXY, '--cert-mode', 'letsencrypt', '-o', 'compose']],
    ['nat-letsencrypt-derper', [...HOME, '--listen', ':443', '--cert-mode', 'letsencrypt', '-o', 'derper']],
    ['host-network-docker', [...DOMAIN, '--stun-port', '3479', '--host-network', '-o', 'docker']],
    ['host-network-compose', [...DOMAIN, '--host-network', '-o', 'compose']],
    ['listen-v6-derper', [...DOMAIN, '--listen', '[2001:db8::7]:12345', '-o', 'derper']],
    ['acme-ip-docker', ['render', '--ip', '198.51.100.8', '--cert-mode', 'letsencrypt', '-o', 'docker']],
    ['tuned-docker', [...DOMAIN, ...TUNED, '--container-user', '1000:1000', '-o', 'docker']],
    ['tuned-systemd', [...DOMAIN, ...TUNED, '-o', 'systemd']],
    ['mesh-derper', [...MESH, '-o', 'derper', '--node', '900a']],
    ['mesh-docker', [...MESH, '-o', 'docker', '--node', '900a']],
    ['mesh-systemd', [...MESH, '-o', 'systemd', '--node', '900a', '--mesh-with', 'b.example.com,c.example.com:8443']],
    [
      'stun-only-compose',
      [
        'render',
        '--region',
        '900:a:A',
        '--add-node',
        '900/900s,host=s.example.com,stun-only',
        '--add-node',
        '900/900a,host=a.example.com',
        '-o',
        'compose',
        '--node',
        '900s',
      ],
    ],
  ])('%s', (name, words) => golden(name, {}, ...words))

  test.each([
    ['stun-on-loopback', [...PROXY, '-o', 'derper']],
    ['stun-on-loopback-host-network', [...PROXY, '--host-network', '-o', 'docker']],
    ['plain-http-behind-proxy', [...PROXY, '--serve', 'relay', '--cert-mode', 'letsencrypt', '-o', 'systemd']],
    ['listen-without-port', [...DOMAIN, '--listen', '127.0.0.1', '-o', 'derper']],
    ['listen-on-a-name', [...DOMAIN, '--listen', 'localhost:8443', '-o', 'derper']],
    ['listen-port-too-large', [...DOMAIN, '--listen', ':70000', '-o', 'derper']],
    ['home-page-text', [...DOMAIN, '--home-page', 'hello', '-o', 'derper']],
    ['tcp-timeout-without-unit', [...DOMAIN, '--tcp-user-timeout', '15', '-o', 'derper']],
    ['container-user-by-name', [...DOMAIN, '--container-user', 'derper', '-o', 'docker']],
    ['container-flag-in-systemd', [...DOMAIN, '--host-network', '-o', 'systemd']],
    ['cert-dir-relative', [...DOMAIN, '--cert-dir', 'certs', '-o', 'docker']],
    ['mesh-with-without-key', [...GUIDE, '--mesh-with', 'b.example.com', '-o', 'derper']],
    ['serve-stun-switched-off', [...DOMAIN, '--stun-port=-1', '--serve', 'stun', '-o', 'derper']],
    ['node-defined-with-node', [...GUIDE, '-o', 'docker', '--node', '900/900c,host=c.example.com']],
  ])('%s', (name, words) => golden(`refused-${name}`, {}, ...words))

  test('warns that a certificate for another name than the hostname must name both', async () => {
    const node =
      '{name: 900a, regionid: 900, hostname: front.example.com, certname: cert.example.net, ipv4: 198.51.100.7, derpport: 8443}'
    const map = `regions: {900: {regionid: 900, regioncode: a, regionname: A, nodes: [${node}]}}\n`
    const cwd = await folderWith({'derp.yaml': map})
    const {status, stdout, stderr} = await derp(cwd, 'render', '--from', 'derp.yaml', '-o', 'derper')
    expect(status).toBe(0)
    expect(stderr).toContain(
      'warning: node 900a: clients ask for front.example.com and expect a certificate for cert.example.net; ' +
        'derper starts only if /etc/derper/certs/front.example.com.crt names both\n',
    )
    expect(stdout).toContain('front.example.com.crt (the full chain, for both front.example.com and cert.example.net)')
    const letsencrypt = ['--listen', ':443', '--cert-mode', 'letsencrypt', '-o', 'derper']
    expect((await derp(cwd, 'render', '--from', 'derp.yaml', ...letsencrypt)).status).toBe(2)
  })
})

test('the same flags give the same output', async () => {
  const cwd = await folderWith({})
  expect((await derp(cwd, ...GUIDE)).stdout).toBe((await derp(cwd, ...GUIDE)).stdout)
})

test('a line break in a name does not end the header comment', async () => {
  const {stdout} = await derp(
    await folderWith({}),
    'render',
    '--region',
    '900:c:x\nregions: {}',
    '--add-node',
    '900,host=a.example.com',
  )
  expect(stdout.split('\n')[0]).toMatch(/^# Made by: .*x regions: /)
  expect(stdout.split('\n').filter((line) => line.startsWith('regions:'))).toEqual(['regions:'])
})

test('the header does not contain a password of a URL', async () => {
  const cwd = await folderWith({})
  const {stdout} = await derp(
    cwd,
    ...HOME,
    '--with-default',
    'https://u:secret@maps.example.com/derp.json',
    '-o',
    'config',
  )
  expect(stdout.split('\n')[0]).not.toContain('secret')
})

describe('rejects', () => {
  test.each([
    ['nothing', ['render']],
    ['region-without-node', ['render', '--region', '900:a:b']],
    ['node-without-region', ['render', '--add-node', '900,host=a.example.com']],
    ['node-without-host', ['render', '--region', '900:a:b', '--add-node', '900/900a']],
    ['node-unknown-word', ['render', '--region', '900:a:b', '--add-node', '900,host=a.example.com,tls=no']],
    ['node-bad-port', ['render', '--region', '900:a:b', '--add-node', '900,host=a.example.com,port=99999']],
    ['region-not-a-number', ['render', '--region', 'nine:a:b', '--domain', 'a.example.com']],
    ['region-twice', ['render', '--region', '900:a:b', '--region', '900:c:d', '--add-node', '900,host=a.example.com']],
    ['region-zero', ['render', '--region', '0:a:b', '--domain', 'a.example.com']],
    ['region-too-large', ['render', '--region', '66436:a:b', '--domain', 'a.example.com']],
    ['hostname-url', ['render', '--domain', 'https://derp.example.com']],
    ['hostname-port', ['render', '--domain', 'derp.example.com:443']],
    ['ip-not-an-address', ['render', '--ip', '198.51.100']],
    ['ipv6-on-443', ['render', '--ip', '2001:db8::1']],
    ['home-with-ip', ['render', '--home', 'home.example.com', '--ip', '198.51.100.1']],
    ['pin-malformed', ['render', '--ip', '198.51.100.1', '--pin', 'abc']],
    ['pin-and-insecure', ['render', '--ip', '198.51.100.1', '--pin', PIN, '--insecure-for-tests']],
    ['pin-and-cert', ['render', '--ip', '198.51.100.1', '--pin', PIN, '--cert', 'x.crt']],
    ['cert-missing', ['render', '--ip', '198.51.100.1', '--cert', 'x.crt']],
    ['port-without-preset', ['render', '--region', '900:a:b', '--add-node', '900,host=a.example.com', '--port', '443']],
    ['letsencrypt-on-another-port', [...DOMAIN, '-o', 'derper', '--cert-mode', 'letsencrypt']],
    ['letsencrypt-of-a-pin', [...IP, '--pin', PIN, '-o', 'derper', '--cert-mode', 'letsencrypt']],
    ['container-without-socket', [...DOMAIN, '-o', 'docker', '--verify-clients']],
    ['both-verifications', [...DOMAIN, '-o', 'derper', '--verify-clients', '--verify-client-url', 'https://h/verify']],
    ['deploy-flag-in-yaml', [...DOMAIN, '--verify-clients']],
    ['systemd-of-three', [...GUIDE, '-o', 'systemd']],
    ['node-not-in-the-map', [...GUIDE, '-o', 'systemd', '--node', '903a']],
    ['exclude-unknown', [...DOMAIN, '--exclude', '7']],
    ['name-twice', [...GUIDE.slice(0, -1), '901/900a,host=c.example.com']],
    [
      'node-twice',
      [
        'render',
        '--region',
        '900:a:b',
        ...['--add-node', '900/x,host=a.example.com', '--add-node', '900/x,host=b.example.com'],
      ],
    ],
    ['port-too-large', ['render', '--domain', 'a.example.com', '--port', '70000']],
    ['from-missing', ['render', '--from', 'nowhere.yaml']],
  ])('%s', (name, words) => golden(`refused-${name}`, {}, ...words))

  test.each([
    ['unknown-word', 'regions:\n  - {id: 900, nodes: [{host: a.example.com, prot: 443}]}\n'],
    ['no-host', 'regions:\n  - {id: 900, nodes: [{port: 443}]}\n'],
    ['no-id', 'regions:\n  - {code: a, nodes: [{host: a.example.com}]}\n'],
    [
      'id-twice',
      'regions:\n  - {id: 900, nodes: [{host: a.example.com}]}\n  - {id: 900, nodes: [{host: b.example.com}]}\n',
    ],
    ['no-nodes', 'regions:\n  - {id: 900}\n'],
    ['another-key', 'regions:\n  - {id: 900, nodes: [{host: a.example.com}]}\nregion: 1\n'],
    ['null-port', 'regions:\n  - {id: 900, nodes: [{host: a.example.com, port: }]}\n'],
  ])('a spec: %s', (name, text) => golden(`spec-${name}`, {'spec.yaml': text}, 'render', '--from', 'spec.yaml'))
})

describe('the pin of a certificate', () => {
  const pinOf = (text: string) => /certname: '(sha256-raw:[0-9a-f]{64})'/.exec(text)?.[1]
  const relay = (...words: string[]) => ['render', '--ip', '198.51.100.7', ...words]

  test('is the same from a file, from a server, and from --pin', async () => {
    const cwd = await folderWith({})
    const made = await derp(cwd, 'cert', '198.51.100.7', '--dir', cwd, '-o', 'json')
    const {pin} = JSON.parse(made.stdout) as {pin: string}
    const [cert, key] = ['crt', 'key'].map((end) => readFileSync(join(cwd, `198.51.100.7.${end}`)))
    const server = createServer({cert, key})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as AddressInfo

    const runs = [
      await derp(cwd, ...relay('--cert', join(cwd, '198.51.100.7.crt'))),
      await derp(cwd, ...relay('--fetch-pin', `127.0.0.1:${port}`)),
      await derp(cwd, ...relay('--pin', pin)),
      await derp(cwd, ...relay('--pin', pin.slice('sha256-raw:'.length).toUpperCase())),
    ]
    server.close()
    expect(runs.map(({stdout, stderr, status}) => [pinOf(stdout), stderr, status])).toEqual(Array(4).fill([pin, '', 0]))
  })

  test('is rejected for a chain', async () => {
    const cwd = await folderWith({})
    await derp(cwd, 'cert', '198.51.100.7', '--dir', cwd)
    const one = readFileSync(join(cwd, '198.51.100.7.crt'), 'utf8')
    await golden('refused-pin-of-chain', {'chain.crt': one + one}, ...relay('--cert', 'chain.crt'))
  })

  test('is rejected for a certificate with another name, because clients reject it', async () => {
    const cwd = await folderWith({})
    await derp(cwd, 'cert', 'a.example.com', '--dir', cwd)
    const files = {'a.crt': readFileSync(join(cwd, 'a.example.com.crt'), 'utf8')}
    await golden('refused-pin-of-another-name', files, 'render', '--domain', 'b.example.com', '--cert', 'a.crt')
    // Clients do not check the names of a certificate when they dial an address.
    for (const words of [
      ['--domain', 'a.example.com'],
      ['--home', 'a.example.com'],
      ['--ip', '198.51.100.7'],
    ]) {
      const {status} = await derp(cwd, 'render', ...words, '--cert', 'a.example.com.crt')
      expect(status).toBe(0)
    }
  })

  test('is rejected for an expired certificate', async () => {
    const host = {kind: 'dns', name: 'a.example.com'} as const
    const old = await createRelayCertificate(host, {days: 30, notBefore: new Date('2025-01-01T00:00:00Z')})
    const cwd = await folderWith({'a.crt': old.certificatePem})
    expect(await derp(cwd, 'render', '--domain', 'a.example.com', '--cert', 'a.crt')).toMatchObject({
      status: 6,
      stdout: '',
      stderr: expect.stringMatching(/^error: a\.crt: .* got expired on 2025-01-31\nhint: /) as string,
    })
  })

  test('fails when nothing listens at --fetch-pin', async () => {
    const {status, stdout} = await derp(await folderWith({}), ...relay('--fetch-pin', '127.0.0.1:9'))
    expect({status, stdout}).toEqual({status: 7, stdout: ''})
  })
})
