/**
 * Every key of config.yaml, with the type that headscale reads and the releases that read it.
 *
 * Taken from the calls of viper in hscontrol/types/config.go of each tag from 0.15 to 0.29 and of the 0.30 development
 * tree; `cli.*` from the command line of the same tag. A key that a later release reads only to reject it is not in
 * its range: keys/replaced.ts has those.
 */

/**
 * The type of a value. `duration` is Go's (1h30m), `expiry` Prometheus's (180d), `mode` octal permission bits in quotes,
 * `lists` a map of lists, `records` a list of DNS records.
 */
export type KeyType = 'text' | 'bool' | 'int' | 'duration' | 'expiry' | 'mode' | 'list' | 'map' | 'lists' | 'records'

export interface ConfigKey {
  /** With dots. */
  name: string
  type: KeyType
  /** The second number of the first and the last release that reads it. */
  since: number
  last: number
}

const FIRST = 15
const LAST = 30

/** Lines of a table: type, releases, names. */
const TABLE: [KeyType, number, number, string][] = [
  ['text', FIRST, LAST, 'server_url listen_addr metrics_listen_addr unix_socket acme_email acme_url'],
  ['text', FIRST, LAST, 'tls_cert_path tls_key_path tls_letsencrypt_hostname tls_letsencrypt_listen'],
  ['text', FIRST, LAST, 'tls_letsencrypt_cache_dir tls_letsencrypt_challenge_type'],
  ['text', FIRST, 16, 'tls_client_auth_mode log_level ip_prefix'],
  ['text', FIRST, 22, 'acl_policy_path private_key_path'],
  ['text', FIRST, 22, 'db_type db_path db_host db_name db_user db_pass'],
  ['int', FIRST, 22, 'db_port'],
  ['text', 16, 22, 'db_ssl'],
  ['text', FIRST, 29, 'grpc_listen_addr'],
  ['bool', FIRST, 29, 'grpc_allow_insecure'],
  ['mode', FIRST, LAST, 'unix_socket_permission'],
  ['bool', FIRST, LAST, 'disable_check_updates'],
  ['duration', FIRST, 28, 'ephemeral_node_inactivity_timeout'],
  ['duration', 16, 22, 'node_update_check_interval'],
  ['list', FIRST, 22, 'ip_prefixes'],
  ['bool', 16, LAST, 'logtail.enabled'],
  ['bool', 16, 28, 'randomize_client_port'],
  ['text', 17, LAST, 'log.level log.format noise.private_key_path'],
  ['list', 29, LAST, 'trusted_proxies'],

  ['text', FIRST, LAST, 'cli.address cli.api_key'],
  ['duration', FIRST, LAST, 'cli.timeout'],
  ['bool', FIRST, LAST, 'cli.insecure'],

  ['text', 23, LAST, 'prefixes.v4 prefixes.v6 prefixes.allocation'],
  ['text', 23, LAST, 'policy.mode policy.path'],

  ['text', 23, LAST, 'database.type database.sqlite.path'],
  ['bool', 23, LAST, 'database.debug database.sqlite.write_ahead_log'],
  ['bool', 23, LAST, 'database.gorm.parameterized_queries database.gorm.prepare_stmt'],
  ['bool', 23, LAST, 'database.gorm.skip_err_record_not_found'],
  ['int', 23, LAST, 'database.gorm.slow_threshold'],
  ['int', 24, LAST, 'database.sqlite.wal_autocheckpoint'],
  ['text', 23, LAST, 'database.postgres.host database.postgres.name database.postgres.user'],
  ['text', 23, LAST, 'database.postgres.pass database.postgres.ssl'],
  ['int', 23, LAST, 'database.postgres.port database.postgres.max_open_conns database.postgres.max_idle_conns'],
  ['int', 23, LAST, 'database.postgres.conn_max_idle_time_secs'],

  ['list', FIRST, LAST, 'derp.urls derp.paths'],
  ['bool', FIRST, LAST, 'derp.auto_update_enabled derp.server.enabled derp.server.stun.enabled'],
  ['duration', FIRST, LAST, 'derp.update_frequency'],
  ['int', FIRST, LAST, 'derp.server.region_id'],
  ['text', FIRST, LAST, 'derp.server.region_code derp.server.region_name derp.server.stun_listen_addr'],
  ['text', 23, LAST, 'derp.server.private_key_path derp.server.ipv4 derp.server.ipv6'],
  ['bool', 23, LAST, 'derp.server.automatically_add_embedded_derp_region'],
  ['bool', 27, LAST, 'derp.server.verify_clients'],

  ['bool', FIRST, 22, 'dns_config.magic_dns'],
  ['bool', 17, 22, 'dns_config.override_local_dns'],
  ['text', FIRST, 22, 'dns_config.base_domain'],
  ['list', FIRST, 22, 'dns_config.nameservers dns_config.domains'],
  ['lists', FIRST, 22, 'dns_config.restricted_nameservers'],
  ['records', 18, 22, 'dns_config.extra_records'],

  ['bool', 23, LAST, 'dns.magic_dns'],
  ['bool', 26, LAST, 'dns.override_local_dns'],
  ['bool', 23, 23, 'dns.use_username_in_magic_dns'],
  ['text', 23, LAST, 'dns.base_domain'],
  ['list', 23, LAST, 'dns.nameservers.global dns.search_domains'],
  ['lists', 23, LAST, 'dns.nameservers.split'],
  ['records', 23, LAST, 'dns.extra_records'],
  ['text', 24, LAST, 'dns.extra_records_path'],

  ['text', FIRST, LAST, 'oidc.issuer oidc.client_id oidc.client_secret'],
  ['text', 18, LAST, 'oidc.client_secret_path'],
  ['bool', 17, LAST, 'oidc.only_start_if_oidc_is_available'],
  ['bool', 20, LAST, 'oidc.use_expiry_from_token'],
  ['bool', 28, LAST, 'oidc.email_verified_required'],
  ['bool', 24, 29, 'oidc.enabled'],
  ['bool', 24, LAST, 'oidc.pkce.enabled'],
  ['text', 24, LAST, 'oidc.pkce.method'],
  ['bool', FIRST, 25, 'oidc.strip_email_domain'],
  ['bool', 24, 25, 'oidc.map_legacy_users'],
  ['expiry', 20, 28, 'oidc.expiry'],
  ['list', 16, LAST, 'oidc.allowed_domains oidc.allowed_users oidc.scope'],
  ['list', 18, LAST, 'oidc.allowed_groups'],
  ['map', 16, LAST, 'oidc.extra_params'],

  ['expiry', 29, LAST, 'node.expiry'],
  ['duration', 29, LAST, 'node.ephemeral.inactivity_timeout'],
  ['duration', 29, LAST, 'node.routes.ha.probe_interval node.routes.ha.probe_timeout'],
  ['bool', 28, LAST, 'taildrop.enabled'],
  ['bool', 29, LAST, 'auto_update.enabled'],
  ['duration', LAST, LAST, 'preauth_keys.revoked_retention'],

  ['duration', 23, LAST, 'tuning.batch_change_delay tuning.notifier_send_timeout'],
  ['int', 23, LAST, 'tuning.node_mapsession_buffered_chan_size'],
  ['int', 27, LAST, 'tuning.batcher_workers'],
  ['duration', 27, LAST, 'tuning.register_cache_expiration'],
  ['duration', 27, 28, 'tuning.register_cache_cleanup'],
  ['int', 28, LAST, 'tuning.node_store_batch_size'],
  ['duration', 28, LAST, 'tuning.node_store_batch_timeout'],
  ['int', 29, LAST, 'tuning.register_cache_max_entries'],
]

/** Every key of every release, by name. */
export const CONFIG_KEYS: ReadonlyMap<string, ConfigKey> = new Map(
  TABLE.flatMap(([type, since, last, names]) =>
    names.split(' ').map((name): [string, ConfigKey] => [name, {name, type, since, last}]),
  ),
)

/** The keys that a release reads. */
export function keysOf({minor}: {minor: number}): ConfigKey[] {
  return [...CONFIG_KEYS.values()].filter(({since, last}) => since <= minor && minor <= last)
}

/** Types whose values are maps with keys of the user. */
export const MAP_TYPES: ReadonlySet<KeyType> = new Set(['map', 'lists'])
