/**
 * A reverse proxy in front of headscale.
 *
 * Clients switch from HTTP to their own protocol with `Upgrade: tailscale-control-protocol` in a POST request, and keep
 * the connection for days; a proxy must pass that on and must not buffer. `/api` can be closed to other machines.
 */
import {listenText} from './answers.ts'
import type {Answers} from './answers.ts'

/** The address at which the proxy reaches headscale. */
export function upstream({listen}: Answers): string {
  const host =
    listen.host === '' || listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host === '::' ? '::1' : listen.host
  return listenText({host, port: listen.port})
}

export function nginxSite(answers: Answers, closeApi: boolean): string {
  const {hostname, port} = answers.serverUrl
  const tlsPort = port === '' ? '443' : port
  const headers = [
    'proxy_http_version 1.1;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header Connection $connection_upgrade;',
    'proxy_set_header Host $host;',
    'proxy_set_header X-Real-IP $remote_addr;',
    'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    'proxy_buffering off;',
    'proxy_read_timeout 1d;',
    'proxy_send_timeout 1d;',
  ]
  return `${[
    '# Clients ask for an upgrade of the connection in a POST request.',
    'map $http_upgrade $connection_upgrade {',
    '    default upgrade;',
    "    '' close;",
    '}',
    '',
    'server {',
    `    listen ${tlsPort} ssl;`,
    `    listen [::]:${tlsPort} ssl;`,
    `    server_name ${hostname};`,
    '',
    `    ssl_certificate /etc/letsencrypt/live/${hostname}/fullchain.pem;`,
    `    ssl_certificate_key /etc/letsencrypt/live/${hostname}/privkey.pem;`,
    '',
    ...headers.map((line) => `    ${line}`),
    '',
    ...(closeApi
      ? [
          '    # The REST API, for this machine only.',
          '    location ~ ^/(?:api|swagger) {',
          '        allow 127.0.0.1;',
          '        allow ::1;',
          '        deny all;',
          `        proxy_pass http://${upstream(answers)};`,
          '    }',
          '',
        ]
      : []),
    '    location / {',
    `        proxy_pass http://${upstream(answers)};`,
    '    }',
    '}',
  ].join('\n')}\n`
}

/** Caddy gets its certificate by itself and passes upgrades on. */
export function caddySite(answers: Answers, closeApi: boolean): string {
  const site = answers.serverUrl.host
  return `${[
    `${site} {`,
    ...(closeApi
      ? [
          '\t# The REST API, for this machine only.',
          '\t@strangers {',
          '\t\tpath /api/* /swagger*',
          '\t\tnot remote_ip 127.0.0.1 ::1',
          '\t}',
          '\trespond @strangers 403',
        ]
      : []),
    `\treverse_proxy ${upstream(answers)}`,
    '}',
  ].join('\n')}\n`
}
