/**
 * Maps of `derp render` in real headscale servers: both formats load, and a client gets the map that `derp show` prints,
 * merged in the release's own order. And what `derp validate` reports as fatal is fatal.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'
import {parse, stringify} from 'yaml'

import {PROGRAMS, runHere} from '../../support/program.ts'
import {startTailnet, tailnetAvailable} from '../../support/real-tailnet.ts'
import {CASES} from '../../derp/cases.ts'
import type {Tailnet} from '../../support/real-tailnet.ts'

const PORT = 18_999

/** The guide's two regions and one without a domain, for derp.paths; null takes a region of the URL away from 0.27 on. */
const IN_FILE = [
  ...[
    'derp',
    'render',
    '--region',
    '900:thk:Tencent Hongkong',
    '--region',
    '901:hs:华为上海',
    '--region',
    '902:ip:Yes',
  ],
  ...['--add-node', '900/900a,host=a.example.com,ipv4=192.0.2.20,port=12345,stun-port=3478'],
  ...['--add-node', '900/900b,host=b.example.com,ipv4=192.0.2.21,port=12345,stun-port=off'],
  ...['--add-node', '901/901a,host=c.example.com,ipv4=192.0.2.22,insecure-for-tests'],
  ...['--add-node', `902/902a,host=2001:db8::1,ipv6=2001:db8::1,port=8443,pin=${'ab'.repeat(32)}`],
]
/** Region 900 once more, and two others, for derp.urls. */
const BEHIND_URL = [
  ...[
    'derp',
    'render',
    '-o',
    'json',
    '--region',
    '900:url:From the URL',
    '--region',
    '903:url3:no',
    '--region',
    '904:url4:gone',
  ],
  ...['--add-node', '900/900u,host=u.example.com,ipv4=192.0.2.30'],
  ...['--add-node', '903/903a,host=v.example.com,ipv4=192.0.2.31,can-port-80'],
  ...['--add-node', '904/904a,host=w.example.com'],
]

/** The guide's three cases, one line each, and its complete file. Consecutive maps differ, so an old map is noticed. */
const GUIDE: readonly [string, readonly string[]][] = [
  ['a domain', ['--region', '900:thk:Tencent Hongkong', '--domain', 'derp.example.com', '--port', '12345']],
  ['an address', ['--region', '901:ali-sh:Aliyun Shanghai', '--ip', '198.51.100.8', '--insecure-for-tests']],
  ['a home line', ['--home', 'home.example.com', '--port', '12345']],
  [
    'two regions, three relays',
    [
      ...['--region', '900:thk:Tencent Hongkong', '--region', '901:hs:Huawei Shanghai'],
      ...['--add-node', '900/900a,host=a.example.com,ipv4=198.51.100.1,port=12345,stun-port=3478'],
      ...['--add-node', '900/900b,host=b.example.com,ipv4=198.51.100.2,port=12345,stun-port=3478'],
      ...['--add-node', '901/901a,host=c.example.com,ipv4=198.51.100.3,port=12345,stun-port=3478'],
    ],
  ],
]

interface ClientMap {
  Regions: Record<string, {Nodes: {Name: string}[]} | null>
}

/** headscale from 0.27 on shuffles the nodes of a region. */
function inOrder({Regions}: ClientMap): ClientMap {
  for (const region of Object.values(Regions)) region?.Nodes.sort((a, b) => (a.Name < b.Name ? -1 : 1))
  return {Regions}
}

