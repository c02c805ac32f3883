/**
 * The cases of derp validate: a valid map with one change each, and the expected result.
 *
 * `verdict` was written by hand from what headscale and the clients do; the golden file of each case contains the whole
 * report. The number of a case is the name of its golden file.
 */

/** headscale's YAML for one region with one relay; every case starts from it. */
export const BASE = `regions:
  900:
    regionid: 900
    regioncode: c
    regionname: n
    nodes:
      - name: 900a
        regionid: 900
        hostname: derp.example.com
        ipv4: 198.51.100.1
        derpport: 12345
        stunport: 3478
`

const PIN = 'fd660c0aa1b2c3d4e5f60718293a4b5c6d7e8f90112233445566778899aabbcc'

export interface ValidateCase {
  number: number
  title: string
  files: {name: string; text: string}[]
  verdict: 'ok' | 'warning' | 'error'
  /** A code that must be among the findings; null for ok. */
  code: string | null
  release?: string
  /** config.yaml that names the files; they are then read through it. */
  config?: string
  as?: 'paths' | 'urls'
}

type Verdict = ValidateCase['verdict']

const set = (field: string, line: string) => {
  const pattern = new RegExp(`^( *)(- )?${field}: .*$`, 'm')
  if (!pattern.test(BASE)) throw new Error(`the base has no ${field}`)
  return BASE.replace(pattern, (_, indent: string, dash = '') => `${indent}${dash}${line}`)
}
const add = (...lines: string[]) => BASE + lines.map((line) => `        ${line}\n`).join('')
const addRegion = (...lines: string[]) =>
  BASE.replace('    nodes:\n', `${lines.map((line) => `    ${line}\n`).join('')}    nodes:\n`)
const ids = (id: string) => BASE.replaceAll(/\b900\b(?!a)/g, id)
const second = (id: number, code: string, ...lines: string[]) =>
  `  ${id}:
    regionid: ${id}
    regioncode: ${code}
    regionname: second
    nodes:
      - name: ${id}a
        regionid: ${id}
        hostname: other.example.com
${lines.map((line) => `        ${line}\n`).join('')}`

const yaml = (
  number: number,
  title: string,
  verdict: Verdict,
  code: string | null,
  text: string,
  release?: string,
): ValidateCase => ({
  number,
  title,
  files: [{name: 'derp.yaml', text}],
  verdict,
  code,
  ...(release === undefined ? {} : {release}),
})
const json = (number: number, title: string, verdict: Verdict, code: string | null, text: string): ValidateCase => ({
  number,
  title,
  files: [{name: 'derp.json', text}],
  verdict,
  code,
})

const GUIDE_JSON = `{
  "Regions": {
    "901": {
      "RegionID": 901,
      "RegionCode": "ali-sh",
      "RegionName": "Aliyun Shanghai",
      "Nodes": [
        {"Name": "901a", "RegionID": 901, "DERPPort": 443, "HostName": "198.51.100.2", "IPv4": "198.51.100.2", "InsecureForTests": true}
      ]
    },
    "902": {
      "RegionID": 902,
      "RegionCode": "home",
      "RegionName": "Home",
      "Nodes": [
        {"Name": "902a", "RegionID": 902, "DERPPort": 12345, "HostName": "home.example.com", "InsecureForTests": true}
      ]
    }
  }
}
`
const GUIDE_YAML = `regions:
  900:
    regionid: 900
    regioncode: thk
    regionname: Tencent Hongkong
    nodes:
      - name: 900a
        regionid: 900
        hostname: a.example.com
        ipv4: 198.51.100.1
        stunport: 3478
        stunonly: false
        derpport: 12345
      - name: 900b
        regionid: 900
        hostname: b.example.com
        ipv4: 198.51.100.2
        stunport: 3478
        stunonly: false
        derpport: 12345
  901:
    regionid: 901
    regioncode: hs
    regionname: Huawei Shanghai
    nodes:
      - name: 901a
        regionid: 901
        hostname: c.example.com
        ipv4: 198.51.100.3
        stunport: 3478
        stunonly: false
        derpport: 12345
`
const JSON_BASE = (node: string, key = '"900"', region = '"RegionID": 900') =>
  `{"Regions": {${key}: {${region}, "RegionCode": "c", "RegionName": "n", "Nodes": [{"Name": "900a", "RegionID": 900, "HostName": "derp.example.com"${node}}]}}}\n`

