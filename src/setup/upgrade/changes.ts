/**
 * What changes on each line of releases, for the server at hand: what its upgrade destroys or does for good, and what its operators
 * and scripts meet. From the CHANGELOG of v0.29.3 and the migrations in hscontrol/db; keys of config.yaml and rules of
 * policies are not in it, since the plan shows each of them.
 */
import type {Settings} from '../config/settings.ts'
import type {UpgradeNode, UpgradeServer} from './server.ts'

export interface Facts {
  /** Of the config file before the hop. */
  settings: Settings
  server: UpgradeServer | null
  /** Whether there is a policy; null if it is not known. */
  policy: {text: string} | null
}

type Change = string | ((facts: Facts) => string | null)

const LIST = 5

const oidc =
  (text: string) =>
  ({settings}: Facts) =>
    settings.text('oidc.issuer') === '' ? null : text

const sqlite =
  (text: string) =>
  ({settings}: Facts) =>
    settings.text('database.type', settings.text('db_type')).startsWith('postgres') ? null : text

/** By the second number of the release. */
const CHANGES: Readonly<Record<number, readonly Change[]>> = {
  16: ['Policies with "users" and "ports" are rejected: write "src" and "dst".'],
  18: ['Routes have ids; headscale routes enable takes -r ID.'],
  19: ['Namespaces are called users: scripts need --user in place of --namespace, and other fields of the JSON.'],
  20: [oidc('Keys of nodes from single sign-on expire after 180 days, unless oidc.expiry says otherwise.')],
  22: [
    'There is a Debian package, with its own unit and the user headscale: remove a unit and a binary that were made by hand.',
  ],
  23: [
    'headscale 0.22 does not end when it is stopped: systemctl waits 90 seconds, then ends it.',
    ({settings}) =>
      settings.bool('dns_config.magic_dns', false)
        ? `Names of nodes are HOST.${settings.text('dns_config.base_domain') || 'BASE_DOMAIN'}, no longer with the user between them.`
        : null,
    'The server does not start unless it can load at least one DERP map.',
    sqlite('SQLite gets a write-ahead log: a copy of a database in use needs db.sqlite-wal too.'),
    ({server}) => {
      const nodes = server?.nodes.filter(({addresses}) => isSeveral(addresses)) ?? []
      return nodes.length === 0 ? null : `Of several addresses of one family a node keeps the first: ${names(nodes)}.`
    },
    'Machines are called nodes: scripts need other fields of the JSON and /api/v1/node in place of /api/v1/machine.',
  ],
  24: [
    oidc(
      'Single sign-on finds users by issuer and subject. Users who log in while oidc.map_legacy_users is true keep their ' +
        'account; its name becomes the one that the provider sends, which can be another than in the policy.',
    ),
    'Users are renamed and deleted by id in the API: web interfaces and scripts need versions for it.',
  ],
  25: ['A node that logs in as another user becomes a new node.'],
  26: [
    ({server}) =>
      server === null
        ? 'Routes belong to nodes; approved ones stay approved.'
        : `Routes belong to nodes; approved ones stay approved (${count(server.approvedRoutes, 'route')}).`,
    'headscale routes is gone: headscale nodes list-routes and approve-routes, or headscale-ts routes.',
    'Pre-auth keys are created for a user id: scripts with --user NAME need --user ID.',
  ],
  27: [
    sqlite('All tables of the database are written anew: do not skip the backup.'),
    'There are no binaries for 32 bits, and the package needs Debian 12, Ubuntu 22.04 or later.',
    'The package gives the user headscale an id below 1000; files outside its home folder keep the old owner.',
    'A new client whose host name is not a DNS label is called invalid-XXXXXX.',
  ],
  28: [
    ({server}) => {
      const nodes = server?.nodes.filter(({tags}) => tags.length > 0) ?? []
      const which = nodes.length === 0 ? '' : ` (${names(nodes)})`
      return `Nodes with tags belong to their tags and no longer to a user${which}; tags that clients request become theirs if the policy allows it.`
    },
    'Nodes can no longer be moved to another user: do it before.',
    ({server}) => {
      const keys = server === null || server.preAuthKeys === null ? '' : ` (${count(server.preAuthKeys, 'key')})`
      return `Do not delete users on 0.28.0: it deletes the pre-auth keys of all users${keys}.`
    },
    'Pre-auth keys stay valid; new ones are shown once, and commands take the id of a key.',
    ({server}) => {
      const keys = server === null ? null : server.longApiKeys.map(({id, prefix}) => `${prefix} (id ${id})`)
      if (keys !== null && keys.length === 0) return null
      const which = keys === null ? '' : `: ${keys.slice(0, LIST).join(', ')}${keys.length > LIST ? ' and more' : ''}`
      return `API keys that were made up to 0.23, with a prefix of ten characters, are rejected: create new ones${which}.`
    },
    oidc('Users whose provider does not confirm their e-mail address cannot log in (oidc.email_verified_required).'),
  ],
  29: [
    'From now on the server refuses a database that skipped a release, and every way back.',
    ({server}) => {
      const nodes = server?.nodes.filter(({tags}) => tags.length > 0) ?? []
      return nodes.length === 0 ? null : `Nodes with tags have no user and no expiry any more: ${names(nodes)}.`
    },
    ({policy}) =>
      policy !== null && policy.text.includes('*')
        ? 'In a policy * means the addresses of tailnets alone (100.64.0.0/10, fd7a:115c:a1e0::/48).'
        : null,
    ({server}) => {
      const nodes = server?.nodes.filter(({name}) => /-[a-z0-9]{8}$/.test(name)) ?? []
      return nodes.length === 0 ? null : `Names with a random end can become NAME-1, NAME-2: ${names(nodes)}.`
    },
    ({settings}) => {
      if (settings.text('oidc.issuer') === '') return null
      return settings.isSet('oidc.expiry')
        ? 'node.expiry counts for nodes with pre-auth keys too, not only for single sign-on.'
        : 'Keys of nodes from single sign-on no longer expire by default; before it was after 180 days (node.expiry: 180d).'
    },
    ({settings}) =>
      settings.text('server_url').startsWith('https:') &&
      settings.text('tls_cert_path') === '' &&
      settings.text('tls_letsencrypt_hostname') === ''
        ? 'The log shows the address of the proxy in front of the server, unless trusted_proxies names it.'
        : null,
    'headscale namespaces and headscale machines are gone, and --namespace: scripts need users, nodes and --user.',
  ],
  30: ['gRPC is gone: the command line of an older headscale cannot be used with the server, its REST API can.'],
}

export function changesOf(minor: number, facts: Facts): string[] {
  return (CHANGES[minor] ?? [])
    .map((change) => (typeof change === 'string' ? change : change(facts)))
    .filter((text) => text !== null)
}

function isSeveral(addresses: readonly string[]): boolean {
  const v6 = addresses.filter((address) => address.includes(':')).length
  return v6 > 1 || addresses.length - v6 > 1
}

function names(nodes: readonly UpgradeNode[]): string {
  const shown = nodes.slice(0, LIST).map(({name}) => name)
  return nodes.length > LIST ? `${shown.join(', ')} and ${nodes.length - LIST} more` : shown.join(', ')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
