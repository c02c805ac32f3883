/**
 * Rendered proxy files pass the checks of their own programs, where these are installed (Debian: nginx, caddy), and a real client
 * joins through a proxy that runs with them, where the program works with an address and a key.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {setup} from '../../setup/support.ts'
import {childEnv, PROGRAMS, scratchFolder} from '../../support/program.ts'
import {startTailnet, type Tailnet, tailnetAvailable} from '../../support/real-tailnet.ts'

const NGINX = '/usr/sbin/nginx'
const CADDY = '/usr/bin/caddy'
const SITE = ['--server-url', 'https://hs.example.com', '--tls', 'proxy']

describe.each([
  ['open', []],
  ['with a closed API', ['--close-api']],
])('a proxy %s', (_, flags) => {
  const render = async (name: string, folder: string) =>
    (await setup(folder, ['render', '-o', name, ...SITE, ...flags])).stdout

  test.runIf(existsSync(NGINX))('passes nginx -t', async () => {
    const folder = scratchFolder()
    certificate(folder, 'hs.example.com')
    const site = (await render('nginx', folder)).replaceAll('/etc/letsencrypt/live/hs.example.com', folder)
    const config = join(folder, 'nginx.conf')
    writeFileSync(config, `pid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${site}}\n`)
    const {status, stderr} = spawnSync(NGINX, ['-t', '-e', 'stderr', '-c', config], {encoding: 'utf8'})
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain('[warn]')
  })

  test.runIf(existsSync(CADDY))('passes caddy validate', async () => {
    const folder = scratchFolder()
    const file = join(folder, 'Caddyfile')
    writeFileSync(file, await render('caddy', folder))
    const validate = ['validate', '--adapter', 'caddyfile', '--config', file]
    const {status, stderr} = spawnSync(CADDY, validate, {encoding: 'utf8', env: {HOME: folder}})
    expect(status, stderr).toBe(0)
    expect(spawnSync(CADDY, ['fmt', file], {encoding: 'utf8'}).stdout).toContain('reverse_proxy')
  })
})

/** Writes fullchain.pem and privkey.pem, self-signed. */
function certificate(folder: string, host: string): void {
  const [cert, key] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`]
  spawnSync('openssl', ['req', '-x509', ...curve, ...names, '-keyout', key, '-out', cert])
}

const VERSION = '0.29.3'
const SERVER_URL = 'https://localhost'

interface Proxy {
  program: string
  /** The certificate that clients trust. The proxy may write it later. */
  authority(folder: string): string
  /** Writes the files that the proxy needs. @returns how to start it */
  command(folder: string, rendered: string): string[]
}

const PROXIES: Record<'nginx' | 'caddy', Proxy> = {
  nginx: {
    program: NGINX,
    authority: (folder) => join(folder, 'fullchain.pem'),
    command(folder, rendered) {
      certificate(folder, 'localhost')
      // The network of the test has no IPv6.
      const site = rendered.replaceAll('/etc/letsencrypt/live/localhost', folder).replaceAll(/.*\[::\].*\n/g, '')
      const file = join(folder, 'nginx.conf')
      writeFileSync(file, `daemon off;\npid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${site}}\n`)
      return [NGINX, '-e', 'stderr', '-c', file]
    },
  },
  caddy: {
    program: CADDY,
    // Caddy makes an authority of its own for localhost.
    authority: (folder) => join(folder, 'caddy/pki/authorities/local/root.crt'),
    command(folder, rendered) {
      const file = join(folder, 'Caddyfile')
      writeFileSync(file, `{\n\tadmin off\n\tskip_install_trust\n}\n${rendered}`)
      const home = [`HOME=${folder}`, `XDG_DATA_HOME=${folder}`]
      return ['env', ...home, CADDY, 'run', '--adapter', 'caddyfile', '--config', file]
    },
  },
}

describe.each(['nginx', 'caddy'] as const)('behind %s', (name) => {
  const {program, command, ...proxies} = PROXIES[name]
  const {ok} = tailnetAvailable(VERSION)

  test.runIf(ok && existsSync(program))('a client joins and the program works', {timeout: 120_000}, async () => {
    const folder = scratchFolder()
    const authority = proxies.authority(folder)
    const clientEnv = {SSL_CERT_FILE: authority}
    const config = {server_url: SERVER_URL}
    let tailnet: Tailnet | undefined
    try {
      tailnet = await startTailnet({version: VERSION, clients: ['laptop'], config, clientEnv})
      const {headscale, clients, exec} = tailnet
      const [laptop] = clients
      const listen = new URL(headscale.url).host
      const words = ['render', '-o', name, '--server-url', SERVER_URL, '--tls', 'proxy', '--listen', listen]
      const proxy = tailnet.start(command(folder, (await setup(folder, words)).stdout))
      const type = async (...argv: string[]) => {
        const env = {HEADSCALE_CLI_ADDRESS: SERVER_URL, HEADSCALE_CLI_API_KEY: headscale.apiKey}
        return exec([...PROGRAMS['npm program'], ...argv, '--ca-file', authority], {env: childEnv(env)})
      }
      await expect.poll(async () => (await type('health')).code, {timeout: 20_000}).toBe(0)
      expect((await type('users', 'create', 'alice')).code).toBe(0)
      const key = (await type('preauthkeys', 'create', '-u', 'alice')).stdout.trim()
      const login = ['--login-server', SERVER_URL, '--auth-key', key, '--hostname', 'laptop']
      const joined = await laptop!.cli(['up', ...login, '--accept-dns=false'])
      expect(joined.code, joined.stderr).toBe(0)
      const names = async () => (await type('nodes', 'list', '--online', '-o', 'jsonpath=$[*].givenName')).stdout
      await expect.poll(names, {timeout: 20_000}).toBe('laptop\n')
      expect(proxy.alive()).toBe(true)
    } finally {
      await tailnet?.stop()
    }
  })
})
