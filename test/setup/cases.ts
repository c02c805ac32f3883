/**
 * The cases of setup check: a configuration that works with one fault each, and the expected result.
 *
 * `verdict` was written by hand from what headscale does. The same cases run against real servers (test/real/setup), so
 * `refused` says what a server does: configtest fails, or only the start does. The number of a case is the name of its
 * golden file. FOLDER stands for the folder of the files.
 */

/** A configuration of 0.26 and later without a finding. */
export const BASE = `server_url: http://127.0.0.1:18480
listen_addr: 127.0.0.1:18480
metrics_listen_addr: 127.0.0.1:18490
grpc_listen_addr: 127.0.0.1:18443
noise:
  private_key_path: FOLDER/noise_private.key
prefixes:
  v4: 100.64.0.0/10
  v6: fd7a:115c:a1e0::/48
database:
  type: sqlite
  sqlite:
    path: FOLDER/db.sqlite
derp:
  paths:
    - FOLDER/derp.yaml
dns:
  magic_dns: true
  base_domain: tailnet.example.com
  override_local_dns: false
unix_socket: FOLDER/headscale.sock
unix_socket_permission: "0770"
disable_check_updates: true
`

/** The same for 0.23 to 0.25. */
export const BASE_23 = BASE.replace('  override_local_dns: false\n', '')

/** The same for 0.17 to 0.22. */
export const BASE_22 = `server_url: http://127.0.0.1:18480
listen_addr: 127.0.0.1:18480
metrics_listen_addr: 127.0.0.1:18490
grpc_listen_addr: 127.0.0.1:18443
private_key_path: FOLDER/private.key
noise:
  private_key_path: FOLDER/noise_private.key
ip_prefixes:
  - 100.64.0.0/10
db_type: sqlite3
db_path: FOLDER/db.sqlite
derp:
  paths:
    - FOLDER/derp.yaml
dns_config:
  magic_dns: true
  base_domain: tailnet.example.com
  nameservers:
    - 1.1.1.1
unix_socket: FOLDER/headscale.sock
unix_socket_permission: "0770"
disable_check_updates: true
`

/** Two regions, so that the map itself has no finding. */
export const DERP = `regions:
  900:
    regionid: 900
    regioncode: one
    regionname: One
    nodes:
      - {name: 900a, regionid: 900, hostname: one.example.com}
  901:
    regionid: 901
    regioncode: two
    regionname: Two
    nodes:
      - {name: 901a, regionid: 901, hostname: two.example.com}
`

export interface CheckCase {
  number: number
  title: string
  config: string
  release: string
  verdict: 'ok' | 'warning' | 'error'
  /** A code that must be among the findings; null for ok. */
  code: string | null
  /** What a real server does with it; null if it starts. */
  refused: 'configtest' | 'start' | null
  /** Files beside the config file. */
  files: Record<string, {text: string; mode?: number}>
  flags: string[]
  env: Record<string, string>
}

type Extra = Partial<Pick<CheckCase, 'release' | 'files' | 'flags' | 'env'>>
type Edit = (base: string) => string

/** Replaces the line of a key, at any depth, by other lines; none deletes it with what is below. */
function line(key: string, ...lines: string[]): Edit {
  return (base) => {
    const pattern = new RegExp(`^( *)${key}:.*\\n(?:\\1 +.*\\n)*`, 'm')
    if (!pattern.test(base)) throw new Error(`the base has no ${key}`)
    return base.replace(pattern, (_, indent: string) => lines.map((text) => `${indent}${text}\n`).join(''))
  }
}
const add =
  (...lines: string[]): Edit =>
  (base) =>
    base + lines.map((text) => `${text}\n`).join('')
const under =
  (key: string, ...lines: string[]): Edit =>
  (base) =>
    base.replace(new RegExp(`^${key}:\\n`, 'm'), (head) => head + lines.map((text) => `  ${text}\n`).join(''))
