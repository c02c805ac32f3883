/** `setup render`: the files for each release, answers that do not fit, questions, and what it replaces. */
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {scratchFolder} from '../support/program.ts'
import {setup, transcript} from './support.ts'

const ALL = [
  ...['--server-url', 'https://hs.example.com', '--tls', 'proxy', '--base-domain', 'tn.example.com'],
  ...[
    '--nameserver',
    '1.1.1.1,9.9.9.9',
    '--derp',
    '/etc/headscale/derp.yaml',
    '--policy-path',
    '/etc/headscale/policy.hujson',
  ],
]
const OIDC = [
  '--oidc-issuer',
  'https://sso.example.com',
  '--oidc-client-id',
  'headscale',
  '--oidc-domain',
  'example.com',
]

describe('the config file', () => {
  test.each(['0.15', '0.17', '0.22', '0.23', '0.26', '0.28', '0.29', '0.30'])('of %s', async (release) => {
    const oidc = Number(release.slice(2)) >= 18 ? OIDC : []
    const run = await transcript(scratchFolder(), ['render', '--release', release, ...ALL, ...oidc])
    await expect(run).toMatchFileSnapshot(`golden/render/config-${release}.txt`)
  })

  test.each([
    ['http', ['--server-url', 'http://192.0.2.10:8080']],
    ['acme', ['--server-url', 'https://hs.example.com', '--tls', 'acme', '--acme-email', 'me@example.com']],
    ['manual', ['--server-url', 'https://hs.example.com', '--tls', 'manual', '--listen', '[::]:8443']],
    ['guide', ['--server-url', 'http://192.0.2.10:8080', '--prefix', '10.1.0.0/16']],
  ])('for %s', async (name, words) => {
    const run = await transcript(scratchFolder(), ['render', ...words])
    await expect(run).toMatchFileSnapshot(`golden/render/config-${name}.txt`)
  })

  test('has no finding of setup check', async () => {
    const folder = scratchFolder()
    for (const release of [
      '0.15',
      '0.16',
      '0.17',
      '0.20',
      '0.22',
      '0.23',
      '0.24',
      '0.25',
      '0.26',
      '0.27',
      '0.28',
      '0.29',
      '0.30',
    ]) {
      for (const tls of ['proxy', 'acme', 'manual']) {
        const url = ['--server-url', 'https://hs.example.com', '--tls', tls, '--release', release]
        const {stdout} = await setup(folder, ['render', ...url])
        writeFileSync(join(folder, 'config.yaml'), stdout)
        const check = await setup(folder, ['check', 'config.yaml', '--for', release, '--no-installed'])
        expect(check.stdout).toBe(`config.yaml: no errors, no warnings (headscale ${release})\n`)
      }
    }
  })
})

describe('other files', () => {
  test.each([
    ['systemd', ['--server-url', 'http://192.0.2.10:8080']],
    ['systemd-443', ['--server-url', 'https://hs.example.com', '--tls', 'acme']],
    ['nginx', ['--server-url', 'https://hs.example.com', '--tls', 'proxy']],
    [
      'nginx-closed',
      ['--server-url', 'https://hs.example.com:8443', '--tls', 'proxy', '--close-api', '--listen', '[::1]:8080'],
    ],
    ['traefik', ['--server-url', 'https://hs.example.com', '--tls', 'proxy']],
    ['traefik-closed', ['--server-url', 'https://hs.example.com', '--tls', 'proxy', '--close-api']],
    ['compose', ['--server-url', 'http://192.0.2.10:8080']],
    ['compose-22', ['--server-url', 'http://192.0.2.10:8080', '--release', '0.22.3']],
    ['compose-image', ['--server-url', 'http://192.0.2.10:8080', '--image', 'registry.example.com/headscale:1']],
    ['script', ['--server-url', 'http://192.0.2.10:8080']],
    ['caddy', ['--server-url', 'https://hs.example.com', '--tls', 'proxy']],
    ['caddy-closed', ['--server-url', 'https://hs.example.com', '--tls', 'proxy', '--close-api']],
  ])('%s', async (name, words) => {
    const run = await transcript(scratchFolder(), ['render', '-o', name.replace(/-.*/, ''), ...words])
    await expect(run).toMatchFileSnapshot(`golden/render/${name}.txt`)
  })

  test.runIf(existsSync('/usr/bin/systemd-analyze'))('the unit passes systemd-analyze', async () => {
    const folder = scratchFolder()
    for (const [name, words] of [
      ['plain', ['--server-url', 'http://192.0.2.10:8080']],
      ['low', ['--server-url', 'https://hs.example.com', '--tls', 'acme']],
    ] as const) {
      const {stdout} = await setup(folder, ['render', '-o', 'systemd', ...words])
      // The program and the user need not be on this machine.
      const unit = stdout.replace('/usr/bin/headscale', '/bin/true').replace(/^(User|Group)=.*$/gm, '$1=root')
      const path = join(folder, `headscale-${name}.service`)
      writeFileSync(path, unit)
      const {status, stderr} = spawnSync('systemd-analyze', ['verify', '--man=no', path], {encoding: 'utf8'})
      expect({status, stderr}).toEqual({status: 0, stderr: ''})
    }
  })
})

