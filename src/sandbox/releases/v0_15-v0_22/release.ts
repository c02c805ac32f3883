/**
 * What differs between the releases of the machines simulator (0.15 to 0.22), stated once.
 *
 * Each stands for the last of its line: 0.16.4, 0.17.1, 0.22.3. Handlers ask for a fact, never for a number.
 */
import {WORDS_15, WORDS_16, WORDS_19} from '../../names.ts'
import type {OwnerWords} from '../shared/owners.ts'

export interface MachinesRelease extends OwnerWords {
  release: '0.15' | '0.16' | '0.17' | '0.18' | '0.19' | '0.20' | '0.21' | '0.22'
  /** Forced tags, given names, renaming and moving: since 0.16. */
  hasTagsAndNames: boolean
  /** Tags on pre-auth keys: since 0.17. */
  hasAclTags: boolean
  /** The registration key is `nodekey:` and 64 hex digits, parsed before anything else: since 0.17. */
  parsesNodeKey: boolean
  /** Machines say whether they are online: since 0.18. */
  reportsOnline: boolean
  /** Routes are two sets of each machine, or rows with ids: since 0.18. */
  routes: 'sets' | 'rows'
  /** Which calls on an exit route act on both families: enabling since 0.20, all since 0.22. */
  pairsExits: 'never' | 'enabling' | 'always'
  /** DeleteRoute: since 0.21. */
  deletesRoutes: boolean
  /** Name of the prefix parser in error texts. */
  prefixParser: string
}

const R15: MachinesRelease = {
  release: '0.15',
  owner: 'namespace',
  ownerTitle: 'Namespace',
  sortsIdsAsText: false,
  words: WORDS_15,
  hasTagsAndNames: false,
  hasAclTags: false,
  parsesNodeKey: false,
  reportsOnline: false,
  routes: 'sets',
  pairsExits: 'never',
  deletesRoutes: false,
  prefixParser: 'netaddr.ParseIPPrefix',
}
const R16: MachinesRelease = {...R15, release: '0.16', words: WORDS_16, hasTagsAndNames: true}
const R17: MachinesRelease = {
  ...R16,
  release: '0.17',
  hasAclTags: true,
  parsesNodeKey: true,
  prefixParser: 'netip.ParsePrefix',
}
const R18: MachinesRelease = {...R17, release: '0.18', reportsOnline: true, routes: 'rows'}
const R19: MachinesRelease = {...R18, release: '0.19', owner: 'user', ownerTitle: 'User', words: WORDS_19}
const R20: MachinesRelease = {...R19, release: '0.20', pairsExits: 'enabling'}
const R21: MachinesRelease = {...R20, release: '0.21', deletesRoutes: true}
const R22: MachinesRelease = {...R21, release: '0.22', pairsExits: 'always'}

export const RELEASES: Record<MachinesRelease['release'], MachinesRelease> = {
  '0.15': R15,
  '0.16': R16,
  '0.17': R17,
  '0.18': R18,
  '0.19': R19,
  '0.20': R20,
  '0.21': R21,
  '0.22': R22,
}
