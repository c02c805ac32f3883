/** What a set-up consists of: the answers from which `setup render` writes every file, with the defaults. */
import {isIP} from 'node:net'
import {usageError} from '../../errors.ts'
import {parseListen, parsePrefix} from '../config/values.ts'
import {keysOf} from '../keys/table.ts'
import {configRules} from '../releases.ts'
import type {ConfigRules} from '../releases.ts'

/** Who serves TLS; null for a server on plain HTTP. */
export type Tls = 'manual' | 'acme' | 'proxy' | null

/** Answers as typed: the flags of the command, or the keys of an answers file. */
export interface RawAnswers {
  release?: string | undefined
  'server-url'?: string | undefined
  listen?: string | undefined
  prefix?: string[] | undefined
  'magic-dns'?: boolean | undefined
  'base-domain'?: string | undefined
  nameserver?: string[] | undefined
  derp?: string[] | undefined
  'policy-mode'?: string | undefined
  'policy-path'?: string | undefined
  tls?: string | undefined
  'tls-cert'?: string | undefined
  'tls-key'?: string | undefined
  'acme-email'?: string | undefined
  'oidc-issuer'?: string | undefined
  'oidc-client-id'?: string | undefined
  'oidc-secret'?: string | undefined
  'oidc-domain'?: string[] | undefined
}

export interface Answers {
  rules: ConfigRules
  serverUrl: URL
  listen: {host: string; port: string}
  v4: string | null
  v6: string | null
  magicDns: boolean
  baseDomain: string | null
  nameservers: string[]
  derpUrls: string[]
  derpPaths: string[]
  policyMode: 'file' | 'database'
  policyPath: string
  tls: Tls
  cert: string
  key: string
  acmeEmail: string
  oidc: {issuer: string; clientId: string; secretPath: string; domains: string[]} | null
}

const DEFAULT_MAP = 'https://controlplane.tailscale.com/derpmap/default'

/** The names that an answers file and flags have. */
export const LIST_ANSWERS = ['prefix', 'nameserver', 'derp', 'oidc-domain'] as const
export const TEXT_ANSWERS = [
  ...(['release', 'server-url', 'listen', 'base-domain', 'policy-mode', 'policy-path', 'tls', 'tls-cert'] as const),
  ...(['tls-key', 'acme-email', 'oidc-issuer', 'oidc-client-id', 'oidc-secret'] as const),
] as const

/**
 * Completes the answers.
 *
 * @throws a usage error for an answer that is missing or does not fit the others
 */
export function completeAnswers(raw: RawAnswers): Answers {
  const rules = configRules(raw.release)
  const serverUrl = readServerUrl(raw['server-url'])
  const tls = readTls(raw, serverUrl)
  const [v4, v6] = readPrefixes(raw.prefix)
  const {magicDns, baseDomain} = readMagicDns(raw)
  const sources = raw.derp ?? [DEFAULT_MAP]
  const isUrl = (text: string) => /^https?:\/\//i.test(text)
  return {
    ...{rules, serverUrl, tls, v4, v6, magicDns, baseDomain},
    listen: readListen(raw.listen, tls),
    nameservers: (raw.nameserver ?? []).map(nameserver),
    derpUrls: sources.filter(isUrl),
    derpPaths: sources.filter((text) => !isUrl(text)).map((path) => absolute('derp', path)),
    ...readPolicy(raw, rules),
    cert: absolute('tls-cert', raw['tls-cert'] ?? `/etc/headscale/tls/${serverUrl.hostname}.crt`),
    key: absolute('tls-key', raw['tls-key'] ?? `/etc/headscale/tls/${serverUrl.hostname}.key`),
    acmeEmail: raw['acme-email'] ?? '',
    oidc: readOidc(raw, rules),
  }
}