const all =
  (...edits: Edit[]): Edit =>
  (base) =>
    edits.reduce((text, edit) => edit(text), base)

const cases: CheckCase[] = []

function baseOf(release: string): string {
  const minor = Number(release.split('.')[1])
  return minor >= 26 ? BASE : minor >= 23 ? BASE_23 : BASE_22
}

function adder(verdict: CheckCase['verdict'], refused: CheckCase['refused']) {
  return (title: string, code: string | null, edit: Edit, extra: Extra = {}) => {
    const release = extra.release ?? '0.29'
    const config = edit(baseOf(release))
    cases.push({
      ...{number: cases.length + 1, title, code, verdict, refused, release, config},
      files: {'derp.yaml': {text: DERP}, ...extra.files},
      flags: extra.flags ?? [],
      env: extra.env ?? {},
    })
  }
}

/** The server does not start; configtest says so. */
const fatal = adder('error', 'configtest')
/** configtest passes, and the server does not start. */
const noStart = adder('error', 'start')
/** The server starts, and something does not work. */
const broken = adder('error', null)
const doubtful = adder('warning', null)
const fine = adder('ok', null)

const same: Edit = (base) => base

// Good files.
for (const release of ['0.17', '0.22', '0.23', '0.25', '0.26', '0.27', '0.28', '0.29']) {
  fine(`a file for ${release}`, null, same, {release})
}
fine(
  'keys in any case, and with dots',
  null,
  all(line('server_url', 'Server_URL: http://127.0.0.1:18480'), add('log.level: warn')),
)
fine(
  'a server behind a proxy',
  null,
  all(line('server_url', 'server_url: https://headscale.example.com'), add('trusted_proxies:', '  - 127.0.0.1/32')),
)
fine(
  'relative paths',
  null,
  all(line('private_key_path', 'private_key_path: noise_private.key'), line('path', 'path: db.sqlite')),
)

// Keys.
doubtful('a misspelled key', 'unknown-key', add('metrics_listen_adr: 127.0.0.1:9091'))
doubtful('an unknown key', 'unknown-key', add('colour: blue'))
doubtful('an unknown key in a small block', 'unknown-key', add('policy:', '  mode: database', '  file: policy.hujson'))
doubtful('an unknown block', 'unknown-key', add('loging:', '  level: info', '  format: text'))
broken('a key without its block', 'misplaced-key', add('extra_records_path: /etc/headscale/records.json'))
broken('a key in the wrong block', 'misplaced-key', under('dns', 'unix_socket: /run/headscale.sock'))
doubtful('a key of a later release', 'newer-key', add('trusted_proxies: [127.0.0.1/32]'), {release: '0.28'})
fatal('a file of 0.22 for 0.29', 'renamed-key', () => BASE_22)
fatal('a file of 0.29 for 0.22', 'key-missing', () => BASE, {release: '0.22'})
fatal('acl_policy_path from 0.23 on', 'renamed-key', add('acl_policy_path: FOLDER/policy.hujson'), {
  files: {'policy.hujson': {text: '{}'}},
})
doubtful(
  'acl_policy_path beside policy.path',
  'renamed-key',
  add('acl_policy_path: x', 'policy:', '  path: FOLDER/policy.hujson'),
  {files: {'policy.hujson': {text: '{}'}}},
)
broken('dns_config beside dns', 'renamed-key', add('dns_config:', '  domains: [example.com]'))
fatal('old extra_records', 'renamed-key', add('dns_config:', '  extra_records: []'))
fatal('dns.use_username_in_magic_dns', 'removed-key', under('dns', 'use_username_in_magic_dns: true'))
fatal('oidc.strip_email_domain on 0.26', 'removed-key', add('oidc:', '  strip_email_domain: true'), {release: '0.26'})
fatal('oidc.map_legacy_users on 0.27', 'removed-key', add('oidc:', '  map_legacy_users: false'), {release: '0.27'})
fatal('oidc.expiry on 0.29', 'renamed-key', add('oidc:', '  expiry: 180d'))
fatal('randomize_client_port on 0.29', 'removed-key', add('randomize_client_port: false'))
broken('the old key of the ephemeral timeout on 0.29', 'renamed-key', add('ephemeral_node_inactivity_timeout: 30m'))
doubtful('private_key_path from 0.23 on', 'removed-key', add('private_key_path: FOLDER/private.key'))
doubtful('node_update_check_interval', 'removed-key', add('node_update_check_interval: 10s'))
fatal('ip_prefixes alone', 'prefixes-missing', line('prefixes', 'ip_prefixes:', '  - 100.64.0.0/10'))
fatal('db_type alone', 'database-type', line('database', 'db_type: sqlite3', 'db_path: FOLDER/db.sqlite'))