describe('answers that do not fit', () => {
  const https = ['--server-url', 'https://hs.example.com']
  test.each([
    ['no URL', [], '--server-url is missing'],
    ['a URL without a scheme', ['--server-url', 'hs.example.com'], 'invalid --server-url "hs.example.com"'],
    ['a URL with a path', ['--server-url', 'https://hs.example.com/hs'], 'invalid --server-url'],
    ['https without a server of TLS', https, '--tls is missing'],
    [
      'TLS for http',
      ['--server-url', 'http://hs.example.com', '--tls', 'acme'],
      '--tls acme needs an https --server-url',
    ],
    ['a certificate for an address', ['--server-url', 'https://192.0.2.1', '--tls', 'acme'], 'needs a host name'],
    ['a certificate beside a proxy', [...https, '--tls', 'proxy', '--tls-cert', '/x'], '--tls-cert needs --tls manual'],
    ['a listener without a port', [...https, '--tls', 'proxy', '--listen', '127.0.0.1'], 'invalid --listen'],
    [
      'two prefixes of one family',
      [...https, '--tls', 'proxy', '--prefix', '100.64.0.0/11,100.96.0.0/11'],
      'two IPv4 prefixes',
    ],
    ['a prefix that is none', [...https, '--tls', 'proxy', '--prefix', '100.64.0.0'], 'invalid --prefix'],
    ['names without a domain', [...https, '--tls', 'proxy', '--magic-dns'], '--magic-dns needs --base-domain'],
    [
      'a name server that is a name',
      [...https, '--tls', 'proxy', '--nameserver', 'dns.google'],
      'invalid --nameserver',
    ],
    [
      'a map beside the command',
      [...https, '--tls', 'proxy', '--derp', 'derp.yaml'],
      'give an absolute path on the server',
    ],
    [
      'a database policy on 0.22',
      [...https, '--tls', 'proxy', '--release', '0.22', '--policy-mode', 'database'],
      'needs headscale 0.23 or later',
    ],
    [
      'a file for a database policy',
      [...https, '--tls', 'proxy', '--policy-mode', 'database', '--policy-path', '/p'],
      '--policy-path needs --policy-mode file',
    ],
    ['single sign-on without an issuer', [...https, '--tls', 'proxy', '--oidc-client-id', 'x'], 'needs --oidc-issuer'],
    [
      'single sign-on on 0.17',
      [...https, '--tls', 'proxy', '--release', '0.17', ...OIDC],
      'needs headscale 0.18 or later',
    ],
    ['a proxy file without a proxy', [...https, '--tls', 'acme', '-o', 'nginx'], '-o nginx needs --tls proxy'],
    ['an API that no proxy closes', [...https, '--tls', 'acme', '--close-api'], '--close-api needs --tls proxy'],
    ['a backup to standard output', [...https, '--tls', 'proxy', '-o', 'backup'], '-o backup needs --dir'],
    [
      'an image of a line of old releases',
      [...https, '--tls', 'proxy', '--release', '0.22', '-o', 'compose'],
      'give the whole release',
    ],
    ['an image without compose', [...https, '--tls', 'proxy', '--image', 'x'], '--image needs -o compose'],
    [
      'a proxy without TLS',
      ['--server-url', 'http://x', '-d', 'tree', '--proxy', 'nginx'],
      '--proxy needs --tls proxy',
    ],
    [
      'a release that is not known',
      [...https, '--tls', 'proxy', '--release', '0.31'],
      'expected a release from 0.15 to 0.30',
    ],
  ])('%s', async (_, words, message) => {
    const {status, stdout, stderr} = await setup(scratchFolder(), ['render', ...words])
    expect(stderr).toContain(message)
    expect({status, stdout}).toEqual({status: 2, stdout: ''})
  })

  test('a base domain around the server is an error of the result', async () => {
    const words = ['render', '--server-url', 'https://hs.example.com', '--tls', 'proxy', '--base-domain', 'example.com']
    const {status, stdout, stderr} = await setup(scratchFolder(), words)
    expect(stderr).toContain('is inside dns.base_domain')
    expect({status, stdout}).toEqual({status: 6, stdout: ''})
  })
})

describe('an answers file', () => {
  const ANSWERS =
    'server-url: https://hs.example.com\ntls: proxy\nprefix: [100.64.0.0/10]\nmagic-dns: true\nbase-domain: tn.example.com\n'

  test('gives what flags do not', async () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'answers.yaml'), ANSWERS)
    const {stdout, stderr} = await setup(folder, [
      'render',
      '--from',
      'answers.yaml',
      '--base-domain',
      'other.example.com',
    ])
    expect(stderr).toBe('')
    expect(stdout).toContain('  base_domain: other.example.com\n')
    expect(stdout).toContain("  v4: '100.64.0.0/10'\n")
    expect(stdout).not.toContain('v6:')
  })

  test.each([
    ['an unknown name', 'server-ulr: x\n', 'answers.yaml:1:1: unknown answer server-ulr', 'write server-url'],
    ['no value', 'tls:\n', 'answers.yaml:1:5: tls needs a value', ''],
    ['no boolean', 'magic-dns: yes\n', 'answers.yaml:1:12: magic-dns needs true or false', ''],
    ['no map', '- tls\n', 'answers.yaml:1:1: expected answers', ''],
  ])('with %s', async (_, text, message, hint) => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'answers.yaml'), text)
    const {status, stderr} = await setup(folder, ['render', '--from', 'answers.yaml'])
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
    expect(status).toBe(2)
  })
})

