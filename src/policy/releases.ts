/**
 * How each headscale release reads and checks policies: the only file of this folder that compares release numbers.
 *
 * Code asks for the named fact. Taken from the sources of each tag (hscontrol/policy), and compared with real servers in
 * test/real/policy.
 */
import {usageError} from '../errors.ts'

/** Where an autogroup can be. */
export type AutogroupPlace = 'src' | 'dst' | 'sshSrc' | 'sshDst' | 'nodeAttrs'

export interface PolicyRelease {
  /** As the user gave it, or the default. */
  release: string
  /**
   * The engine up to 0.25, to which a name can be a user or a host, and which finds most mistakes when it compiles the
   * rules; or the one of 0.26 and later, in which a user has an "@".
   */
  engine: 1 | 2
  /** A file whose name ends with .yaml or .yml is YAML. */
  readsYaml: boolean
  sections: readonly string[]
  /** The keys of an ACL: action, then the protocol if there is one, sources, destinations. */
  aclKeys: readonly string[]
  /** Sections that this release does not know, with the first release that does. */
  laterSections: ReadonlyMap<string, string>
  /** Sections that are read and have no effect. */
  unusedSections: readonly string[]
  /** SSH rules have an effect only with HEADSCALE_EXPERIMENTAL_FEATURE_SSH=1 in the server's environment. */
  sshIsExperiment: boolean
  /** A tag without an owner is known while a node has it; before, administrators could not set tags. */
  knowsForcedTags: boolean
  /** What an IPv6 destination can be: none, an address, or a prefix too. */
  ipv6Destinations: 'none' | 'address' | 'prefix'
  /** Unknown and duplicate keys: rejected, or the last value counts and unknown keys are ignored. */
  strictKeys: boolean
  /** "action" and "proto" are checked when they are read, so null is an error. */
  typedFields: boolean
  /** A policy without groups, hosts and ACLs is rejected as empty. */
  rejectsEmpty: boolean
  /** The empty text is no policy, which allows everything; to 0.23 it is not HuJSON. */
  takesEmptyText: boolean
  /** A policy without rules allows everything; before, it allows nothing. */
  emptyAllowsAll: boolean
  /** An ACL needs "action"; the newest releases read its absence as accept. */
  actionRequired: boolean
  protocols: readonly string[]
  /** Any number is a protocol, names are case-sensitive. */
  looseProtocols: boolean
  /** Protocols without ports must have the port "*". */
  checksPorts: boolean
  /** The number of a protocol is its name: "6" can have ports, as "tcp" can, and "06" is the same. */
  numbersAreNames: boolean
  /** A destination without a port is rejected, and port 0 is. */
  strictPorts: boolean
  /** `[fd7a::1]:80`. */
  bracketedIpv6: boolean
  /** Blanks around selectors are removed. */
  trims: boolean
  autogroups: readonly string[]
  autogroupsAt: Readonly<Record<AutogroupPlace, readonly string[]>>
  /** Names of tags in tagOwners: not checked, with the prefix `tag:`, or with a letter after it too. */
  tagNames: 'any' | 'prefix' | 'letter'
  /** Tags can own tags; cycles of them are rejected. */
  tagsOwnTags: boolean
  rejectsTagCycles: boolean
  /** autogroup:self as destination needs users as sources. */
  selfNeedsUsers: boolean
  /** `*` as an SSH destination is accepted. */
  sshAny: boolean
  /** A host as an SSH destination is accepted. */
  sshHosts: boolean
  /** Which sources may reach which destinations by SSH is checked. */
  sshPairs: boolean
  /** "users" may not be empty, nor contain "" and "*"; autogroups in it are plain names. */
  sshUsers: boolean
  sshKeys: readonly string[]
  /** A user that means several is rejected; before, it means none. */
  rejectsAmbiguousUsers: boolean
  /** How rules are compiled for the nodes; null for releases whose way is not known here. */
  compiler: 'grants' | 'acls' | null
  /** The sources of a rule are one set, and a rule without any is left out; otherwise each has its own prefixes. */
  mergesSources: boolean
  /** Of a rule without a protocol; none where the clients decide: TCP, UDP and ICMP. */
  defaultProtocols: readonly number[]
  /**
   * Nodes that belong to a prefix or a host with all of their addresses: all in it, those with the very address that is
   * written, or none. For hosts `written` is all in it, too.
   */
  prefixNodes: 'inside' | 'written' | 'none'
  /** Where rules are compiled for each node, a source or destination with an unknown user is dropped as a whole. */
  dropsUnknownUsers: boolean
  /**
   * A client knows a router only by a rule, in either direction, to an address of the node or to the first one of a route; later
   * any address of a route will do.
   */
  hidesRouters: boolean
  /** Users have an e-mail address and a provider ID, which mean them too. */
  usersHaveEmail: boolean
  /** A member of a group is made a name of a user: small letters, nothing from the "@" on. */
  shortensMembers: boolean
  /**
   * How sources of SSH rules reach the clients: their addresses; users and members of groups by their login, other sources
   * by their addresses; or members of groups by their login, of other sources the first address of each prefix, and those of
   * other nodes only.
   */
  sshSources: 'addresses' | 'logins' | 'first-addresses'
  forwardsAgents: boolean
  /** How users of SSH rules reach the clients: as they are written, or with the meaning of root and autogroup:nonroot. */
  sshNames: 'literal' | 'mapped' | 'with-root'
  checkPeriod: 'go' | 'prometheus' | 'go-with-limits'
}

/** The release when none is given. */
export const DEFAULT_POLICY_RELEASE = '0.29'

/** Releases whose way to compile rules is known. */
export const COMPILED_RELEASES = '0.23 to 0.30'