// Text and types.
fatal('a tab', 'syntax', under('dns', '\tsearch_domains: []'))
fatal('a quote that does not end', 'syntax', add('acme_email: "me@example.com'))
fatal('a duplicated key', 'duplicate-key', add('listen_addr: 127.0.0.1:18481'))
fatal('a list in place of settings', 'syntax', () => '- server_url: http://127.0.0.1:8080\n')
fatal('an empty file', 'server-url', () => '')
doubtful('a second document', 'second-document', add('---', 'log:', '  level: debug'))
broken('yes in place of true', 'invalid-boolean', add('grpc_allow_insecure: yes'))
doubtful('no in place of false', 'invalid-boolean', add('grpc_allow_insecure: no'))
broken('a text in place of a block', 'wrong-type', add('log: debug'))
broken('a map in place of a list', 'wrong-type', under('dns', 'search_domains:', '  one: example.com'))
broken('a list in place of a text', 'wrong-type', add('acme_email: [me@example.com]'))
broken('commas in place of a list', 'list-as-text', under('dns', 'search_domains: example.com, example.org'))
broken('a number that is none', 'invalid-number', under('database', 'gorm:', '  slow_threshold: fast'))
fatal('a timeout without a unit', 'duration-unit', add('node:', '  ephemeral:', '    inactivity_timeout: 1800'))
fatal('a timeout in days', 'invalid-duration', add('node:', '  ephemeral:', '    inactivity_timeout: 2d'))
broken('an expiry in words', 'invalid-duration', add('node:', '  expiry: 180 days'))
broken('a socket mode without quotes', 'socket-mode', line('unix_socket_permission', 'unix_socket_permission: 0770'))
broken('a socket mode with 0o', 'socket-mode', line('unix_socket_permission', 'unix_socket_permission: "0o770"'))
doubtful('a socket for everybody', 'socket-mode', line('unix_socket_permission', 'unix_socket_permission: "0777"'))
broken('a shell variable', 'shell-variable', line('base_domain', 'base_domain: tn.$DOMAIN'))

