/**
 * The named facts in which headscale releases differ for a caller. Each row of releases.ts sets them; dialects, use
 * cases and views check them, never a version number.
 */
import type {RegistrationKeyForm} from '../domain/values/registration-key.ts'
import type {UserNameRule} from '../domain/values/user-name.ts'

export interface Capabilities {
  /** The release's name for the owner of nodes: namespace up to 0.18, user since 0.19. */
  ownerWord: 'namespace' | 'user'
  /** Its name for a member of the tailnet: machine up to 0.22, node since 0.23. */
  nodeWord: 'machine' | 'node'
  /** Users have display names, e-mail addresses and providers (0.24+). */
  userProfiles: boolean
  /** A user without a name is shown under the e-mail address, the provider id or the id (0.28+). */
  namesUnnamedUsers: boolean
  /** The rule that user names must follow; checked before anything is sent. */
  userNameRule: UserNameRule
  /** Nodes have a given name in addition to their host name (0.16+). */
  givenNames: boolean
  /** Nodes have tags that an administrator can set (0.16+). */
  nodeTags: boolean
  /** The server reports whether a node is online (0.18+). */
  reportsOnline: boolean
  /** A node contains its routes: available, approved and serving (0.26+). */
  routesOnNodes: boolean
  /**
   * How the server stores routes: a set per machine that is replaced as a whole (0.15–0.17), rows with ids (0.18–0.25),
   * or a set on the node that can contain prefixes which the node does not advertise yet (0.26+).
   */
  routes: 'machine-sets' | 'rows' | 'node-sets'
  /** Users are renamed and deleted by id (0.24+), not by name. */
  usersById: boolean
  /** How requests name the owner of a pre-auth key: by user name (to 0.25) or by user id (0.26+). */
  preAuthKeyOwner: 'name' | 'id'
  /** Pre-auth keys are listed all at once and addressed by id (0.28+); before, per user and by their secret. */
  preAuthKeysHaveIds: boolean
  /** Pre-auth keys can carry tags (0.17+). */
  preAuthKeyTags: boolean
  /** A reusable pre-auth key is marked as used after its first use (up to 0.24); later only other keys are. */
  recordsReusableKeyUse: boolean
  /** Destroying any user deletes the pre-auth keys of all users: a bug in 0.28.0. */
  destroyDeletesAllPreAuthKeys: boolean
  /** A node permanently leaves its user when it gets a tag (0.28+). */
  tagsArePermanent: boolean
  /** All tags of a node can be removed (0.16 to 0.27). */
  clearsTags: boolean
  /** Given names are unique (0.23+). */
  givenNamesAreUnique: boolean
  /** A new node whose name is taken gets a number (0.29+: `nas-1`); before, eight random characters. */
  numbersTakenNames: boolean
  /** A node can be moved to another user (0.16 to 0.27). */
  movesNodes: boolean
  /** The expiry of a node can be set to a time (0.27.1+), or disabled (0.29+). */
  expiryTime: boolean
  expiryOff: boolean
  /** The oldest Tailscale client that can connect, such as `1.80`; null where there is no limit (up to 0.22). */
  minimumClient: string | null
  /** A debug page lists nodes with what their clients report: system, version, endpoints (0.27+). */
  debugPageOfNodes: boolean
  /** Missing IP addresses of all nodes can be assigned (0.23+). */
  backfillsIPs: boolean
  /** The policy can be read and, with policy.mode: database, stored (0.23+). */
  policyApi: boolean
  /** The server validates a policy without storing it (0.29+). */
  policyCheck: boolean
  /** A policy can have grants in addition to acls (0.29+). */
  policyGrants: boolean
  /** A policy without a list of rules allows every connection (0.27+); one with an empty list allows none. */
  policyWithoutRulesAllowsAll: boolean
  /** A rejected policy breaks the state of the running server until a valid one is set: a bug in 0.24 to 0.26. */
  rejectedPolicyBreaksState: boolean
  /** Forms of a registration key that the server accepts; generated keys have the first. */
  registrationKeys: readonly RegistrationKeyForm[]
  /** The success message names the node (0.17+; before: "Machine register"). */
  namesRegisteredNode: boolean
  /** A pending registration remains after use, and using it twice creates a second node (up to 0.22). */
  registrationIsReusable: boolean
  /** debug create-node with a key in another form crashes the server (0.17 to 0.22). */
  debugKeyCrashesServer: boolean
}
