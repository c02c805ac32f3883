/**
 * What each headscale release does with its config.yaml: the only file of this folder that compares release numbers.
 *
 * Code asks for the named fact, never for a number. Taken from hscontrol/types/config.go of each tag (config.go up to
 * 0.22) and from hscontrol/app.go; test/real/setup compares them with servers of eight releases. Which keys a release
 * reads is in keys/table.ts.
 */
import {behaviourOf} from '../derp/releases.ts'
import type {Behaviour} from '../derp/releases.ts'

/** `server_url` and the base domain: no rule, or how headscale decides that they overlap. */
export type DomainRule = 'none' | 'contains' | 'below' | 'same-or-below'

export interface ConfigRules {
  /** As the user gave it, or the default. */
  release: string
  /** The second number of the release; for keys/table.ts alone. */
  minor: number
  /** How it reads DERP maps and booleans. */
  derp: Behaviour
  /** `db_type`, `ip_prefixes` and `dns_config`; later `database`, `prefixes` and `dns`. */
  flatKeys: boolean
  /** Whether there is a key for clients older than the Noise protocol, `private_key_path`, which is required. */
  legacyKey: boolean
  noiseKey: boolean
  domainRule: DomainRule
  /** The default of dns.magic_dns, which needs a base domain; `dns_config.magic_dns` needs none. */
  magicDnsByDefault: boolean
  /** Whether `dns.override_local_dns` exists; it is true by default and then needs name servers. */
  overrideNeedsNameservers: boolean
  /** Whether both `dns.extra_records` and `dns.extra_records_path` stop the server. */
  extraRecordsExclusive: boolean
  /** What an unknown policy.mode does. */
  unknownPolicyMode: 'no-policy' | 'fatal'
  /** Whether the policy is compiled at the start and an invalid file stops the server. */
  policyMode: boolean
  trustedProxies: boolean
  /** Whether `node` replaces `ephemeral_node_inactivity_timeout` and `oidc.expiry`, and has the times of probes. */
  nodeBlock: boolean
  /** Whether tuning.node_store_batch_* exist; they must be positive. */
  nodeStoreTuning: boolean
  /** Whether tuning.batch_change_delay exists; the server panics unless it is positive. */
  batchDelayNeeded: boolean
  /** Whether a database.sqlite.wal_autocheckpoint below -1 stops the server. */
  negativeCheckpointIsFatal: boolean
  /** Whether an empty metrics_listen_addr closes that listener; before, headscale listens on a random port. */
  metricsCanBeOff: boolean
  /** Whether remote gRPC exists. */
  remoteGrpc: boolean
  /** Whether an empty path of the database stops the server; before, the database is a temporary file. */
  emptyDatabasePathIsFatal: boolean
}

export function isKnownRelease(release: string | undefined): boolean {
  try {
    behaviourOf(release)
    return true
  } catch {
    return false
  }
}

/** @throws a usage error for a release that is not known */
export function configRules(release?: string): ConfigRules {
  const derp = behaviourOf(release)
  const minor = Number(derp.release.split('.')[1]!.split('-')[0])
  const since = (first: number) => minor >= first
  return {
    release: derp.release,
    minor,
    derp,
    flatKeys: !since(23),
    legacyKey: !since(23),
    noiseKey: since(17),
    domainRule: since(26) ? 'same-or-below' : since(24) ? 'below' : since(23) ? 'contains' : 'none',
    magicDnsByDefault: since(23),
    overrideNeedsNameservers: since(26),
    extraRecordsExclusive: since(24),
    policyMode: since(23),
    unknownPolicyMode: since(25) && !since(27) ? 'fatal' : 'no-policy',
    trustedProxies: since(29),
    nodeBlock: since(29),
    nodeStoreTuning: since(28),
    batchDelayNeeded: since(23),
    negativeCheckpointIsFatal: since(27),
    metricsCanBeOff: since(27),
    remoteGrpc: !since(30),
    emptyDatabasePathIsFatal: since(27),
  }
}
