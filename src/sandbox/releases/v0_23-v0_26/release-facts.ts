/**
 * What differs between the releases of this simulator (0.23 to 0.26).
 *
 * Each stands for the last of its line: 0.23.0, 0.24.3, 0.25.1, 0.26.1. Handlers use these facts, never release numbers.
 */
import {DNS_MESSAGES_0_23, DNS_MESSAGES_0_25} from '../../names.ts'
import type {OwnerFacts} from '../shared/owners.ts'

export interface ReleaseFacts extends OwnerFacts {
  release: '0.23' | '0.24' | '0.25' | '0.26'
  messageSet: 'v0_19' | 'v0_24' | 'v0_26'
  /** The API identifies users by id, and they have profiles: since 0.24. */
  usersById: boolean
  /** The rule for user names. Since 0.25: letters, digits, `-._` and one `@`. */
  userNames: 'dns' | 'account'
  /** Fewest bytes of a node's name: 2 since 0.25. */
  shortestName: 0 | 2
  /** In DNS names invalid characters become hyphens, or are left out (since 0.25). */
  givenNames: 'hyphens' | 'left out'
  /** The registration key is the machine key, or 24 characters (since 0.25). */
  registrationKey: 'mkey' | 'id'
  /** The node of a debug registration has its routes: since 0.24. */
  keepsDebugRoutes: boolean
  /** Registration looks up the user before the pending registration: since 0.24. */
  looksUpUserFirst: boolean
  /** Routes are rows with ids, or fields of the node (since 0.26). */
  routes: 'rows' | 'fields'
  /** How pre-auth keys and calls about them identify the user. */
  keyOwner: 'name' | 'id'
  /** Only a usable key can be expired: up to 0.24. */
  expiresUsableKeysOnly: boolean
  /** The reply to the creation of a key shows its tags: since 0.24. */
  showsNewTags: boolean
  /** Valid tags include the forced ones: since 0.24. */
  validTagsHaveForced: boolean
  sortsTags: boolean
  /** Lengths of an API key's prefix and secret, in characters. */
  apiKey: [prefix: number, secret: number]
  /** The policy implementation: the first, the first that keeps rejected policies (0.24, 0.25), or the second (0.26). */
  policy: 'first' | 'kept' | 'second'
}

const V0_23: ReleaseFacts = {
  release: '0.23',
  messageSet: 'v0_19',
  owner: 'user',
  ownerTitle: 'user',
  dnsMessages: DNS_MESSAGES_0_23,
  sortsIdsAsText: true,
  usersById: false,
  userNames: 'dns',
  shortestName: 0,
  givenNames: 'hyphens',
  registrationKey: 'mkey',
  keepsDebugRoutes: false,
  looksUpUserFirst: false,
  routes: 'rows',
  keyOwner: 'name',
  expiresUsableKeysOnly: true,
  showsNewTags: false,
  validTagsHaveForced: false,
  sortsTags: false,
  apiKey: [10, 43],
  policy: 'first',
}
const V0_24: ReleaseFacts = {
  ...V0_23,
  release: '0.24',
  messageSet: 'v0_24',
  usersById: true,
  keepsDebugRoutes: true,
  looksUpUserFirst: true,
  showsNewTags: true,
  validTagsHaveForced: true,
  policy: 'kept',
}
const V0_25: ReleaseFacts = {
  ...V0_24,
  release: '0.25',
  dnsMessages: DNS_MESSAGES_0_25,
  userNames: 'account',
  shortestName: 2,
  givenNames: 'left out',
  registrationKey: 'id',
  expiresUsableKeysOnly: false,
  apiKey: [7, 32],
}
const V0_26: ReleaseFacts = {
  ...V0_25,
  release: '0.26',
  messageSet: 'v0_26',
  sortsIdsAsText: false,
  routes: 'fields',
  keyOwner: 'id',
  sortsTags: true,
  policy: 'second',
}

export const FACTS: Record<ReleaseFacts['release'], ReleaseFacts> = {
  '0.23': V0_23,
  '0.24': V0_24,
  '0.25': V0_25,
  '0.26': V0_26,
}