for (const version of ['0.22.3', '0.29.3']) {
  const {ok, reason} = tailnetAvailable(version)
  if (!ok) console.error(`left out: ${reason}`)

  describe.skipIf(!ok)(`headscale ${version}`, () => {
    let tailnet: Tailnet
    const use = (derp: Record<string, unknown>) => {
      const {configPath} = tailnet.headscale
      const config = parse(readFileSync(configPath, 'utf8')) as Record<string, unknown>
      writeFileSync(
        configPath,
        stringify({
          ...config,
          derp: {server: {enabled: false}, urls: [], auto_update_enabled: false, update_frequency: '24h', ...derp},
        }),
      )
    }

    beforeAll(async () => {
      tailnet = await startTailnet({version, clients: ['alpha']})
      const {folder, cli} = tailnet.headscale
      await cli(['users', 'create', 'alice'])
      const key = await cli(['preauthkeys', 'create', '--user', version.startsWith('0.22') ? 'alice' : '1'])

      const yaml = await runHere(IN_FILE)
      const json = await runHere(BEHIND_URL)
      if (yaml.status !== 0 || json.status !== 0) throw new Error(yaml.stderr + json.stderr)
      writeFileSync(join(folder, 'own.yaml'), `${yaml.stdout}  904: null\n`)
      writeFileSync(join(folder, 'map.json'), json.stdout)
      const web = `require('node:http').createServer((q, r) => {
        r.end(require('node:fs').readFileSync(${JSON.stringify(join(folder, 'map.json'))}))
      }).listen(${PORT}, '127.0.0.1')`
      tailnet.start([process.execPath, '-e', web])
      const ask = `fetch('http://127.0.0.1:${PORT}/').catch(() => process.exit(1))`
      await vi.waitFor(async () => {
        if ((await tailnet.exec([process.execPath, '-e', ask])).code !== 0) throw new Error('no web server')
      }, 10_000)

      await tailnet.headscale.halt()
      const server = {
        ...{
          enabled: true,
          region_id: 905,
          region_code: 'own',
          region_name: 'Embedded',
          stun_listen_addr: '127.0.0.1:3999',
        },
        ...{
          private_key_path: join(folder, 'derp.key'),
          ipv4: '127.0.0.1',
          automatically_add_embedded_derp_region: true,
        },
      }
      use({urls: [`http://127.0.0.1:${PORT}/map.json`], paths: [join(folder, 'own.yaml')], server})
      await tailnet.headscale.start()
      await tailnet.clients[0]!.up(['--auth-key', key.stdout.trim().split('\n').at(-1)!])
    })
    afterAll(() => tailnet?.stop())

    test('a client gets the map that derp show prints', async () => {
      const result = await tailnet.exec([
        ...[...PROGRAMS['npm program'], 'derp', 'show', tailnet.headscale.configPath],
        ...['--for', version, '-o', 'json'],
      ])
      expect(result).toMatchObject({code: 0, stderr: ''})
      const client = await tailnet.clients[0]!.cli(['debug', 'derp-map'])
      const received = inOrder(JSON.parse(client.stdout) as ClientMap)
      expect(received).toEqual(inOrder(JSON.parse(result.stdout) as ClientMap))
      expect(Object.keys(received.Regions)).toEqual(expect.arrayContaining(['902', '905']))
    })

    test('derp validate reports its one problem', async () => {
      const words = ['derp', 'validate', '--config', tailnet.headscale.configPath, '--for', version, '-o', 'json']
      const {findings} = JSON.parse((await runHere(words)).stdout) as {findings: {severity: string; code: string}[]}
      // An embedded relay without https; the server starts anyway.
      expect(findings.filter(({severity}) => severity === 'error').map(({code}) => code)).toEqual(['embedded-http'])
    })

    describe.for(['paths', 'urls'])("the guide's maps through derp.%s", (source) => {
      test.for(GUIDE)('%s', async ([, words]) => {
        const {folder, configPath} = tailnet.headscale
        const yaml = source === 'paths'
        const {stdout, status} = await runHere(['derp', 'render', ...words, ...(yaml ? [] : ['-o', 'json'])])
        expect(status).toBe(0)
        writeFileSync(join(folder, yaml ? 'guide.yaml' : 'map.json'), stdout)
        use(yaml ? {paths: [join(folder, 'guide.yaml')]} : {urls: [`http://127.0.0.1:${PORT}/map.json`], paths: []})
        await tailnet.headscale.restart()

        const show = [...PROGRAMS['npm program'], 'derp', 'show', configPath, '--for', version, '-o', 'json']
        const result = await tailnet.exec(show)
        expect(result).toMatchObject({code: 0, stderr: ''})
        const shown = inOrder(JSON.parse(result.stdout) as ClientMap)
        expect(Object.keys(shown.Regions)).not.toEqual([])
        await expect
          .poll(async () => inOrder(JSON.parse((await tailnet.clients[0]!.cli(['debug', 'derp-map'])).stdout)), {
            timeout: 50_000,
            interval: 200,
          })
          .toEqual(shown)
      })
    })

    // Before 0.23 headscale starts with any map.
    if (version === '0.22.3') return

    // With no other source, headscale starts if the embedded relay is enabled.
    test.each(['true', 'T', '1', '2', '0.5', '"t"', 'yes', 'on', '"2"', '0'])(
      'reads enabled: %s as derp validate does',
      async (value) => {
        const {configPath, folder} = tailnet.headscale
        const server = {enabled: 'VALUE', region_id: 905, region_code: 'own', stun_listen_addr: '127.0.0.1:3999'}
        use({paths: [], server: {...server, private_key_path: join(folder, 'derp.key')}})
        writeFileSync(configPath, readFileSync(configPath, 'utf8').replace(/"?VALUE"?/, value))
        const words = ['derp', 'validate', '--config', configPath, '--for', version, '-o', 'json']
        const {findings} = JSON.parse((await runHere(words)).stdout) as {findings: {code: string}[]}
        const isEmpty = findings.some(({code}) => code === 'empty-map')

        await tailnet.headscale.halt()
        const started = await tailnet.headscale.start().then(
          () => true,
          () => false,
        )
        expect(started).toBe(!isEmpty)
      },
    )
    const telling = new Set([4, 6, 9, 10, 12, 23, 32, 36, 66, 70, 71, 72, 80, 304, 306, 326, 329, 337, 338, 339, 340])
    test.each(CASES.filter(({number}) => telling.has(number)))(
      'starts as derp validate says, case $number: $title',
      async ({files: [file]}) => {
        const path = join(tailnet.headscale.folder, 'case.yaml')
        writeFileSync(path, file?.text ?? '')
        const {stdout} = await runHere(['derp', 'validate', path, '--as', 'paths', '--for', version, '-o', 'json'])
        const {findings} = JSON.parse(stdout) as {findings: {reason: string}[]}
        const fatal = findings.some(({reason: why}) => /does not start|rejects the (?:whole source|file)/.test(why))

        await tailnet.headscale.halt()
        use({paths: [path]})
        const started = await tailnet.headscale.start().then(
          () => true,
          () => false,
        )
        expect(started).toBe(!fatal)
      },
    )
  })
}
