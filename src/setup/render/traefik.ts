/** The router of Traefik for headscale, for its file provider. Traefik passes the upgrade of clients on by itself. */
import {yamlText} from '../../deploy/yaml.ts'
import {upstream} from './proxies.ts'
import type {Answers} from './answers.ts'

/** The names of the entry point and of the certificate resolver are those of Traefik's own examples. */
export function traefikRouter(answers: Answers, closeApi: boolean): string {
  const host = `Host(\`${answers.serverUrl.hostname}\`)`
  const router = (name: string, rule: string, middlewares: readonly string[]) => [
    `    ${name}:`,
    `      rule: ${yamlText(rule)}`,
    '      entryPoints: [websecure]',
    ...middlewares.map((middleware) => `      middlewares: [${middleware}]`),
    '      service: headscale',
    '      tls:',
    '        certResolver: letsencrypt',
  ]
  const api = `${host} && (PathPrefix(\`/api\`) || PathPrefix(\`/swagger\`))`
  return `${[
    'http:',
    '  routers:',
    ...router('headscale', host, []),
    ...(closeApi
      ? [
          '    # The REST API, for this machine only.',
          ...router('headscale-api', api, ['headscale-local']),
          '  middlewares:',
          '    headscale-local:',
          '      ipAllowList:',
          "        sourceRange: ['127.0.0.1/32', '::1/128']",
        ]
      : []),
    '  services:',
    '    headscale:',
    '      loadBalancer:',
    '        servers:',
    `          - url: ${yamlText(`http://${upstream(answers)}`)}`,
  ].join('\n')}\n`
}
