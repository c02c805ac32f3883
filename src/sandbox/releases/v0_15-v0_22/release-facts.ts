/**
 * What differs between the releases of this simulator (0.15 to 0.22).
 *
 * Each stands for the last of its line: 0.16.4, 0.17.1, 0.22.3. Handlers use these facts, never release numbers.
 */
import {DNS_MESSAGES_0_15, DNS_MESSAGES_0_16, DNS_MESSAGES_0_19} from '../../names.ts'
import type {OwnerFacts} from '../shared/owners.ts'

export interface ReleaseFacts extends OwnerFacts {
  release: '0.15' | '0.16' | '0.17' | '0.18' | '0.19' | '0.20' | '0.21' | '0.22'
  /** Forced tags, given names, renaming and moving: since 0.16. */
  hasTagsAndNames: boolean
  /** Tags on pre-auth keys: since 0.17. */
  hasAclTags: boolean
  /** The registration key is `nodekey:` and 64 hex digits, checked first: since 0.17. */
  parsesNodeKey: boolean
  /** Machines have an online field: since 0.18. */
  reportsOnline: boolean
  /** Routes are two sets of each machine, or rows with ids: since 0.18. */
  routes: 'sets' | 'rows'
  /** Which calls on an exit route act on both families: enabling since 0.20, all since 0.22. */
  pairsExitRoutes: 'never' | 'enabling' | 'always'
  /** DeleteRoute: since 0.21. */
  deletesRoutes: boolean
  /** Name of the prefix parser in error texts. */
  prefixParser: string
}

const V0_15: ReleaseFacts = {
  release: '0.15',
  owner: 'namespace',
  ownerTitle: 'Namespace',
  sortsIdsAsText: false,
  dnsMessages: DNS_MESSAGES_0_15,
  hasTagsAndNames: false,
  hasAclTags: false,
  parsesNodeKey: false,
  reportsOnline: false,
  routes: 'sets',
  pairsExitRoutes: 'never',
  deletesRoutes: false,
  prefixParser: 'netaddr.ParseIPPrefix',
}
const V0_16: ReleaseFacts = {...V0_15, release: '0.16', dnsMessages: DNS_MESSAGES_0_16, hasTagsAndNames: true}
const V0_17: ReleaseFacts = {
  ...V0_16,
  release: '0.17',
  hasAclTags: true,
  parsesNodeKey: true,
  prefixParser: 'netip.ParsePrefix',
}
const V0_18: ReleaseFacts = {...V0_17, release: '0.18', reportsOnline: true, routes: 'rows'}
const V0_19: ReleaseFacts = {
  ...V0_18,
  release: '0.19',
  owner: 'user',
  ownerTitle: 'User',
  dnsMessages: DNS_MESSAGES_0_19,
}
const V0_20: ReleaseFacts = {...V0_19, release: '0.20', pairsExitRoutes: 'enabling'}
const V0_21: ReleaseFacts = {...V0_20, release: '0.21', deletesRoutes: true}
const V0_22: ReleaseFacts = {...V0_21, release: '0.22', pairsExitRoutes: 'always'}

export const FACTS: Record<ReleaseFacts['release'], ReleaseFacts> = {
  '0.15': V0_15,
  '0.16': V0_16,
  '0.17': V0_17,
  '0.18': V0_18,
  '0.19': V0_19,
  '0.20': V0_20,
  '0.21': V0_21,
  '0.22': V0_22,
}
