/**
 * What differs between the releases of this simulator (0.23 to 0.26), stated once.
 *
 * Each stands for the last of its line: 0.23.0, 0.24.3, 0.25.1, 0.26.1. Handlers ask for a fact, never for a number.
 */
import {DNS_MESSAGES_0_23, DNS_MESSAGES_0_25} from '../../names.ts'
import type {OwnerFacts} from '../shared/owners.ts'

export interface ReleaseFacts extends OwnerFacts {
  release: '0.23' | '0.24' | '0.25' | '0.26'
  messageSet: 'v0_19' | 'v0_24' | 'v0_26'
  /** Users are numbered for their clients and have profiles: since 0.24. */
  usersById: boolean
  /** What a user name must be. Since 0.25: letters, digits, `-._` and one `@`. */
  userNames: 'dns' | 'account'
  /** Fewest bytes of a node's name: 2 since 0.25. */
  shortestName: 0 | 2
  /** The name for DNS keeps a hyphen for what it cannot have, or nothing (since 0.25). */
  givenNames: 'hyphens' | 'left out'
  /** A pending registration is named by the machine key, or by 24 characters (since 0.25). */
  registrationKey: 'mkey' | 'id'
  /** Routes of a debug registration reach the node: since 0.24. */
  keepsDebugRoutes: boolean
  /** Registering looks the user up before the pending registration: since 0.24. */
  looksUpUserFirst: boolean
  /** Routes are rows with ids, or fields of the node (since 0.26). */
  routes: 'rows' | 'fields'
  /** How calls about pre-auth keys name the user, and keys show it. */
  keyOwner: 'name' | 'id'
  /** Only a usable key can be expired: up to 0.24. */
  expiresUsableKeysOnly: boolean
  /** The answer to the creation of a key shows its tags: since 0.24. */
  showsNewTags: boolean
  /** Valid tags are forced ones and those of the client; 0.23 lists the client's alone. */
  validTagsHaveForced: boolean
  sortsTags: boolean
  /** Bytes of an API key's prefix and secret, in characters. */
  apiKey: [prefix: number, secret: number]
  /** How policies are read: as written once, kept in memory though refused (0.24 and 0.25), or anew in 0.26. */
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