// The server's addresses.
fatal('no server_url', 'server-url', line('server_url'))
fatal('a server_url without a scheme', 'server-url', line('server_url', 'server_url: headscale.example.com'))
broken('a server_url of 0.0.0.0', 'server-url', line('server_url', 'server_url: http://0.0.0.0:8080'))
broken('a server_url with a path', 'server-url', line('server_url', 'server_url: http://127.0.0.1:18480/headscale'))
fatal(
  'server_url is the base domain',
  'server-url-in-base-domain',
  line('server_url', 'server_url: http://tailnet.example.com'),
)
fatal(
  'server_url below the base domain',
  'server-url-in-base-domain',
  line('server_url', 'server_url: http://hs.tailnet.example.com'),
  {release: '0.25'},
)
broken(
  'server_url is the base domain on 0.25',
  'server-url-in-base-domain',
  line('server_url', 'server_url: http://tailnet.example.com'),
  {release: '0.25'},
)
fatal(
  'server_url contains the base domain on 0.23',
  'server-url-in-base-domain',
  all(line('server_url', 'server_url: http://mytailnet.example.com:18480')),
  {release: '0.23'},
)
broken('no listen_addr', 'listen-address', line('listen_addr'))
noStart('a port in place of listen_addr', 'listen-address', line('listen_addr', 'listen_addr: 8080'))
noStart(
  'two listeners on one port',
  'listen-conflict',
  line('metrics_listen_addr', 'metrics_listen_addr: 127.0.0.1:18480'),
)
doubtful('public metrics', 'metrics-public', line('metrics_listen_addr', 'metrics_listen_addr: 0.0.0.0:18490'))
doubtful(
  'public gRPC without TLS',
  'grpc-insecure',
  all(line('grpc_listen_addr', 'grpc_listen_addr: 0.0.0.0:18443'), add('grpc_allow_insecure: true')),
)
noStart(
  'a socket path that is too long',
  'socket-path',
  line('unix_socket', `unix_socket: /tmp/${'long/'.repeat(22)}headscale.sock`),
)
doubtful(
  'plain HTTP with an https server_url',
  'plain-listener',
  all(
    line('server_url', 'server_url: https://headscale.example.com'),
    line('listen_addr', 'listen_addr: 0.0.0.0:18480'),
  ),
)
doubtful(
  'a proxy that is not trusted',
  'trusted-proxies',
  line('server_url', 'server_url: https://headscale.example.com'),
)
fatal('trusted_proxies with everybody', 'trusted-proxies', add('trusted_proxies: [0.0.0.0/0]'))
fatal('trusted_proxies with an address', 'trusted-proxies', add('trusted_proxies: [127.0.0.1]'))

// TLS.
const https = line('server_url', 'server_url: https://headscale.example.com')
const pair = {'cert.pem': {text: 'certificate'}, 'key.pem': {text: 'key', mode: 0o600}}
fatal(
  'a certificate file and ACME',
  'tls-conflict',
  all(
    https,
    add(
      'tls_letsencrypt_hostname: headscale.example.com',
      'tls_letsencrypt_cache_dir: FOLDER/cache',
      'tls_cert_path: FOLDER/cert.pem',
      'tls_key_path: FOLDER/key.pem',
    ),
  ),
  {files: pair},
)
fatal('an unknown challenge', 'acme-challenge', add('tls_letsencrypt_challenge_type: DNS-01'))
broken(
  'ACME for another name',
  'acme-host',
  all(https, add('tls_letsencrypt_hostname: hs.example.com', 'tls_letsencrypt_cache_dir: FOLDER/cache')),
)
broken(
  'ACME for an address',
  'acme-host',
  all(
    line('server_url', 'server_url: https://192.0.2.1'),
    add('tls_letsencrypt_hostname: 192.0.2.1', 'tls_letsencrypt_cache_dir: FOLDER/cache'),
  ),
)
doubtful(
  'HTTP-01 on another port',
  'acme-port',
  all(
    https,
    add(
      'tls_letsencrypt_hostname: headscale.example.com',
      'tls_letsencrypt_cache_dir: FOLDER/cache',
      'tls_letsencrypt_listen: ":8081"',
    ),
  ),
)
doubtful(
  'TLS-ALPN-01 on another port',
  'acme-port',
  all(
    https,
    add(
      'tls_letsencrypt_hostname: headscale.example.com',
      'tls_letsencrypt_cache_dir: FOLDER/cache',
      'tls_letsencrypt_challenge_type: TLS-ALPN-01',
    ),
  ),
)
noStart('a certificate without its key', 'tls-pair', all(https, add('tls_cert_path: FOLDER/cert.pem')), {files: pair})
noStart(
  'a certificate file that is missing',
  'missing-file',
  all(https, add('tls_cert_path: FOLDER/none.pem', 'tls_key_path: FOLDER/key.pem')),
  {files: pair},
)
doubtful(
  'a TLS key that everybody can read',
  'readable-by-others',
  all(https, add('tls_cert_path: FOLDER/cert.pem', 'tls_key_path: FOLDER/key.pem')),
  {files: {...pair, 'key.pem': {text: 'key', mode: 0o644}}},
)

