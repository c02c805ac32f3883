/**
 * What differs between the releases of the machines face (0.15, 0.16, 0.17), stated once.
 *
 * 0.16 stands for 0.16.4 and 0.17 for 0.17.1, the last of their line. Handlers ask for a fact, never for a number.
 */
import {WORDS_15, WORDS_16, type DnsWords} from '../../names.ts'

export interface MachinesRelease {
  release: '0.15' | '0.16' | '0.17'
  words: DnsWords
  /** Forced tags, given names, renaming and moving: since 0.16. */
  hasTagsAndNames: boolean
  /** Tags on pre-auth keys: since 0.17. */
  hasAclTags: boolean
  /** The registration key is `nodekey:` and 64 hex digits, parsed before anything else: since 0.17. */
  parsesNodeKey: boolean
  /** Name of the prefix parser in error texts. */
  prefixParser: string
}

export const RELEASES: Record<MachinesRelease['release'], MachinesRelease> = {
  '0.15': {
    release: '0.15',
    words: WORDS_15,
    hasTagsAndNames: false,
    hasAclTags: false,
    parsesNodeKey: false,
    prefixParser: 'netaddr.ParseIPPrefix',
  },
  '0.16': {
    release: '0.16',
    words: WORDS_16,
    hasTagsAndNames: true,
    hasAclTags: false,
    parsesNodeKey: false,
    prefixParser: 'netaddr.ParseIPPrefix',
  },
  '0.17': {
    release: '0.17',
    words: WORDS_16,
    hasTagsAndNames: true,
    hasAclTags: true,
    parsesNodeKey: true,
    prefixParser: 'netip.ParsePrefix',
  },
}