const CONFIG = (derp: string) => `server_url: https://headscale.example.com
noise:
  private_key_path: /var/lib/headscale/noise_private.key
derp:
${derp}`
const PATHS = '  paths:\n    - derp.yaml\n'
const OFFICIAL = '  urls:\n    - https://controlplane.tailscale.com/derpmap/default\n'

const SERVER = (line: string, enabled = 'true') =>
  `  server:
    enabled: ${enabled}
    region_id: 999
    region_code: own
    region_name: Own
    stun_listen_addr: 0.0.0.0:3478
    private_key_path: /var/lib/headscale/derp.key
    ${line}
`

export const CASES: ValidateCase[] = [
  yaml(1, 'the base', 'ok', null, BASE),
  yaml(2, "the guide's two regions", 'warning', 'mesh', GUIDE_YAML),
  json(3, "the guide's JSON behind a URL", 'warning', 'insecure', GUIDE_JSON),
  yaml(4, "the guide's JSON as a file of derp.paths", 'error', 'empty-map', GUIDE_JSON),
  yaml(
    5,
    'Go-cased keys in YAML',
    'error',
    'region-id',
    BASE.replace('regionid', 'RegionID').replace('regioncode', 'RegionCode').replace('nodes', 'Nodes'),
  ),
  yaml(6, 'InsecureForTests in YAML', 'warning', 'key-case', add('InsecureForTests: true')),
  yaml(7, 'insecurefortests', 'warning', 'insecure', add('insecurefortests: true')),
  yaml(8, 'region_id', 'error', 'region-id', BASE.replace('regionid', 'region_id')),
  yaml(9, 'derptestport', 'warning', 'unknown-key', add('derptestport: 1')),
  yaml(10, 'a region key in quotes', 'error', 'quoted-value', BASE.replace('  900:', '  "900":')),
  yaml(11, 'regionid in quotes', 'error', 'quoted-value', set('regionid', 'regionid: "900"')),
  yaml(12, 'an octal port', 'error', 'octal-number', set('derpport', 'derpport: 0443')),
  yaml(13, 'a port with a fraction', 'warning', 'truncated-number', set('derpport', 'derpport: 443.7')),
  yaml(14, 'port 0', 'ok', null, set('derpport', 'derpport: 0')),
  yaml(15, 'a negative port', 'error', 'derp-port', set('derpport', 'derpport: -1')),
  yaml(115, 'a port above 65535', 'error', 'derp-port', set('derpport', 'derpport: 70000')),
  yaml(16, 'port 80', 'warning', 'derp-port-80', set('derpport', 'derpport: 80')),
  yaml(17, 'STUN port 0', 'ok', null, set('stunport', 'stunport: 0')),
  yaml(18, 'no STUN', 'warning', 'no-stun', set('stunport', 'stunport: -1')),
  yaml(19, 'STUN port -5', 'warning', 'stun-port', set('stunport', 'stunport: -5')),
  yaml(119, 'STUN port 70000', 'warning', 'stun-port', set('stunport', 'stunport: 70000')),
  yaml(20, 'no relay', 'error', 'no-relay', add('stunonly: true')),
  yaml(
    21,
    'STUN only, without STUN',
    'error',
    'unused-node',
    set('stunport', 'stunport: -1') + '        stunonly: true\n',
  ),
  yaml(
    22,
    'a STUN node beside a relay',
    'ok',
    null,
    `${BASE}      - {name: 900s, regionid: 900, hostname: stun.example.com, stunonly: true}\n`,
  ),
  yaml(23, 'a boolean in quotes', 'error', 'quoted-value', add('stunonly: "true"')),
  yaml(
    24,
    'yes',
    'ok',
    null,
    `${BASE}      - {name: 900s, regionid: 900, hostname: stun.example.com, stunonly: yes}\n`,
  ),
  yaml(25, 'key 901, regionid 900', 'error', 'region-id', BASE.replace('  900:', '  901:')),
  yaml(26, 'a node without regionid', 'error', 'node-region-id', BASE.replace('        regionid: 900\n', '')),
  yaml(
    126,
    'a node of another region',
    'error',
    'node-region-id',
    BASE.replace('        regionid: 900', '        regionid: 901'),
  ),
  yaml(27, 'region 0', 'error', 'region-id-range', ids('0')),
  yaml(127, 'region -5', 'error', 'region-id-range', ids('-5')),
  yaml(28, 'region 1', 'warning', 'region-id-reserved', ids('1')),
  yaml(29, 'region 1000', 'warning', 'region-id-reserved', ids('1000')),
  yaml(30, 'region 66436', 'error', 'region-id-range', ids('66436')),
  {
    ...yaml(31, 'the id of the embedded relay', 'error', 'embedded-conflict', ids('999')),
    config: CONFIG(
      `${PATHS}  server:
    enabled: true
    region_id: 999
    region_code: headscale
    region_name: Headscale Embedded DERP
    stun_listen_addr: 0.0.0.0:3478
    private_key_path: /var/lib/headscale/derp_server_private.key
`,
    ),
  },
  yaml(32, 'a region twice', 'error', 'duplicate-key', BASE + BASE.replace('regions:\n', '')),
  yaml(132, 'a region twice, before 0.22', 'warning', 'duplicate-key', BASE + BASE.replace('regions:\n', ''), '0.21'),
  yaml(33, 'a node name twice', 'error', 'duplicate-node-name', BASE + second(901, 'd').replace('901a', '900a')),
  yaml(34, 'a node without name', 'error', 'node-name', set('name', "name: ''")),
  yaml(
    35,
    'one host twice, other names and ports',
    'ok',
    null,
    BASE + second(901, 'd', 'derpport: 8443').replace('other.example.com', 'derp.example.com'),
  ),
  yaml(36, 'no hostname', 'warning', 'host-name', BASE.replace('        hostname: derp.example.com\n', '')),
  yaml(
    136,
    'no hostname and no address',
    'error',
    'host-name',
    BASE.replace('        hostname: derp.example.com\n', '').replace('        ipv4: 198.51.100.1\n', ''),
  ),
  yaml(37, 'a URL as hostname', 'error', 'host-name', set('hostname', 'hostname: https://derp.example.com')),
  yaml(38, 'a port in hostname', 'error', 'host-name', set('hostname', 'hostname: derp.example.com:443')),
  yaml(39, 'brackets', 'error', 'host-name', set('hostname', "hostname: '[2001:db8::1]'")),
  yaml(
    40,
    'an IPv6 hostname on port 443',
    'error',
    'host-name-ipv6',
    set('hostname', 'hostname: 2001:db8::1').replace('derpport: 12345', 'derpport: 0'),
  ),
  yaml(
    41,
    'an IPv6 hostname on another port, with a pin',
    'ok',
    null,
    `${set('hostname', 'hostname: 2001:db8::1').replace('derpport: 12345', 'derpport: 8443')}        certname: sha256-raw:${PIN}\n`,
  ),
  yaml(42, 'capitals in hostname', 'warning', 'host-name-case', set('hostname', 'hostname: Derp.example.com')),
  yaml(43, 'a blank in hostname', 'error', 'host-name', set('hostname', 'hostname: derp example.com')),
  yaml(44, 'an underscore in hostname', 'ok', null, set('hostname', 'hostname: under_score.example')),
  yaml(45, 'both families off', 'error', 'both-families-off', set('ipv4', 'ipv4: none\n        ipv6: none')),
  yaml(46, 'ipv4 198.51.100', 'error', 'family-off', set('ipv4', 'ipv4: 198.51.100')),
  yaml(146, 'ipv4 01.2.3.4', 'error', 'family-off', set('ipv4', 'ipv4: 01.2.3.4')),
  yaml(246, 'ipv4 x', 'error', 'family-off', set('ipv4', 'ipv4: "x"')),
  yaml(47, 'an IPv6 address in ipv4', 'error', 'family-off', set('ipv4', 'ipv4: 2001:db8::1')),
  yaml(48, 'ipv4 127.0.0.1', 'warning', 'test-node', set('ipv4', 'ipv4: 127.0.0.1')),
  yaml(49, 'a private address', 'warning', 'private-address', set('ipv4', 'ipv4: 10.0.0.1')),
  yaml(50, 'a mapped address', 'warning', 'mapped-address', add('ipv6: ::ffff:198.51.100.1')),
  yaml(51, 'a plain IPv6 address', 'ok', null, add('ipv6: 2001:db8::1')),
  yaml(52, 'no address', 'ok', null, BASE.replace('        ipv4: 198.51.100.1\n', '')),
  yaml(53, 'a pin', 'ok', null, `${set('hostname', 'hostname: 198.51.100.1')}        certname: sha256-raw:${PIN}\n`),
  yaml(
    54,
    'a pin in capitals',
    'error',
    'pin',
    `${set('hostname', 'hostname: 198.51.100.1')}        certname: sha256-raw:${PIN.toUpperCase()}\n`,
  ),
  yaml(55, 'a pin of 63 digits', 'error', 'pin', add(`certname: sha256-raw:${PIN.slice(1)}`)),
  yaml(155, 'SHA256-RAW', 'error', 'pin', add(`certname: SHA256-RAW:${PIN}`)),
  yaml(
    56,
    'a pin and insecurefortests',
    'warning',
    'pin-and-insecure',
    add(`certname: sha256-raw:${PIN}`, 'insecurefortests: true'),
  ),
  yaml(57, 'certname is hostname', 'ok', null, add('certname: derp.example.com')),
  yaml(58, 'another certname', 'warning', 'cert-name', add('certname: front.example.com')),
  yaml(59, 'an IP hostname without a pin', 'warning', 'ip-without-pin', set('hostname', 'hostname: 198.51.100.1')),
  yaml(60, 'canport80 without ipv4', 'warning', 'port-80-unused', set('ipv4', 'canport80: true')),
  yaml(
    160,
    'canport80 with ipv4 none',
    'warning',
    'port-80-unused',
    set('ipv4', 'ipv4: none\n        canport80: true'),
  ),
  yaml(61, 'stuntestip', 'warning', 'test-node', add('stuntestip: 198.51.100.9')),
  yaml(62, 'avoid', 'warning', 'avoid', addRegion('avoid: true')),
  yaml(63, 'nomeasurenohome on the only region', 'error', 'no-home', addRegion('nomeasurenohome: true')),
  yaml(64, 'impossible coordinates', 'warning', 'coordinates', addRegion('latitude: 91', 'longitude: 181')),
  yaml(
    65,
    'no nodes',
    'error',
    'no-nodes',
    'regions:\n  900:\n    regionid: 900\n    regioncode: c\n    regionname: n\n    nodes: []\n',
  ),
  yaml(
    165,
    'nodes missing',
    'error',
    'no-nodes',
    'regions:\n  900:\n    regionid: 900\n    regioncode: c\n    regionname: n\n',
  ),
  yaml(66, 'a null node', 'error', 'null-node', `${BASE}      -\n`),
  yaml(
    67,
    'nodes is a map',
    'error',
    'wrong-type',
    'regions:\n  900:\n    regionid: 900\n    regioncode: c\n    nodes: {a: b}\n',
  ),
  yaml(
    167,
    'nodes is a scalar',
    'error',
    'wrong-type',
    'regions:\n  900:\n    regionid: 900\n    regioncode: c\n    nodes: derp.example.com\n',
  ),
  {
    ...yaml(68, 'null takes an official region away', 'ok', null, `${BASE}  1: null\n`),
    config: CONFIG(PATHS + OFFICIAL),
  },
  {
    ...yaml(168, 'null has no effect before 0.27', 'warning', 'null-region', `${BASE}  1: null\n`, '0.26'),
    config: CONFIG(PATHS + OFFICIAL),
  },
  {
    ...yaml(268, 'null has no effect in 0.30', 'warning', 'null-region', `${BASE}  1: null\n`, '0.30'),
    config: CONFIG(PATHS + OFFICIAL),
  },
  {...yaml(69, 'nothing but null', 'error', 'empty-map', 'regions:\n  1: null\n'), config: CONFIG(PATHS)},
  yaml(70, 'an empty file', 'error', 'empty-map', ''),
  yaml(170, 'no region', 'error', 'empty-map', 'regions:\n'),
  yaml(270, 'an empty file, before 0.23', 'warning', 'empty-map', '', '0.22'),
  yaml(71, 'two documents', 'warning', 'second-document', `${BASE}---\n${BASE.replaceAll('900', '901')}`),
  yaml(72, 'tabs', 'error', 'syntax', BASE.replaceAll('  ', '\t')),
  yaml(
    73,
    'homeparams and omitdefaultregions',
    'warning',
    'dropped-by-headscale',
    `${BASE}homeparams:\n  regionscore:\n    900: 0.5\nomitdefaultregions: true\n`,
  ),
  yaml(74, 'no region code', 'warning', 'region-code', set('regioncode', "regioncode: ''")),
  yaml(75, 'a region code twice', 'warning', 'duplicate-region-code', BASE + second(901, 'c')),
  {...yaml(76, 'one region in all', 'warning', 'single-region', BASE), config: CONFIG(PATHS)},
  json(
    77,
    'JSON keys in lower case',
    'ok',
    null,
    JSON_BASE('').replaceAll(/"[A-Z][A-Za-z]+"/g, (word) => word.toLowerCase()),
  ),
  json(78, 'RegionID in quotes', 'error', 'quoted-value', JSON_BASE('', '"900"', '"RegionID": "900"')),
  json(178, 'RegionID with a fraction', 'error', 'wrong-type', JSON_BASE('', '"900"', '"RegionID": 900.0')),
  json(79, 'a trailing comma', 'error', 'syntax', JSON_BASE(',')),
  json(179, 'a comment', 'error', 'syntax', `// a relay\n${JSON_BASE('')}`),
  json(279, 'a byte order mark', 'error', 'syntax', `\ufeff${JSON_BASE('')}`),
  json(80, 'a policy around it', 'error', 'wrapped-map', `{"derpMap": ${JSON_BASE('').trim()}}\n`),
  json(81, 'a key with a zero in front', 'warning', 'odd-number', JSON_BASE('', '"0900"')),
  {
    ...json(82, 'null in JSON', 'ok', null, '{"Regions":{"1":null}}'),
    files: [
      {name: 'derp.json', text: '{"Regions":{"1":null}}'},
      {name: 'derp.yaml', text: BASE},
    ],
  },
  {
    ...json(182, 'null in JSON before 0.27', 'warning', 'null-region', ''),
    files: [
      {name: 'derp.json', text: '{"Regions":{"1":null}}'},
      {name: 'derp.yaml', text: BASE},
    ],
    release: '0.26',
  },
  {
    ...yaml(85, 'a region in a file and behind a URL', 'warning', 'duplicate-region', ''),
    files: [
      {name: 'derp.yaml', text: BASE},
      {name: 'derp.json', text: JSON_BASE('')},
    ],
  },
  {
    ...yaml(86, 'a frequency without unit, with auto update', 'error', 'update-frequency', BASE + second(901, 'd')),
    config: CONFIG(`${PATHS}  auto_update_enabled: true\n  update_frequency: 24\n`),
  },
  {
    ...yaml(186, 'a frequency without unit', 'warning', 'update-frequency', BASE + second(901, 'd')),
    config: CONFIG(`${PATHS}  auto_update_enabled: false\n  update_frequency: 24\n`),
  },
  {
    ...yaml(87, 'frequency 0 in 0.24.0', 'error', 'zero-update-frequency', BASE + second(901, 'd'), '0.24.0'),
    config: CONFIG(`${PATHS}  auto_update_enabled: true\n  update_frequency: 0s\n`),
  },
  {
    ...yaml(187, 'frequency 0 in 0.29', 'ok', null, BASE + second(901, 'd')),
    config: CONFIG(`${PATHS}  auto_update_enabled: true\n  update_frequency: 0s\n`),
  },
  yaml(300, 'canport80 before 0.23', 'warning', 'newer-field', add('canport80: true'), '0.22'),
  yaml(310, 'nomeasurenohome before 0.26', 'warning', 'newer-field', addRegion('nomeasurenohome: true'), '0.25'),
  yaml(301, 'a region under an empty key', 'error', 'region-without-id', `${BASE}  ~:\n    regionid: 901\n`),
  yaml(302, 'brackets without end', 'error', 'too-large', '['.repeat(1000)),
  {
    ...yaml(303, 'a file without regions beside another', 'warning', 'empty-source', ''),
    files: [
      {name: 'derp.yaml', text: BASE},
      {name: 'empty.yaml', text: 'regions: {}\n'},
    ],
  },
  yaml(304, 'a tab on an empty line', 'error', 'syntax', BASE.replace('    nodes:', '\t\n    nodes:')),
  yaml(305, 'a quoted yes, before 0.22', 'error', 'quoted-value', add('insecurefortests: "yes"'), '0.21'),
  yaml(306, 'a quoted yes', 'ok', null, add('canport80: "yes"')),
  yaml(
    307,
    'a region written in two ways',
    'warning',
    'duplicate-key',
    `${BASE}  0x384:\n    regionid: 900\n    regioncode: c\n    nodes: [{name: x, regionid: 900, hostname: x.example.com}]\n`,
  ),
  yaml(
    320,
    'a wildcard as hostname, with an address',
    'warning',
    'host-name',
    set('hostname', "hostname: '*.example.com'"),
  ),
  yaml(
    321,
    'a wildcard as hostname',
    'error',
    'host-name',
    set('hostname', "hostname: '*.example.com'").replace('        ipv4: 198.51.100.1\n', ''),
  ),
  yaml(322, 'a placeholder as hostname', 'warning', 'host-name', set('hostname', 'hostname: YOUR_SERVER_NAME')),
  yaml(
    323,
    'a private hostname',
    'warning',
    'private-address',
    `${set('hostname', 'hostname: 10.0.0.1').replace('198.51.100.1', "''")}        insecurefortests: true\n`,
  ),
  yaml(
    324,
    'localhost',
    'warning',
    'private-address',
    set('hostname', 'hostname: localhost').replace('        ipv4: 198.51.100.1\n', ''),
  ),
  yaml(
    325,
    'an IPv4 hostname and ipv4 none',
    'error',
    'both-families-off',
    `${set('hostname', 'hostname: 198.51.100.1').replace('ipv4: 198.51.100.1', 'ipv4: none')}        insecurefortests: true\n`,
  ),
  yaml(326, 'ipv6 no', 'warning', 'family-off', add('ipv6: no')),
  yaml(327, 'ipv6 None', 'warning', 'family-off', add('ipv6: None')),
  yaml(
    328,
    'insecurefortests beside another certname',
    'warning',
    'insecure-unused',
    add('certname: a.example.net', 'insecurefortests: true'),
  ),
  yaml(329, 'a pin as sha256sum prints it', 'error', 'pin', add(`certname: sha256:${PIN}`)),
  yaml(
    330,
    'a pin as openssl prints it',
    'error',
    'pin',
    add(`certname: '${PIN.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:')}'`),
  ),
  yaml(331, 'an empty pin', 'error', 'pin', add("certname: 'sha256-raw:'")),
  yaml(
    332,
    'a pin of a public key',
    'error',
    'pin',
    add('certname: sha256/AbCdEf0123456789+/AbCdEf0123456789AbCdEf01='),
  ),
  yaml(333, 'a certname that no certificate has', 'error', 'cert-name', add('certname: CN=derp.example.com')),
  yaml(
    334,
    'misspelled keys',
    'warning',
    'unknown-key',
    BASE.replace('derpport', 'derport').replace('stunport', 'stunpot'),
  ),
  yaml(335, 'OmitDefaultRegions in YAML', 'warning', 'dropped-by-headscale', `OmitDefaultRegions: true\n${BASE}`),
  yaml(336, 'an explicitly empty map', 'warning', 'empty-map', 'regions: {}\n'),
  yaml(
    337,
    'regions as a list',
    'error',
    'wrapped-map',
    'regions:\n  - 900:\n    regionid: 900\n    regioncode: c\n    nodes:\n      - {name: 900a, regionid: 900, hostname: a.example.com, derpport: 70000}\n',
  ),
  yaml(
    338,
    'one region',
    'error',
    'wrapped-map',
    'regionid: 900\nregioncode: c\nnodes:\n  - {name: 900a, regionid: 900, hostname: a.example.com}\n',
  ),
  yaml(339, 'a list of nodes', 'error', 'wrapped-map', '- {name: 900a, regionid: 900, hostname: a.example.com}\n'),
  yaml(340, 'regions without the key regions', 'error', 'wrapped-map', BASE.replace('regions:\n', '')),
  yaml(341, 'a map inside derp', 'error', 'wrapped-map', `derp:\n${BASE.replaceAll(/^/gm, '  ').trimEnd()}\n`),
  yaml(
    342,
    'a ConfigMap',
    'error',
    'wrapped-map',
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: derp\ndata:\n  derp.yaml: |\n${set('derpport', 'derpport: 70000').replaceAll(/^(?=.)/gm, '    ')}`,
  ),
  {
    ...json(343, 'a tailnet policy', 'error', 'wrapped-map', ''),
    files: [
      {
        name: 'policy.hujson',
        text: `// tailnet policy\n{\n  "acls": [],\n  "derpMap": {\n    "OmitDefaultRegions": true,\n    "Regions": {\n      "900": {\n        "RegionID": 900, // ours\n        "RegionCode": "c",\n        "Nodes": [{"Name": "900a", "RegionID": 901, "HostName": "a.example.com"},],\n      },\n    },\n  },\n}\n`,
      },
    ],
  },
  json(344, 'a part of a tailnet policy', 'error', 'wrapped-map', `"derpMap": ${JSON_BASE('').trim()},\n`),
  json(345, 'a policy as strict JSON', 'error', 'wrapped-map', `{"acls": [], "derpMap": ${JSON_BASE('').trim()}}\n`),
  {
    ...yaml(346, 'verify_clients: yes', 'error', 'invalid-boolean', BASE),
    config: CONFIG(`${PATHS}${SERVER('verify_clients: yes')}`),
  },
  {
    ...yaml(347, 'enabled: yes', 'error', 'invalid-boolean', BASE),
    config: CONFIG(`${PATHS}  server:\n    enabled: yes\n`),
  },
  {
    ...yaml(348, 'enabled: off', 'warning', 'invalid-boolean', BASE),
    config: CONFIG(`${PATHS}  server:\n    enabled: off\n`),
  },
  {
    ...yaml(349, 'booleans as headscale reads them', 'ok', null, BASE),
    config: CONFIG(`${PATHS}${SERVER('verify_clients: t', 'T')}`),
  },
  {
    ...yaml(350, 'enabled: yes in 0.15', 'warning', 'embedded-open', BASE, '0.15'),
    config: CONFIG(`${PATHS}  server:\n    enabled: yes\n    region_id: 999\n    stun_listen_addr: 0.0.0.0:3478\n`),
  },
  {
    ...yaml(351, 'verify_clients: false', 'warning', 'embedded-open', BASE),
    config: CONFIG(`${PATHS}${SERVER('verify_clients: "0"')}`),
  },
  {
    ...yaml(352, 'an empty map beside an embedded relay', 'warning', 'empty-source', 'regions: {}\n'),
    config: CONFIG(`${PATHS}${SERVER('ipv4: 198.51.100.9')}`),
  },
]