doubtful(
  'ACME without a folder for certificates',
  'acme-cache',
  all(https, add('tls_letsencrypt_hostname: headscale.example.com')),
)
broken(
  'TLS with an http server_url',
  'tls-url',
  add('tls_letsencrypt_hostname: headscale.example.com', 'tls_letsencrypt_cache_dir: FOLDER/cache'),
)

// Addresses and DNS.
fatal('no prefix', 'prefixes-missing', line('prefixes'))
fatal('a prefix without its length', 'prefix', line('v4', 'v4: 100.64.0.0'))
fatal('a prefix with a wrong length', 'prefix', line('v6', 'v6: fd7a:115c:a1e0::/148'))
broken('an IPv4 prefix as v6', 'prefix', all(line('v6', 'v6: 100.64.0.0/10'), line('v4')))
doubtful('a private prefix', 'prefix-range', line('v4', 'v4: 10.1.0.0/16'))
doubtful('a prefix for few nodes', 'prefix-small', line('v4', 'v4: 100.64.0.0/30'))
fatal('an unknown allocation', 'prefix-allocation', under('prefixes', 'allocation: lowest'))
fatal('ip_prefixes without a length on 0.22', 'prefix', line('ip_prefixes', 'ip_prefixes: [10.1.0.0]'), {
  release: '0.22',
})
fatal('MagicDNS without a base domain', 'base-domain', line('base_domain'))
broken('a base domain with a scheme', 'base-domain', line('base_domain', 'base_domain: https://tailnet.example.com'))
doubtful('a base domain of one label', 'base-domain', line('base_domain', 'base_domain: tailnet'))
fatal(
  'override_local_dns without name servers',
  'nameservers-missing',
  line('override_local_dns', 'override_local_dns: true'),
)
fatal('override_local_dns by default', 'nameservers-missing', line('override_local_dns'), {release: '0.26'})
broken('a name server with a port', 'nameserver', under('dns', 'nameservers:', '  global: ["1.1.1.1:53"]'))
broken(
  'a name as a name server of a domain',
  'nameserver',
  under('dns', 'nameservers:', '  split:', '    corp.example.com: [dns.corp.example.com]'),
)
fatal(
  'extra records in two places',
  'extra-records',
  under('dns', 'extra_records: []', 'extra_records_path: FOLDER/records.json'),
  {files: {'records.json': {text: '[]'}}},
)
noStart('a file of records that is missing', 'missing-file', under('dns', 'extra_records_path: FOLDER/none.json'))
noStart(
  'a file of records that is not JSON',
  'extra-records',
  under('dns', 'extra_records_path: FOLDER/records.json'),
  {files: {'records.json': {text: '[{name: a}]'}}},
)
fine('an empty file of records', null, under('dns', 'extra_records_path: FOLDER/records.json'), {
  files: {'records.json': {text: ''}},
})
broken(
  'a CNAME record',
  'extra-records',
  under('dns', 'extra_records:', '  - {name: a.tailnet.example.com, type: CNAME, value: b.tailnet.example.com}'),
)
broken(
  'an A record with an IPv6 address',
  'extra-records',
  under('dns', 'extra_records:', '  - {name: a.tailnet.example.com, type: A, value: "fd7a:115c:a1e0::1"}'),
)

