/** Rendered proxy files pass the checks of their own programs, where these are installed (Debian: nginx, caddy). */
import {spawnSync} from 'node:child_process'
import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {setup} from '../../setup/support.ts'
import {scratchFolder} from '../../support/program.ts'

const NGINX = '/usr/sbin/nginx'
const CADDY = '/usr/bin/caddy'
const URL = ['--server-url', 'https://hs.example.com', '--tls', 'proxy']

describe.each([
  ['open', []],
  ['with a closed API', ['--close-api']],
])('a proxy %s', (_, flags) => {
  const render = async (name: string, folder: string) =>
    (await setup(folder, ['render', '-o', name, ...URL, ...flags])).stdout

  test.runIf(existsSync(NGINX))('passes nginx -t', async () => {
    const folder = scratchFolder()
    const [cert, key] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    spawnSync('openssl', ['req', '-x509', ...curve, '-subj', '/CN=hs.example.com', '-keyout', key, '-out', cert])
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
