/** derp validate, show and diff through the program: targets, formats, exit statuses. */
import {mkdir, readFile, stat, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {BASE} from './cases.ts'
import {derp, folderWith, serve, transcript} from './support.ts'

const BAD = BASE.replace('    regionid: 900', '    RegionID: 900').replace('derpport: 12345', 'derpport: "12345"')
const JSON_MAP = JSON.stringify({
  Regions: {
    1: {
      RegionID: 1,
      RegionCode: 'nyc',
      RegionName: 'New York',
      Nodes: [{Name: '1f', RegionID: 1, HostName: 'derp1f.tailscale.com'}],
    },
    900: {
      RegionID: 900,
      RegionCode: 'url',
      RegionName: 'From the URL',
      Nodes: [{Name: '900u', RegionID: 900, HostName: 'url.example.com'}],
    },
  },
})
const EMBEDDED = `  server:
    enabled: true
    region_id: 999
    region_code: headscale
    region_name: Headscale Embedded DERP
    stun_listen_addr: 0.0.0.0:3479
    private_key_path: /var/lib/headscale/derp.key
    ipv4: 198.51.100.9
`
const config = (derpBlock: string, url = 'https://headscale.example.com:8443') =>
  `server_url: ${url}\nnoise:\n  private_key_path: /var/lib/headscale/noise.key\nderp:\n${derpBlock}`

let maps: {url: string; close: () => void}

beforeAll(async () => {
  maps = await serve((request, response) => {
    if (request.url === '/map.json') return response.end(JSON_MAP)
    if (request.url === '/moved') return response.writeHead(302, {location: '/map.json'}).end()
    if (request.url === '/500') return response.writeHead(500).end(JSON_MAP)
    return response.writeHead(404, {'content-type': 'text/html'}).end('<html><h1>Not Found</h1></html>\n')
  })
})
afterAll(() => maps.close())

/** A transcript without the server's port. */
async function golden(name: string, cwd: string, ...words: string[]) {
  const text = (await transcript(cwd, ...words)).replaceAll(maps.url, 'http://MAPS')
  await expect(text).toMatchFileSnapshot(`golden/commands/${name}.txt`)
}

describe('derp validate', () => {
  test.each([
    ['text', []],
    ['json', ['-o', 'json']],
    ['yaml', ['-o', 'yaml']],
    ['github', ['--format', 'github']],
    ['as-urls', ['--as', 'urls']],
    ['headscale-0.15', ['--headscale', '0.15']],
  ])('%s', async (name, words) =>
    golden(`validate-${name}`, await folderWith({'derp.yaml': BAD}), 'validate', 'derp.yaml', ...words),
  )

  test('a good map', async () =>
    golden('validate-good', await folderWith({'derp.yaml': BASE}), 'validate', 'derp.yaml'))

  test('only warnings: exit status 0, with --strict 6', async () => {
    const cwd = await folderWith({'derp.yaml': `${BASE}        insecurefortests: true\n`})
    expect((await derp(cwd, 'validate', 'derp.yaml')).status).toBe(0)
    expect((await derp(cwd, 'validate', 'derp.yaml', '--strict')).status).toBe(6)
  })

  test('a configuration instead of a map', async () =>
    golden('validate-is-config', await folderWith({'config.yaml': config('  urls: []\n')}), 'validate', 'config.yaml'))
  test('a spec instead of a map', async () =>
    golden(
      'validate-is-spec',
      await folderWith({'spec.yaml': 'regions:\n  - {id: 900, nodes: [{host: a.example.com}]}\n'}),
      'validate',
      'spec.yaml',
    ))
  test('a map instead of a configuration', async () =>
    golden('validate-is-map', await folderWith({'derp.yaml': BASE}), 'validate', '--config', 'derp.yaml'))
  test('a missing file', async () => golden('validate-missing', await folderWith({}), 'validate', 'derp.yaml'))
  test('no file', async () => golden('validate-nothing', await folderWith({}), 'validate'))
  test('an unknown release', async () =>
    golden('validate-release', await folderWith({'derp.yaml': BASE}), 'validate', 'derp.yaml', '--for', '0.14'))
  test('an invalid release', async () =>
    golden('validate-no-release', await folderWith({'derp.yaml': BASE}), 'validate', 'derp.yaml', '--for', 'latest'))
  test('a folder', async () => golden('validate-folder', await folderWith({'d/derp.yaml': BASE}), 'validate', 'd'))

  test('a page instead of a map (case 83)', async () =>
    golden('validate-404', await folderWith({}), 'validate', `${maps.url}/nothing`))
  test('a map with status 500 (case 84)', async () =>
    golden('validate-500', await folderWith({}), 'validate', `${maps.url}/500`))
  test('a redirect', async () => golden('validate-redirect', await folderWith({}), 'validate', `${maps.url}/moved`))
  test('nothing listens', async () => {
    const {status, stderr} = await derp(await folderWith({}), 'validate', 'http://127.0.0.1:9/derp.json')
    expect({status, stderr: stderr.split('\n')[0]}).toEqual({
      status: 7,
      stderr: 'error: cannot fetch http://127.0.0.1:9/derp.json: connect ECONNREFUSED 127.0.0.1:9',
    })
  })
})

describe('derp validate --fix', () => {
  test.each([
    ['keys', BAD],
    ['json-in-yaml', `${JSON_MAP}\n`],
    ['json-indented', `${JSON.stringify(JSON.parse(JSON_MAP), null, 2)}\n`],
    ['missing-region-id', BASE.replace('        regionid: 900\n', '')],
    [
      'missing-region-id-flow',
      'regions:\n  900:\n    regionid: 900\n    regioncode: c\n    nodes: [{name: 900a, hostname: a.example.com}]\n',
    ],
    ['wrong-region-id', BASE.replace('        regionid: 900', '        regionid: 7')],
    [
      'snake-case',
      BASE.replaceAll('regionid', 'region_id').replace('hostname', 'host_name').replace('derpport', 'DERPPort'),
    ],
    ['pin', `${BASE}        certname: sha256-raw:${'AB'.repeat(32)} # the pin\n`],
    ['nothing-to-do', BASE],
    ['nothing-sure', BASE.replace('  900:', '  901:')],
    ['crlf', BAD.replaceAll('\n', '\r\n')],
  ])('%s', async (name, text) => {
    const cwd = await folderWith({'derp.yaml': text})
    const run = await transcript(cwd, 'validate', 'derp.yaml', '--fix')
    const after = await readFile(join(cwd, 'derp.yaml'), 'utf8')
    await expect(`${run}--- derp.yaml\n${after}`).toMatchFileSnapshot(`golden/commands/fix-${name}.txt`)
    // A second run changes nothing.
    await derp(cwd, 'validate', 'derp.yaml', '--fix')
    expect(await readFile(join(cwd, 'derp.yaml'), 'utf8')).toBe(after)
  })

  test('keeps mode and link', async () => {
    const cwd = await folderWith({'real/derp.yaml': BAD})
    const real = join(cwd, 'real/derp.yaml')
    await writeFile(real, BAD, {mode: 0o600})
    await import('node:fs/promises').then(({chmod}) => chmod(real, 0o640))
    await symlink(real, join(cwd, 'derp.yaml'))
    await derp(cwd, 'validate', 'derp.yaml', '--fix')
    expect((await stat(real)).mode & 0o777).toBe(0o640)
    expect(await readFile(real, 'utf8')).toContain('derpport: 12345')
  })

  test('rejects a URL, which it cannot write to', async () => {
    const {status, stderr} = await derp(await folderWith({}), 'validate', `${maps.url}/map.json`, '--fix')
    expect({status, stderr: stderr.replaceAll(maps.url, 'http://MAPS')}).toEqual({
      status: 2,
      stderr: 'error: --fix cannot write to http://MAPS/map.json\nhint: give a file\n',
    })
  })
})

describe('derp validate --config', () => {
  const check = async (name: string, files: Record<string, string>, ...words: string[]) => {
    const cwd = await folderWith(
      Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replaceAll('MAPS', maps.url)])),
    )
    await golden(`config-${name}`, cwd, 'validate', '--config', 'config.yaml', ...words)
  }
  test('paths, URL and embedded relay', () =>
    check('all', {
      'config.yaml': config(`  urls:\n    - MAPS/map.json\n  paths:\n    - derp.yaml\n${EMBEDDED}`),
      'derp.yaml': BASE,
    }))
  test('fetched', () =>
    check(
      'fetch',
      {'config.yaml': config(`  urls:\n    - MAPS/map.json\n  paths:\n    - derp.yaml\n`), 'derp.yaml': BASE},
      '--fetch',
    ))
  test('a file in the folder of the configuration, not in the working directory', async () => {
    const cwd = await folderWith({'etc/config.yaml': config('  paths: [derp.yaml]\n'), 'etc/derp.yaml': BASE})
    await golden('config-beside', cwd, 'validate', '--config', 'etc/config.yaml')
  })
  test('a missing file', () => check('missing-file', {'config.yaml': config('  paths: [nowhere.yaml]\n')}))
  test('a missing file before 0.27', () =>
    check('missing-file-0.26', {'config.yaml': config('  paths: [nowhere.yaml]\n')}, '--for', '0.26'))
  test('no sources', () => check('nothing', {'config.yaml': config('  urls: []\n  paths: []\n')}))
  test('text that is not a URL', () => check('bad-url', {'config.yaml': config('  urls: [derp.json, "https:///x"]\n')}))
  test('unknown keys', () =>
    check('unknown-keys', {
      'config.yaml': config('  path: [derp.yaml]\n  urls: [MAPS/map.json]\n  server:\n    verify: true\n'),
    }))
  test('keys in any case, as viper reads them', () =>
    check('key-case', {'config.yaml': config('  Paths: [derp.yaml]\n').replace('derp:', 'DERP:'), 'derp.yaml': BASE}))
  test('an embedded relay that cannot work', () =>
    check('embedded-bad', {'config.yaml': config('  server:\n    enabled: true\n', 'http://198.51.100.1:8080')}))
  test('the noise key used twice', () =>
    check('embedded-key', {'config.yaml': config(EMBEDDED.replace('derp.key', 'noise.key'))}))
  test('an embedded relay that no source announces to clients', () =>
    check('embedded-not-added', {
      'config.yaml': config(`${EMBEDDED}    automatically_add_embedded_derp_region: false\n`),
    }))
  test('an embedded relay open to all', () =>
    check('embedded-open', {'config.yaml': config(EMBEDDED)}, '--for', '0.26'))
  test('invalid YAML', () => check('syntax', {'config.yaml': 'derp: [\n'}))
  test('an invalid frequency', () =>
    check('frequency', {
      'config.yaml': config('  paths: [derp.yaml]\n  auto_update_enabled: true\n  update_frequency: daily\n'),
      'derp.yaml': BASE,
    }))
})

