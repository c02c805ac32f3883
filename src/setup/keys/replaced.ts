/**
 * Keys that a release no longer reads: what replaces them, and what headscale does when they are still there.
 *
 * From the list of deprecated keys in hscontrol/types/config.go of each tag (validateServerConfig). A key is "used" for
 * headscale also through a default, which is why some old keys beside a default do not stop the server, and why 0.29
 * never reads `ephemeral_node_inactivity_timeout`, although its warning says that it does.
 */

/** What headscale does: it does not start; it does not start unless the new key is in the file; it ignores the key. */
export type Effect = 'fatal' | 'fatal-alone' | 'ignored'

export interface Replaced {
  name: string
  /** The key to write instead; null where there is none. */
  by: string | null
  effect: Effect
  /** What to do, where a new name is not enough. */
  fix?: string
}

/** From which release on, and the rest of the line. */
type Line = [since: number, name: string, by: string | null, effect: Effect, fix?: string]

const POLICY_PORT = 'Delete it, and write "randomizeClientPort": true at the top level of the policy'
const DELETE = 'Delete it'

/** Later lines with the same name replace earlier ones. */
const LINES: Line[] = [
  [17, 'ip_prefix', 'ip_prefixes', 'ignored'],
  [17, 'log_level', 'log.level', 'ignored'],
  [17, 'tls_client_auth_mode', null, 'ignored', DELETE],

  [23, 'ip_prefix', 'prefixes.v4', 'ignored'],
  [23, 'ip_prefixes', 'prefixes', 'ignored'],
  [23, 'private_key_path', null, 'ignored', 'Delete it; clients use the key of noise.private_key_path'],
  [23, 'node_update_check_interval', null, 'ignored', DELETE],
  [23, 'acl_policy_path', 'policy.path', 'fatal-alone'],
  [23, 'db_type', 'database.type', 'ignored'],
  [23, 'db_path', 'database.sqlite.path', 'ignored'],
  [23, 'db_host', 'database.postgres.host', 'ignored'],
  [23, 'db_port', 'database.postgres.port', 'ignored'],
  [23, 'db_name', 'database.postgres.name', 'ignored'],
  [23, 'db_user', 'database.postgres.user', 'ignored'],
  [23, 'db_pass', 'database.postgres.pass', 'ignored'],
  [23, 'db_ssl', 'database.postgres.ssl', 'ignored'],
  [23, 'dns_config.magic_dns', 'dns.magic_dns', 'ignored'],
  [23, 'dns_config.base_domain', 'dns.base_domain', 'ignored'],
  [23, 'dns_config.nameservers', 'dns.nameservers.global', 'ignored'],
  [23, 'dns_config.restricted_nameservers', 'dns.nameservers.split', 'ignored'],
  [23, 'dns_config.domains', 'dns.search_domains', 'ignored'],
  [23, 'dns_config.extra_records', 'dns.extra_records', 'ignored'],
  [24, 'dns_config.extra_records', 'dns.extra_records', 'fatal-alone'],
  [23, 'dns_config.override_local_dns', null, 'ignored', 'Delete it; this release has no such setting'],
  [26, 'dns_config.override_local_dns', 'dns.override_local_dns', 'ignored'],
  [23, 'dns_config.use_username_in_magic_dns', null, 'ignored', DELETE],
  [24, 'dns_config.use_username_in_magic_dns', null, 'fatal', DELETE],
  [24, 'dns.use_username_in_magic_dns', null, 'fatal', 'Delete it; the names of nodes are HOST.BASE_DOMAIN'],

  [26, 'oidc.strip_email_domain', null, 'fatal', DELETE],
  [26, 'oidc.map_legacy_users', null, 'fatal', DELETE],

  [29, 'oidc.expiry', 'node.expiry', 'fatal'],
  [29, 'randomize_client_port', null, 'fatal', POLICY_PORT],
  [29, 'ephemeral_node_inactivity_timeout', 'node.ephemeral.inactivity_timeout', 'ignored'],
  [29, 'tuning.register_cache_cleanup', null, 'ignored', DELETE],

  [30, 'grpc_listen_addr', null, 'ignored', 'Delete it; this release has no remote gRPC'],
  [30, 'grpc_allow_insecure', null, 'ignored', 'Delete it; this release has no remote gRPC'],
  [30, 'oidc.enabled', null, 'ignored', 'Delete it; oidc.issuer enables single sign-on'],
]

/** The keys that a release no longer reads as earlier ones did, by name. */
export function replacedKeys({minor}: {minor: number}): Map<string, Replaced> {
  return new Map(
    LINES.filter(([since]) => since <= minor).map(([, name, by, effect, fix]) => [
      name,
      {name, by, effect, ...(fix === undefined ? {} : {fix})},
    ]),
  )
}
