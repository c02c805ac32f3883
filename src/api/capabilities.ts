/**
 * The named facts in which headscale releases differ for a caller. A row of releases.ts states them; dialects, use cases
 * and views ask for them and never for a version.
 */
import type {RegistrationKeyForm} from '../domain/registration-key.ts'
import type {UserNameRule} from '../domain/user-name.ts'

export interface Capabilities {
  /** What the release calls the owner of nodes: namespace up to 0.18, user after. */
  ownerWord: 'namespace' | 'user'
  /** What it calls a member of the tailnet: machine up to 0.22, node after. */
  nodeWord: 'machine' | 'node'
  /** Users have display names, e-mail addresses and providers (0.24+). */
  userProfiles: boolean
  /** The rule for user names that holds before anything is sent. */
  userNameRule: UserNameRule
  /** Nodes have a given name beside the client's own (0.16+). */
  givenNames: boolean
  /** The server says whether a node is online (0.18+). */
  reportsOnline: boolean
  /** A node lists its own routes, available, approved and serving (0.26+). */
  routesOnNodes: boolean
  /**
   * How routes are kept: a set per machine that is replaced whole (0.15–0.17), rows with ids (0.18–0.25), or a set on
   * the node that may hold prefixes nobody offers yet (0.26+).
   */
  routes: 'machine-sets' | 'rows' | 'node-sets'
  /** Users are renamed, deleted by id (0.24+), not by name. */
  usersById: boolean
  /** What a pre-auth key belongs to in requests: a user's name (to 0.25), a user's id (0.26+). */
  preAuthKeyOwner: 'name' | 'id'
  /** Pre-auth keys are listed all at once and named by id (0.28+); before, user by user and by their secret. */
  preAuthKeysHaveIds: boolean
  /** Pre-auth keys can carry tags (0.17+). */
  preAuthKeyTags: boolean
  /** Destroying any user takes everybody's pre-auth keys with it: a defect of 0.28.0. */
  destroyDeletesAllPreAuthKeys: boolean
  /** A node that gets a tag permanently leaves its user (0.28+). */
  tagsArePermanent: boolean
  /** All tags of a node can be removed (0.16 to 0.27). */
  clearsTags: boolean
  /** A given name belongs to one node only (0.23+). */
  givenNamesAreUnique: boolean
  /** A node can be moved to another user (0.16 to 0.27). */
  movesNodes: boolean
  /** The time a node expires at can be set (0.27.1+), and expiry be switched off (0.29+). */
  expiryTime: boolean
  expiryOff: boolean
  /** Addresses can be assigned anew to all nodes (0.23+). */
  backfillsIPs: boolean
  /** The server judges a policy without storing it (0.29+). */
  policyCheck: boolean
  /** A policy may have grants beside its acls (0.29+). */
  policyGrants: boolean
  /** A policy without rules, other than one with an empty list of them, lets every node reach every other (0.26+). */
  policyWithoutRulesAllowsAll: boolean
  /** A refused policy leaves the running server in disorder until a good one is set: a defect of 0.24 to 0.26. */
  rejectedPolicyBreaksState: boolean
  /** Forms of a registration key the server takes; one made up here has the first. */
  registrationKeys: readonly RegistrationKeyForm[]
  /** The success sentence names the node (0.17+; before: "Machine register"). */
  namesRegisteredNode: boolean
  /** A pending registration stays after it was used, and using it twice makes a second node (up to 0.22). */
  registrationIsReusable: boolean
  /** debug create-node with a key of another form ends the server process (0.17 to 0.22). */
  debugKeyCrashesServer: boolean
}
