/**
 * The keys of a rendered config.yaml with their values, in the order of the file, for every release: those that the
 * release does not read are left out later.
 *
 * Each comment is one line for a person who sees the file for the first time.
 */
import {listenText} from './answers.ts'
import type {Answers} from './answers.ts'

/** A text, a number or a boolean as YAML writes it, or a list of texts. */
export type Value = string | boolean | number | string[]

export interface Setting {
  key: string
  value: Value
  comment: string
}

const DATA = '/var/lib/headscale'

export function settingsOf(answers: Answers): Setting[] {
  const all: (Setting[] | null)[] = [
    server(answers),
    storage(answers),
    dns(answers),
    derp(answers),
    oidc(answers),
    rest(),
  ]
  return all.flatMap((settings) => settings ?? [])
}

function server(answers: Answers): Setting[] {
  const {serverUrl, listen, tls, cert, key, acmeEmail} = answers
  const settings = [
    setting('server_url', serverUrl.origin, 'The address that clients use'),
    setting('listen_addr', listenText(listen), 'Where headscale listens for clients and for the REST API'),
    setting('metrics_listen_addr', '127.0.0.1:9090', 'Where it serves metrics; for this machine only'),
    setting('grpc_listen_addr', '127.0.0.1:50443', 'Where it serves remote calls of its own command line'),
    setting('grpc_allow_insecure', false, 'Whether to serve them without TLS'),
    setting('unix_socket', '/var/run/headscale/headscale.sock', 'The socket for administration on this machine'),
    setting('unix_socket_permission', '0770', 'Who may use it: the user and the group of headscale'),
  ]
  if (tls === 'proxy') {
    settings.push(
      setting('trusted_proxies', ['127.0.0.1/32', '::1/128'], 'Proxies whose headers name the address of the client'),
    )
  }
  if (tls === 'manual') {
    settings.push(
      setting('tls_cert_path', cert, 'The certificate with its chain'),
      setting('tls_key_path', key, 'Its private key'),
    )
  }
  if (tls === 'acme') {
    settings.push(
      setting('tls_letsencrypt_hostname', serverUrl.hostname, "The name for which Let's Encrypt gives a certificate"),
      setting(
        'tls_letsencrypt_challenge_type',
        'HTTP-01',
        'How it checks the name: over port 80, or TLS-ALPN-01 over 443',
      ),
      setting('tls_letsencrypt_listen', ':http', 'Where headscale answers that check'),
      setting('tls_letsencrypt_cache_dir', `${DATA}/cache`, 'Where certificates are kept'),
      setting('acme_url', 'https://acme-v02.api.letsencrypt.org/directory', 'The service that gives certificates'),
      setting('acme_email', acmeEmail, 'The address that it writes to'),
    )
  }
  return settings
}

function storage({v4, v6, policyMode, policyPath, rules}: Answers): Setting[] {
  const prefixes = [v4, v6].filter((prefix) => prefix !== null)
  return [
    setting('private_key_path', `${DATA}/private.key`, 'The key for old clients; headscale creates it'),
    setting('noise.private_key_path', `${DATA}/noise_private.key`, "The server's key; headscale creates it"),
    ...(v4 === null ? [] : [setting('prefixes.v4', v4, 'Nodes get their IPv4 addresses from here')]),
    ...(v6 === null ? [] : [setting('prefixes.v6', v6, 'Nodes get their IPv6 addresses from here')]),
    setting('prefixes.allocation', 'sequential', 'The next free address, or random'),
    setting('ip_prefixes', prefixes, 'Nodes get their addresses from here'),
    setting('database.type', 'sqlite', 'SQLite, which is enough for most tailnets'),
    setting('database.sqlite.path', `${DATA}/db.sqlite`, 'The file with users, nodes and keys'),
    setting('database.sqlite.write_ahead_log', true, 'Whether readers and writers work at the same time'),
    setting('db_type', 'sqlite3', 'SQLite, which is enough for most tailnets'),
    setting('db_path', `${DATA}/db.sqlite`, 'The file with users, nodes and keys'),
    setting(
      'policy.mode',
      policyMode,
      'Whether the policy is in the database, where commands can change it, or in a file',
    ),
    ...(policyMode === 'file'
      ? [setting('policy.path', policyPath, 'The file; empty means that all nodes can connect')]
      : []),
    ...(rules.policyMode
      ? []
      : [setting('acl_policy_path', policyPath, 'The policy; empty means that all nodes can connect')]),
  ]
}

function dns({magicDns, baseDomain, nameservers}: Answers): Setting[] {
  const overrides = nameservers.length > 0
  const domain = baseDomain === null ? [] : [baseDomain]
  return ['dns', 'dns_config'].flatMap((block) => [
    setting(`${block}.magic_dns`, magicDns, 'Whether nodes have names'),
    ...domain.map((text) => setting(`${block}.base_domain`, text, 'The domain of these names: NODE.BASE_DOMAIN')),
    setting(
      `${block}.override_local_dns`,
      overrides,
      'Whether clients use the name servers below in place of their own',
    ),
    setting(
      block === 'dns' ? 'dns.nameservers.global' : 'dns_config.nameservers',
      nameservers,
      'Name servers for clients',
    ),
  ])
}

function derp({derpUrls, derpPaths}: Answers): Setting[] {
  return [
    setting('derp.urls', derpUrls, 'Maps of relays behind URLs'),
    setting('derp.paths', derpPaths, 'Maps of relays in files'),
    setting(
      'derp.auto_update_enabled',
      derpUrls.length > 0,
      'Whether headscale loads the maps again from time to time',
    ),
    setting('derp.update_frequency', '24h', 'How often it loads them'),
  ]
}

function oidc({oidc: settings}: Answers): Setting[] | null {
  if (settings === null) return null
  const {issuer, clientId, secretPath, domains} = settings
  return [
    setting('oidc.issuer', issuer, 'The provider of single sign-on'),
    setting('oidc.client_id', clientId, 'The name of this server there'),
    setting('oidc.client_secret_path', secretPath, 'The file with its secret'),
    setting('oidc.only_start_if_oidc_is_available', true, 'Whether headscale starts only if the provider answers'),
    ...(domains.length === 0
      ? []
      : [setting('oidc.allowed_domains', domains, 'Users need an address of these domains')]),
  ]
}

function rest(): Setting[] {
  const idle = 'When an ephemeral node that is offline is deleted'
  return [
    setting('ephemeral_node_inactivity_timeout', '30m', idle),
    setting('node.expiry', '0', 'When the keys of nodes expire, such as 180d; 0 is never'),
    setting('node.ephemeral.inactivity_timeout', '30m', idle),
    setting('log.level', 'info', 'How much is logged: error, warn, info, debug or trace'),
    setting('log.format', 'text', 'text or json'),
    setting('log_level', 'info', 'How much is logged: error, warn, info, debug or trace'),
    setting('logtail.enabled', false, "Whether clients send their logs to Tailscale's servers"),
    setting('disable_check_updates', true, 'true: headscale does not look for new releases of itself'),
  ]
}

function setting(key: string, value: Value, comment: string): Setting {
  return {key, value, comment}
}
