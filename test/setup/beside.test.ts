/** `setup check --with`: faults in the files beside config.yaml, one test and one golden file each. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {scratchFolder} from '../support/program.ts'
import {BASE, DERP} from './cases.ts'
import {folderOf, setup, transcript} from './support.ts'

const PROXIED = BASE.replace('http://127.0.0.1:18480', 'https://hs.example.com') + 'trusted_proxies: [127.0.0.1/32]\n'
const ON_SERVER = PROXIED.replaceAll('FOLDER', '/var/lib/headscale')
const CONTAINER = ON_SERVER.replace('listen_addr: 127.0.0.1:18480', 'listen_addr: 0.0.0.0:8080')
const RELAY = `${CONTAINER}`.replace(
  'derp:\n',
  'derp:\n  server:\n    enabled: true\n    region_id: 999\n    region_code: own\n    region_name: Own\n    private_key_path: /var/lib/headscale/derp.key\n    stun_listen_addr: 0.0.0.0:3478\n',
)

const nginx = (...lines: string[]) =>
  `server {\n    listen 443 ssl;\n    # proxy_set_header Upgrade $http_upgrade;\n    location / {\n${lines.map((line) => `        ${line}\n`).join('')}        proxy_pass http://127.0.0.1:8080;\n    }\n}\n`
const unit = (...lines: string[]) =>
  `[Unit]\nDescription=headscale\n\n[Service]\nExecStart=/usr/bin/headscale serve\n${lines.join('\n')}\n`
const compose = (...lines: string[]) =>
  `services:\n  headscale:\n    image: headscale/headscale:0.29\n${lines.map((line) => `    ${line}\n`).join('')}  other:\n    image: ghcr.io/gurucomputing/headscale-ui:latest\n`
const DATA = ['volumes:', '  - ./data:/var/lib/headscale']

describe.each<[name: string, file: string, config: string, text: string, code: string | null]>([
  ['nginx-plain', 'nginx.conf', PROXIED, nginx(), 'proxy-upgrade'],
  [
    'nginx-connection',
    'nginx.conf',
    PROXIED,
    nginx('proxy_http_version 1.1;', 'proxy_set_header Upgrade $http_upgrade;'),
    'proxy-upgrade',
  ],
  [
    'nginx-http-1.0',
    'nginx.conf',
    PROXIED,
    nginx('proxy_set_header Upgrade $http_upgrade;', "proxy_set_header Connection 'upgrade';", 'proxy_buffering off;'),
    'proxy-upgrade',
  ],
  [
    'nginx-not-inherited',
    'nginx.conf',
    PROXIED,
    `proxy_http_version 1.1;\nproxy_buffering off;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection "upgrade";\n${nginx('proxy_set_header Host $host;')}`,
    'proxy-upgrade',
  ],
  [
    'nginx-buffers',
    'nginx.conf',
    PROXIED,
    nginx(
      'proxy_http_version 1.1;',
      'proxy_set_header Upgrade $http_upgrade;',
      'proxy_set_header Connection "upgrade";',
    ),
    'proxy-buffering',
  ],
  [
    'tunnel',
    'config.yml',
    PROXIED,
    'tunnel: 1234\ningress:\n  - hostname: hs.example.com\n    service: http://localhost:8080\n  - service: http_status:404\n',
    'cloudflare-tunnel',
  ],
  [
    'unit-read-only',
    'headscale.service',
    ON_SERVER,
    unit('User=headscale', 'ProtectSystem=strict', 'RuntimeDirectory=headscale'),
    'unit-read-only',
  ],
  [
    'unit-port',
    'headscale.service',
    ON_SERVER.replace('listen_addr: 127.0.0.1:18480', 'listen_addr: 127.0.0.1:80'),
    unit('User=headscale', 'StateDirectory=headscale'),
    'unit-port',
  ],
  ['compose-volume', 'compose.yaml', CONTAINER, compose('volumes:', '  - ./config:/etc/headscale'), 'compose-volume'],
  ['compose-loopback', 'compose.yaml', ON_SERVER, compose(...DATA, 'ports: ["8080:8080"]'), 'compose-port'],
  ['compose-stun', 'compose.yaml', RELAY, compose(...DATA, 'ports: ["8080:8080", "3478:3478"]'), 'compose-stun'],
  [
    'compose-stun-moved',
    'compose.yaml',
    RELAY,
    compose(...DATA, 'ports: ["8080:8080", "3479:3478/udp"]'),
    'compose-stun',
  ],
  [
    'compose-fine',
    'compose.yaml',
    RELAY,
    compose(...DATA, 'ports:', '  - "8080:8080"', '  - {target: 3478, published: 3478, protocol: udp}'),
    null,
  ],
  [
    'unit-fine',
    'headscale.service',
    ON_SERVER,
    unit('User=headscale', 'ProtectSystem=strict', 'ReadWritePaths=/var/lib/headscale'),
    null,
  ],
  ['caddy-fine', 'Caddyfile', PROXIED, 'hs.example.com {\n\treverse_proxy 127.0.0.1:8080\n}\n', null],
])('%s', (name, file, config, text, code) => {
  test(`reports ${code ?? 'nothing'}`, async () => {
    const folder = folderOf({config, files: {'derp.yaml': {text: DERP}, [file]: {text}}})
    const run = await transcript(folder, ['check', 'config.yaml', '--no-installed', '--with', file])
    await expect(run).toMatchFileSnapshot(`golden/beside/${name}.txt`)
    const codes = [...run.matchAll(/: (?:error|warning) ([a-z-]+): /g)].map((match) => match[1])
    expect([...new Set(codes)].filter((found) => !/^embedded|^single/.test(found!))).toEqual(
      code === null ? [] : expect.arrayContaining([code]),
    )
  })
})

test('what setup render writes has no finding', async () => {
  const folder = scratchFolder()
  const words = ['--server-url', 'https://hs.example.com', '--tls', 'proxy', '--proxy', 'nginx', '-d', '.']
  await setup(folder, ['render', ...words])
  writeFileSync(
    join(folder, 'compose.yaml'),
    (await setup(folder, ['render', '-o', 'compose', '--server-url', 'http://x'])).stdout,
  )
  const files = ['etc/systemd/system/headscale.service', 'etc/nginx/conf.d/headscale.conf', 'compose.yaml']
  const check = ['check', 'etc/headscale/config.yaml', '--no-installed', ...files.flatMap((file) => ['--with', file])]
  expect((await setup(folder, check)).stdout).toBe(
    'etc/headscale/config.yaml: no errors, no warnings (headscale 0.29)\n',
  )
})

test('another file is refused', async () => {
  const folder = folderOf({config: BASE, files: {'derp.yaml': {text: DERP}}})
  const {status, stderr} = await setup(folder, ['check', 'config.yaml', '--with', 'derp.yaml'])
  expect(stderr).toContain('derp.yaml is no file that --with knows')
  expect(status).toBe(2)
})
