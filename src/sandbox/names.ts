/**
 * What the servers accept as a name or a tag, with the words they refuse the rest with.
 *
 * Rules and texts: namespaces.go and grpcv1.go up to 0.22, hscontrol/util/dns.go, hscontrol/db/users.go and
 * hscontrol/types/node.go later. The sandbox must refuse neither more nor less than the release it simulates.
 */
import {refuse} from './refusal.ts'

/** How one release words the rule for names in DNS. */
export interface DnsWords {
  tooLong: string
  upperCase: string
  characters: string
  /** What each message ends with. */
  ending: string
}

export const WORDS_15: DnsWords = {
  tooLong: 'Namespace must not be over 63 chars.',
  upperCase: 'Namespace name should be lowercase.',
  characters: 'Namespace name should only be composed of lowercase ASCII letters numbers, hyphen and dots.',
  ending: 'Invalid namespace name',
}

export const WORDS_16: DnsWords = {
  tooLong: 'DNS segment must not be over 63 chars.',
  upperCase: 'DNS segment should be lowercase.',
  characters: 'DNS segment should only be composed of lowercase ASCII letters numbers, hyphen and dots.',
  ending: 'Invalid namespace name',
}

/** At most 63 bytes of a-z 0-9 - . (the empty name passes). Up to 0.24. */
export function checkDnsName(name: string, words: DnsWords): void {
  const rule = `${name} doesn't comply with this rule: ${words.ending}`
  if (Buffer.byteLength(name) > 63) throw refuse(`${words.tooLong} ${rule}`)
  if (name.toLowerCase() !== name) throw refuse(`${words.upperCase} ${rule}`)
  if (/[^a-z0-9\-.]/.test(name)) {
    throw refuse(`${words.characters} ${name} doesn't comply with theses rules: ${words.ending}`)
  }
}

/** What is wrong with a tag, in the server's words, or null. */
export function tagFault(tag: string, spaces = 'tag should not contains space'): string | null {
  if (!tag.startsWith('tag:')) return "tag must start with the string 'tag:'"
  if (tag.toLowerCase() !== tag) return 'tag should be lowercase'
  return tag.trim().split(/\s+/).length > 1 ? spaces : null
}

/** A name for DNS made of what the client calls itself: NormalizeToFQDNRules of 0.16 to 0.22. */
export function normalizeToDns(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("'", '')
    .replaceAll('@', '.')
    .replaceAll(/[^a-z0-9\-.]+/g, '-')
}
