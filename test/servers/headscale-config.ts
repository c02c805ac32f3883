/**
 * The configuration file of a real headscale for tests: the minimum for each release, no traffic beyond the machine, all
 * files in one folder. The required keys of a release were found by leaving out one key after the other. It does not
 * start the server.
 */

/** Options of a server. */
export interface HeadscaleSettings {
  /** The folder of the database, the keys and the socket. */
  folder: string
  socketPath: string
  /** Ports on 127.0.0.1. */
  ports: {http: number; grpc: number; metrics: number}
  tls?: {cert: string; key: string}
  /** Address pools, `100.64.0.0/10` and `fd7a:115c:a1e0::/48` when not given. Without `v6`, nodes get only IPv4. */
  prefixes?: {v4: string; v6?: string}
  /** DERP map files; by default a map with one relay that does not exist. */
  derpPaths: string[]
  /** Top-level keys that replace the default ones. */
  config?: Record<string, unknown>
}

/** Up to 0.22 the configuration is flat and has a second private key; 0.23 and later group it and read no old key. */
export function headscaleConfig(minor: number, settings: HeadscaleSettings): Record<string, unknown> {
  const {folder, socketPath, ports, tls, derpPaths, config} = settings
  const prefixes = settings.prefixes ?? {v4: '100.64.0.0/10', v6: 'fd7a:115c:a1e0::/48'}
  const family = minor <= 22 ? flatKeys(folder, prefixes) : groupedKeys(folder, prefixes)
  return {
    server_url: `${tls ? 'https' : 'http'}://127.0.0.1:${ports.http}`,
    listen_addr: `127.0.0.1:${ports.http}`,
    metrics_listen_addr: `127.0.0.1:${ports.metrics}`,
    grpc_listen_addr: `127.0.0.1:${ports.grpc}`,
    // Without TLS the remote gRPC port stays closed unless this is set.
    grpc_allow_insecure: true,
    ...(tls && {tls_cert_path: tls.cert, tls_key_path: tls.key}),
    noise: {private_key_path: `${folder}/noise.key`},
    derp: {server: {enabled: false}, urls: [], paths: derpPaths, auto_update_enabled: false, update_frequency: '24h'},
    disable_check_updates: true,
    unix_socket: socketPath,
    unix_socket_permission: '0770',
    log: {level: 'warn', format: 'text'},
    ...family,
    ...config,
  }
}

function flatKeys(folder: string, {v4, v6}: {v4: string; v6?: string}): Record<string, unknown> {
  return {
    private_key_path: `${folder}/private.key`,
    ip_prefixes: v6 === undefined ? [v4] : [v4, v6],
    db_type: 'sqlite3',
    db_path: `${folder}/db.sqlite`,
    dns_config: {magic_dns: false, base_domain: 'example.com', nameservers: ['127.0.0.1'], override_local_dns: false},
  }
}

function groupedKeys(folder: string, prefixes: {v4: string; v6?: string}): Record<string, unknown> {
  return {
    prefixes: {...prefixes, allocation: 'sequential'},
    database: {type: 'sqlite', sqlite: {path: `${folder}/db.sqlite`, write_ahead_log: true}},
    // The default is a file, with which a policy cannot be set through the API.
    policy: {mode: 'database'},
    dns: {magic_dns: true, base_domain: 'example.com', override_local_dns: false, nameservers: {global: []}},
  }
}

/** A DERP map of one region, 901, with one relay on the loopback; headscale does not start with an empty map. */
export function loopbackDerpMap(relay: Record<string, unknown> = {stunport: 3478, derpport: 8443}): unknown {
  const node = {name: '901a', regionid: 901, hostname: '127.0.0.1', ipv4: '127.0.0.1', ...relay}
  const region = {regionid: 901, regioncode: 'lo', regionname: 'Loopback', nodes: [node]}
  // A Map, since an object's keys would be written as strings, which headscale rejects for a region.
  return {regions: new Map([[901, region]])}
}