// Database, keys, policy.
fatal('an unknown database', 'database-type', line('type', 'type: mysql'))
fatal('no path of the database', 'database-path', line('sqlite'))
fatal('a folder as the database', 'database-path', line('path', 'path: FOLDER'))
fatal(
  'no address of PostgreSQL',
  'database-postgres',
  line(
    'database',
    'database:',
    '  type: postgres',
    '  postgres:',
    '    host: 127.0.0.1',
    '    port: 1',
    '    user: headscale',
  ),
)
fatal('no noise key', 'key-missing', line('noise'))
fatal(
  'one file for both keys on 0.22',
  'key-shared',
  line('private_key_path', 'private_key_path: FOLDER/noise_private.key'),
  {release: '0.22'},
)
fatal('a key file with another content', 'key-file', same, {
  files: {'noise_private.key': {text: 'secret\n', mode: 0o600}},
})
fatal('an empty key file', 'key-file', same, {files: {'noise_private.key': {text: '', mode: 0o600}}})
doubtful('a key that everybody can read', 'readable-by-others', same, {
  files: {'noise_private.key': {text: `privkey:${'ab'.repeat(32)}`, mode: 0o644}},
})
doubtful(
  'a secret in a file that everybody can read',
  'readable-by-others',
  add('cli:', '  api_key: abcdefg.hijklmn'),
  {files: {'config.yaml': {text: '', mode: 0o644}}},
)
doubtful('a database in /etc', 'state-path', line('path', 'path: /etc/headscale/db.sqlite'), {
  flags: ['--no-installed'],
})
broken('an unknown policy mode', 'policy-mode', add('policy:', '  mode: db'))
fatal('an unknown policy mode on 0.26', 'policy-mode', add('policy:', '  mode: db'), {release: '0.26'})
doubtful(
  'a policy file in mode database',
  'policy-path',
  add('policy:', '  mode: database', '  path: FOLDER/policy.hujson'),
  {files: {'policy.hujson': {text: '{}'}}},
)
fatal('a policy file that is missing', 'missing-file', add('policy:', '  path: FOLDER/none.hujson'))
fatal('a policy that is not HuJSON', 'syntax', add('policy:', '  path: FOLDER/policy.hujson'), {
  files: {'policy.hujson': {text: '{\n  "acls": [\n    {"action": "accept" "src": ["*"]}\n  ]\n}\n'}},
})

fatal('a policy with an unknown action', 'invalid-action', add('policy:', '  path: FOLDER/policy.hujson'), {
  files: {'policy.hujson': {text: '{"acls": [{"action": "allow", "src": ["*"], "dst": ["*:*"]}]}\n'}},
})
fatal('a policy of 0.22 that is not HuJSON', 'syntax', add('acl_policy_path: FOLDER/policy.hujson'), {
  release: '0.22',
  files: {'policy.hujson': {text: '{"acls": [}\n'}},
})

// DERP.
noStart('no DERP region', 'empty-map', line('derp', 'derp: {}'))
fatal(
  'an embedded relay without STUN',
  'embedded-stun',
  all(
    line('server_url', 'server_url: https://headscale.example.com'),
    under(
      'derp',
      'server:',
      '  enabled: true',
      '  private_key_path: FOLDER/derp.key',
      '  region_id: 999',
      '  region_code: own',
      '  region_name: Own',
    ),
    add('trusted_proxies: [127.0.0.1/32]'),
  ),
)
broken(
  'an embedded relay without TLS',
  'embedded-http',
  under(
    'derp',
    'server:',
    '  enabled: true',
    '  private_key_path: FOLDER/derp.key',
    '  region_id: 999',
    '  region_code: own',
    '  region_name: Own',
    '  stun_listen_addr: 127.0.0.1:18478',
  ),
)
noStart('a map file that is missing', 'unreadable-source', (base) => base.replace('derp.yaml', 'none.yaml'))