describe('derp show', () => {
  const files = () => ({
    'config.yaml': config(`  urls:\n    - ${maps.url}/map.json\n  paths:\n    - derp.yaml\n${EMBEDDED}`),
    'derp.yaml': `${BASE}  1: null\n`,
  })
  test.each([
    ['0.29', []],
    ['0.26', ['--for', '0.26']],
    ['0.30', ['--for', '0.30']],
    ['json', ['-o', 'json']],
    ['yaml', ['-o', 'yaml']],
    ['offline', ['--offline']],
  ])('%s', async (name, words) => golden(`show-${name}`, await folderWith(files()), 'show', 'config.yaml', ...words))

  test('finds the configuration of the working directory', async () => {
    const cwd = await folderWith(files())
    expect((await derp(cwd, 'show')).stdout).toBe((await derp(cwd, 'show', 'config.yaml')).stdout)
  })
  test('no configuration', async () => golden('show-nothing', await folderWith({}), 'show'))
  test('a map file', async () => golden('show-map', await folderWith({'derp.yaml': BASE}), 'show', 'derp.yaml'))
  test('a pin in another notation is not the name of a certificate', async () => {
    const notation = `sha256:${'ab'.repeat(32)}`
    const folder = await folderWith({
      'derp.yaml': BASE.replace(/(hostname: .*)/, `$1\n        certname: '${notation}'`),
    })
    const {stdout} = await derp(folder, 'show', 'derp.yaml')
    expect(stdout).toContain('| invalid pin')
  })
  test('a configuration headscale does not start with', async () =>
    golden(
      'show-refused',
      await folderWith({'config.yaml': config('  paths: [derp.yaml]\n'), 'derp.yaml': BAD}),
      'show',
      'config.yaml',
    ))
  test('the same before 0.27', async () =>
    golden(
      'show-skipped',
      await folderWith({
        'config.yaml': config(`  paths: [bad.yaml, good.yaml]\n  urls: [${maps.url}/map.json]\n`),
        'bad.yaml': BAD,
        'good.yaml': BASE,
      }),
      'show',
      'config.yaml',
      '--for',
      '0.26',
    ))
  test('an empty map', async () =>
    golden(
      'show-empty',
      await folderWith({'config.yaml': config('  paths: [derp.yaml]\n'), 'derp.yaml': '{}\n'}),
      'show',
      'config.yaml',
    ))
})