function readServerUrl(text: string | undefined): URL {
  const fix = 'give the URL that clients use, such as --server-url https://headscale.example.com'
  if (text === undefined) throw usageError('--server-url is missing', fix)
  const url = URL.parse(text)
  const isValid = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === ''
  if (!isValid || url.username !== '' || /\$|\{\{/.test(text)) throw usageError(`invalid --server-url "${text}"`, fix)
  return url
}

function readTls(raw: RawAnswers, {protocol, hostname}: URL): Tls {
  const {tls} = raw
  if (tls !== undefined && tls !== 'manual' && tls !== 'acme' && tls !== 'proxy') {
    throw usageError(`invalid --tls "${tls}"`, 'expected one of: manual, acme, proxy')
  }
  const isHttps = protocol === 'https:'
  if (tls === undefined && isHttps) {
    throw usageError('--tls is missing', "who serves https? --tls proxy, acme (Let's Encrypt) or manual (your files)")
  }
  if (tls !== undefined && !isHttps) throw usageError(`--tls ${tls} needs an https --server-url`)
  if (tls === 'acme' && (isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0 || !hostname.includes('.'))) {
    throw usageError(`--tls acme needs a host name in --server-url, got ${hostname}`)
  }
  for (const name of ['tls-cert', 'tls-key'] as const) {
    if (raw[name] !== undefined && tls !== 'manual') throw usageError(`--${name} needs --tls manual`)
  }
  if (raw['acme-email'] !== undefined && tls !== 'acme') throw usageError('--acme-email needs --tls acme')
  return tls ?? null
}

function readListen(text: string | undefined, tls: Tls): {host: string; port: string} {
  const byDefault = {proxy: '127.0.0.1:8080', acme: '0.0.0.0:443', manual: '0.0.0.0:443'}
  const listen = parseListen(text ?? (tls === null ? '0.0.0.0:8080' : byDefault[tls]))
  if (listen === null || listen.port === '' || !/^[0-9]+$/.test(listen.port)) {
    throw usageError(`invalid --listen "${text}"`, 'expected ADDRESS:PORT, for example 127.0.0.1:8080')
  }
  return listen
}

function readPrefixes(prefixes: readonly string[] | undefined): [v4: string | null, v6: string | null] {
  const found: {4: string | null; 6: string | null} = {4: null, 6: null}
  for (const text of prefixes ?? ['100.64.0.0/10', 'fd7a:115c:a1e0::/48']) {
    const prefix = parsePrefix(text)
    if (prefix === null) throw usageError(`invalid --prefix "${text}"`, 'expected a prefix such as 100.64.0.0/10')
    if (found[prefix.family] !== null) {
      throw usageError(`two IPv${prefix.family} prefixes`, 'a server has at most one of each family')
    }
    found[prefix.family] = text
  }
  return [found[4], found[6]]
}

function readMagicDns(raw: RawAnswers): {magicDns: boolean; baseDomain: string | null} {
  const baseDomain = raw['base-domain'] ?? null
  const magicDns = raw['magic-dns'] ?? baseDomain !== null
  if (magicDns && baseDomain === null) {
    throw usageError('--magic-dns needs --base-domain', 'nodes get names below it, for example tailnet.example.com')
  }
  return {magicDns, baseDomain}
}

function readPolicy(raw: RawAnswers, {policyMode}: ConfigRules): Pick<Answers, 'policyMode' | 'policyPath'> {
  const mode = raw['policy-mode'] ?? (raw['policy-path'] !== undefined || !policyMode ? 'file' : 'database')
  if (mode !== 'file' && mode !== 'database') {
    throw usageError(`invalid --policy-mode "${mode}"`, 'expected one of: file, database')
  }
  if (mode === 'database' && !policyMode) {
    throw usageError('--policy-mode database needs headscale 0.23 or later', 'use --policy-mode file')
  }
  const path = raw['policy-path'] ?? ''
  if (mode === 'database' && path !== '') throw usageError('--policy-path needs --policy-mode file')
  return {policyMode: mode, policyPath: path === '' ? '' : absolute('policy-path', path)}
}

function readOidc(raw: RawAnswers, rules: ConfigRules): Answers['oidc'] {
  const issuer = raw['oidc-issuer']
  if (issuer === undefined) {
    const other = (['oidc-client-id', 'oidc-secret', 'oidc-domain'] as const).find((name) => raw[name] !== undefined)
    if (other !== undefined) throw usageError(`--${other} needs --oidc-issuer`)
    return null
  }
  if (!keysOf(rules).some(({name}) => name === 'oidc.client_secret_path')) {
    throw usageError('--oidc-issuer needs headscale 0.18 or later', 'earlier releases read no file with the secret')
  }
  const clientId = raw['oidc-client-id']
  if (clientId === undefined) throw usageError('--oidc-issuer needs --oidc-client-id')
  const secretPath = absolute('oidc-secret', raw['oidc-secret'] ?? '/etc/headscale/oidc-secret')
  return {issuer, clientId, secretPath, domains: raw['oidc-domain'] ?? []}
}

function nameserver(text: string): string {
  if (isIP(text) !== 0 || /^https:\/\/[^\s/]+/.test(text)) return text
  throw usageError(`invalid --nameserver "${text}"`, 'expected an IP address, or the https:// URL of a resolver')
}

function absolute(name: string, path: string): string {
  if (path.startsWith('/')) return path
  throw usageError(`invalid --${name} "${path}"`, 'give an absolute path on the server')
}

/** `HOST:PORT`, with brackets where an address has colons. */
export function listenText({host, port}: Answers['listen']): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