// Numbers, log, single sign-on.
fatal('an ephemeral timeout of a minute on 0.28', 'too-short', add('ephemeral_node_inactivity_timeout: 60s'), {
  release: '0.28',
})
fatal('node_update_check_interval of two minutes', 'too-long', add('node_update_check_interval: 2m'), {release: '0.22'})
fatal(
  'a probe every second',
  'too-short',
  add('node:', '  routes:', '    ha:', '      probe_interval: 1s', '      probe_timeout: 1s'),
)
fatal(
  'a probe timeout above its interval',
  'probe-times',
  add('node:', '  routes:', '    ha:', '      probe_timeout: 10s'),
)
fatal('a batch of no node', 'not-positive', add('tuning:', '  node_store_batch_size: 0'))
doubtful('an unknown log level', 'log-level', add('log:', '  level: verbose'))
doubtful('an unknown log format', 'log-format', add('log:', '  format: logfmt'))
const oidc = ['oidc:', '  issuer: http://127.0.0.1:1', '  only_start_if_oidc_is_available: false']
fatal(
  'two secrets of single sign-on',
  'oidc-secret',
  add(...oidc, '  client_id: headscale', '  client_secret: abc', '  client_secret_path: FOLDER/secret'),
  {files: {secret: {text: 'abc', mode: 0o600}}},
)
fatal(
  'a secret file that is missing',
  'missing-file',
  add(...oidc, '  client_id: headscale', '  client_secret_path: FOLDER/secret'),
)
fatal(
  'an unknown PKCE method',
  'oidc-pkce',
  add(...oidc, '  enabled: true', '  client_id: headscale', '  pkce:', '    enabled: true', '    method: s256'),
)
broken('single sign-on without a client id', 'oidc-client', add(...oidc, '  client_secret_path: FOLDER/secret'), {
  files: {secret: {text: 'abc', mode: 0o600}},
})
broken('single sign-on without an issuer', 'oidc-issuer', add('oidc:', '  client_id: headscale'))
broken(
  'the discovery document as the issuer',
  'oidc-issuer',
  add(
    'oidc:',
    '  issuer: http://127.0.0.1:1/.well-known/openid-configuration',
    '  only_start_if_oidc_is_available: false',
    '  client_id: headscale',
    '  client_secret_path: FOLDER/secret',
  ),
  {files: {secret: {text: 'abc', mode: 0o600}}},
)
broken(
  'a scope without openid',
  'oidc-scope',
  add(...oidc, '  client_id: headscale', '  client_secret_path: FOLDER/secret', '  scope: [profile, email]'),
  {files: {secret: {text: 'abc', mode: 0o600}}},
)

doubtful(
  'single sign-on with port 443 in server_url',
  'server-url-port',
  all(
    line('server_url', 'server_url: https://headscale.example.com:443'),
    add('trusted_proxies: [127.0.0.1/32]', ...oidc, '  client_id: headscale', '  client_secret_path: FOLDER/secret'),
  ),
  {files: {secret: {text: 'abc', mode: 0o600}}},
)
fatal('a checkpoint below -1', 'not-positive', line('path', 'path: FOLDER/db.sqlite', 'wal_autocheckpoint: -5'))
fatal('a batch without a delay on 0.23', 'not-positive', add('tuning:', '  batch_change_delay: 0s'), {release: '0.23'})

noStart('a batch without a delay', 'not-positive', add('tuning:', '  batch_change_delay: 0s'))

// The environment.
fatal('a variable that replaces the file', 'server-url', same, {env: {HEADSCALE_SERVER_URL: 'headscale.example.com'}})
doubtful('a misspelled variable in a file', 'unknown-variable', same, {
  files: {'headscale.env': {text: '# of the service\nHEADSCALE_LOG_LEVL=debug\nHEADSCALE_LOG_FORMAT="text"\n'}},
  flags: ['--env-file', 'FOLDER/headscale.env'],
})
fine('prefixes in the environment', null, line('prefixes'), {env: {HEADSCALE_PREFIXES_V4: '100.64.0.0/10'}})

export const CASES: readonly CheckCase[] = cases