describe('derp diff', () => {
  const changed = BASE.replace('derpport: 12345', 'derpport: 443').replace('regionname: n', 'regionname: new')
  const files = {
    'a.yaml': BASE,
    'same.json': JSON.stringify({
      Regions: {
        900: {
          RegionID: 900,
          RegionCode: 'c',
          RegionName: 'n',
          Nodes: [
            {
              Name: '900a',
              RegionID: 900,
              HostName: 'derp.example.com',
              CertName: 'derp.example.com',
              IPv4: '198.51.100.1',
              DERPPort: 12345,
            },
          ],
        },
      },
    }),
    'b.yaml': `${changed}      - {name: 900b, regionid: 900, hostname: b.example.com}\n${BASE.replace('regions:\n', '').replaceAll('900', '901')}`,
    'swapped.yaml': `regions:\n  900:\n    regionid: 900\n    regioncode: c\n    regionname: n\n    nodes:\n      - {name: b, regionid: 900, hostname: b.example.com}\n      - {name: a, regionid: 900, hostname: a.example.com}\n`,
    'order.yaml': `regions:\n  900:\n    regionid: 900\n    regioncode: c\n    regionname: n\n    nodes:\n      - {name: a, regionid: 900, hostname: a.example.com}\n      - {name: b, regionid: 900, hostname: b.example.com}\n`,
    'bad.yaml': BAD,
  }
  test.each([
    ['same', ['a.yaml', 'same.json']],
    ['same-json', ['a.yaml', 'same.json', '-o', 'json']],
    ['changed', ['a.yaml', 'b.yaml']],
    ['changed-back', ['b.yaml', 'a.yaml']],
    ['changed-json', ['a.yaml', 'b.yaml', '-o', 'json']],
    ['order', ['swapped.yaml', 'order.yaml']],
    ['bad', ['a.yaml', 'bad.yaml']],
    ['missing', ['a.yaml', 'nowhere.yaml']],
    ['one', ['a.yaml']],
  ])('%s', async (name, words) => golden(`diff-${name}`, await folderWith(files), 'diff', ...words))

  test('a folder is a failure, not a difference', async () => {
    const cwd = await folderWith(files)
    await mkdir(join(cwd, 'd'))
    expect((await derp(cwd, 'diff', 'a.yaml', 'd')).status).toBeGreaterThan(1)
  })
})