const OLDEST = 15
const NEWEST = 30

/** 0.15 has capitals, which YAML keeps apart, and other names for sources and destinations. */
const SECTIONS_0_15 = ['Groups', 'Hosts', 'TagOwners', 'ACLs', 'Tests']
const SECTIONS_0_16 = ['groups', 'hosts', 'tagOwners', 'acls', 'tests']

const COMMON = ['groups', 'hosts', 'tagOwners', 'acls', 'autoApprovers', 'ssh']
const SINCE_29 = ['grants', 'nodeAttrs', 'tests', 'sshTests', 'randomizeClientPort']
const PROTOCOLS = ['icmp', 'igmp', 'ipv4', 'ip-in-ip', 'tcp', 'egp', 'igp', 'udp', 'gre', 'esp', 'ah', 'sctp']

/** Whether policyRelease has the rules of a release. */
export function knowsPolicyRelease(text: string): boolean {
  const minor = Number(/^v?0\.(\d{1,3})(?!\d)/.exec(text)?.[1])
  return minor >= OLDEST && minor <= NEWEST
}

/**
 * The rules of a release: `0.26`, `0.26.1`, `v0.26`, `0.30-dev`.
 *
 * @throws a usage error for anything else, and for releases before 0.15 or after 0.30
 */
export function policyRelease(text: string = DEFAULT_POLICY_RELEASE): PolicyRelease {
  const release = text.trim().replace(/^v/, '')
  const match = /^0\.([0-9]{1,3})(?:\.[0-9]{1,3})?(?:-[0-9A-Za-z.-]+)?$/.exec(release)
  if (match === null) {
    throw usageError(`invalid headscale release "${text}"`, 'expected a release such as 0.26 or 0.26.1')
  }
  const minor = Number(match[1])
  if (minor < OLDEST || minor > NEWEST) {
    throw usageError(`the policy rules of headscale ${release} are not known`, 'expected a release from 0.15 to 0.30')
  }
  const since = (first: number) => minor >= first
  const acl = since(27) ? ['autogroup:member', 'autogroup:tagged'] : []
  return {
    release,
    engine: since(26) ? 2 : 1,
    readsYaml: !since(23),
    sections: since(29)
      ? [...COMMON, ...SINCE_29]
      : since(26)
        ? COMMON
        : since(17)
          ? [...COMMON, 'tests']
          : since(16)
            ? SECTIONS_0_16
            : SECTIONS_0_15,
    aclKeys: since(16) ? ['action', 'proto', 'src', 'dst'] : ['Action', 'Users', 'Ports'],
    laterSections: new Map([
      ...(since(17) ? [] : (['autoApprovers', 'ssh'].map((name) => [name, '0.17']) as [string, string][])),
      ...(since(29) ? [] : (SINCE_29.map((name) => [name, '0.29']) as [string, string][])),
    ]),
    unusedSections: since(26) ? [] : ['tests'],
    sshIsExperiment: since(17) && !since(23),
    knowsForcedTags: since(16),
    ipv6Destinations: since(23) ? 'prefix' : since(22) ? 'address' : 'none',
    strictKeys: since(27),
    typedFields: since(27),
    rejectsEmpty: !since(26),
    takesEmptyText: since(24),
    emptyAllowsAll: since(27),
    actionRequired: !since(29),
    protocols: since(29) ? [...PROTOCOLS, 'ipv6-icmp', 'fc'] : PROTOCOLS,
    looseProtocols: !since(27),
    checksPorts: since(27) || !since(26),
    numbersAreNames: since(29),
    strictPorts: since(27),
    bracketedIpv6: since(29),
    trims: since(29),
    autogroups: [
      ...(since(23) ? ['autogroup:internet'] : []),
      ...(since(27) ? ['autogroup:member', 'autogroup:nonroot', 'autogroup:tagged', 'autogroup:self'] : []),
      ...(since(29) ? ['autogroup:danger-all'] : []),
    ],
    autogroupsAt: {
      src: since(29) ? [...acl, 'autogroup:danger-all'] : acl,
      dst: ['autogroup:internet', ...acl, ...(since(27) ? ['autogroup:self'] : [])],
      sshSrc: acl,
      sshDst: since(27) ? [...acl, 'autogroup:self'] : [],
      nodeAttrs: acl,
    },
    tagNames: since(29) ? 'letter' : since(27) ? 'prefix' : 'any',
    tagsOwnTags: since(28),
    rejectsTagCycles: since(28) && !since(29),
    selfNeedsUsers: since(29),
    sshAny: !since(28),
    sshHosts: since(27) && !since(29),
    sshPairs: since(28),
    sshUsers: since(29),
    sshKeys: ['action', 'src', 'dst', 'users', 'checkPeriod', ...(since(29) ? ['acceptEnv'] : [])],
    rejectsAmbiguousUsers: since(29),
    compiler: since(29) ? 'grants' : since(23) ? 'acls' : null,
    mergesSources: since(26),
    defaultProtocols: since(27) && !since(29) ? [6, 17] : [],
    prefixNodes: since(29) ? 'none' : since(27) ? 'written' : 'inside',
    dropsUnknownUsers: since(27) && !since(28),
    hidesRouters: !since(26),
    usersHaveEmail: since(24),
    shortensMembers: !since(24),
    sshSources: since(26) ? 'addresses' : since(24) ? 'logins' : 'first-addresses',
    forwardsAgents: since(24),
    sshNames: since(29) ? 'with-root' : since(27) ? 'mapped' : 'literal',
    checkPeriod: since(29) ? 'go-with-limits' : since(26) ? 'prometheus' : 'go',
  }
}