test('shell scripts are shell, and the installation prints what it would do', async () => {
  const folder = scratchFolder()
  const url = ['--server-url', 'https://hs.example.com', '--tls', 'proxy', '--proxy', 'caddy']
  await setup(folder, ['render', ...url, '-d', 'tree'])
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  // A machine without the user and the group.
  writeFileSync(join(bin, 'getent'), '#!/bin/sh\nexit 2\n', {mode: 0o755})
  const backup = spawnSync('sh', ['-n', join(folder, 'tree/usr/local/sbin/headscale-backup')], {encoding: 'utf8'})
  expect([backup.status, backup.stderr]).toEqual([0, ''])
  const install = spawnSync('sh', [join(folder, 'tree/install.sh'), '--dry-run'], {
    encoding: 'utf8',
    env: {PATH: `${bin}:${process.env.PATH}`},
  })
  expect(install.status, install.stderr).toBe(0)
  const lines = install.stdout.replaceAll(folder, 'FOLDER').split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      '+ groupadd --system headscale',
      '+ useradd --system --gid headscale --home-dir /var/lib/headscale --shell /usr/sbin/nologin headscale',
      '+ install -d -o headscale -g headscale -m 750 /var/lib/headscale',
      '+ install -o root -g headscale -m 640 FOLDER/tree/etc/headscale/config.yaml /etc/headscale/config.yaml',
      '+ systemctl enable headscale.service headscale-backup.timer',
    ]),
  )
  expect(existsSync('/etc/headscale/config.yaml')).toBe(false)
})

test('a terminal is asked for what is missing', async () => {
  const folder = scratchFolder()
  const {stdout, stderr, status} = await setup(folder, ['render', '--magic-dns'], {
    answers: ['https://hs.example.com', 'proxy', 'tn.example.com'],
  })
  expect(stderr).toBe(
    '? URL that clients use (server-url)\n? Who serves https: proxy, acme or manual (tls)\n? Domain for the names of nodes (base-domain)\n',
  )
  expect(stdout).toContain("server_url: 'https://hs.example.com'\n")
  expect(status).toBe(0)
})

describe('a folder', () => {
  const words = ['render', '--server-url', 'https://hs.example.com', '--tls', 'proxy', '--proxy', 'nginx', '-d', 'tree']

  test('gets every file, and the same files again are unchanged', async () => {
    const folder = scratchFolder()
    await expect(await transcript(folder, words)).toMatchFileSnapshot('golden/render/tree.txt')
    expect(readFileSync(join(folder, 'tree/etc/headscale/config.yaml'), 'utf8')).toContain('server_url')
    expect((await setup(folder, words)).stderr).toContain('unchanged: tree/etc/headscale/config.yaml\n')
  })

  test('has no file for a proxy that is not named, and says so', async () => {
    const bare = words.filter((word) => !['--proxy', 'nginx'].includes(word))
    const note =
      'note: no file for the proxy: --proxy nginx, caddy or traefik adds it; otherwise set up the proxy by hand'
    const {stderr, status} = await setup(scratchFolder(), bare)
    expect([status, stderr]).toEqual([0, expect.stringContaining(`${note}\nwrote tree/etc/headscale/config.yaml\n`)])
    const closed = await setup(scratchFolder(), [...bare, '--close-api'])
    expect(closed.stderr).toContain(`${note}, which closes the API too\n`)
    expect((await setup(scratchFolder(), words)).stderr).not.toContain('note:')
  })

  test('keeps a file of somebody else, unless it is asked or forced', async () => {
    const folder = scratchFolder()
    mkdirSync(join(folder, 'tree/etc/headscale'), {recursive: true})
    const path = join(folder, 'tree/etc/headscale/config.yaml')
    const isTheirs = () => readFileSync(path, 'utf8') === '# mine\n'
    writeFileSync(path, '# mine\n')
    const refused = await setup(folder, words)
    expect([refused.status, isTheirs()]).toEqual([9, true])
    const declined = await setup(folder, words, {answer: false})
    expect([declined.status, isTheirs()]).toEqual([9, true])
    expect(declined.stderr).toContain('-# mine\n')
    const shown = await setup(folder, [...words, '--dry-run'])
    expect([shown.status, isTheirs()]).toEqual([0, true])
    expect(shown.stderr).toContain('would replace tree/etc/headscale/config.yaml\n')
    const forced = await setup(folder, [...words, '--force'])
    expect([forced.status, isTheirs()]).toEqual([0, false])
  })
})
