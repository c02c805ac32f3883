/**
 * What the servers accept as a name or a tag, and their errors for the rest.
 *
 * Rules and texts: namespaces.go and grpcv1.go up to 0.22, hscontrol/util/dns.go, hscontrol/db/users.go and
 * hscontrol/types/node.go later. The sandbox must reject neither more nor less than the release it simulates.
 */
import {serverError} from './server-error.ts'

/** How a release describes the rule for DNS names. */
export interface DnsNameMessages {
  tooLong: string
  upperCase: string
  characters: string
  /** Misspelled up to 0.24. */
  these: 'theses' | 'these'
  /** The end of each message. */
  ending: string
}

export const DNS_MESSAGES_0_15: DnsNameMessages = {
  tooLong: 'Namespace must not be over 63 chars.',
  upperCase: 'Namespace name should be lowercase.',
  characters: 'Namespace name should only be composed of lowercase ASCII letters numbers, hyphen and dots.',
  these: 'theses',
  ending: 'Invalid namespace name',
}

export const DNS_MESSAGES_0_16: DnsNameMessages = {
  tooLong: 'DNS segment must not be over 63 chars.',
  upperCase: 'DNS segment should be lowercase.',
  characters: 'DNS segment should only be composed of lowercase ASCII letters numbers, hyphen and dots.',
  these: 'theses',
  ending: 'Invalid namespace name',
}

export const DNS_MESSAGES_0_19: DnsNameMessages = {...DNS_MESSAGES_0_16, ending: 'Invalid user name'}

export const DNS_MESSAGES_0_23: DnsNameMessages = {...DNS_MESSAGES_0_16, ending: 'invalid user name'}

export const DNS_MESSAGES_0_25: DnsNameMessages = {...DNS_MESSAGES_0_23, these: 'these'}

/** At most 63 bytes of a-z 0-9 - . (the empty name passes). */
export function checkDnsName(name: string, messages: DnsNameMessages): void {
  const rule = `${name} doesn't comply with this rule: ${messages.ending}`
  if (Buffer.byteLength(name) > 63) throw serverError(`${messages.tooLong} ${rule}`)
  if (name.toLowerCase() !== name) throw serverError(`${messages.upperCase} ${rule}`)
  if (/[^a-z0-9\-.]/.test(name)) {
    throw serverError(`${messages.characters} ${name} doesn't comply with ${messages.these} rules: ${messages.ending}`)
  }
}

/** The rule of 0.25 and 0.26 for names of users. */
export function checkAccountName(name: string): void {
  if (Buffer.byteLength(name) < 2) throw serverError('username must be at least 2 characters long')
  if (/^\p{Nd}/u.test(name)) throw serverError('username cannot start with a number')
  let ats = 0
  for (const character of name) {
    if (character === '@' && ++ats > 1) throw serverError("username cannot contain more than one '@'")
    if (!/[\p{L}\p{Nd}._@-]/u.test(character)) throw serverError(`username contains invalid character: '${character}'`)
  }
}

/** What is wrong with a key of 64 hex digits after a prefix, as tailscale says it (types/key/util.go), or null. */
export function keyTextFault(key: string, prefix: string): string | null {
  if (!key.startsWith(prefix)) return `key hex string doesn't have expected type prefix ${prefix}`
  const length = Buffer.byteLength(key) - prefix.length
  if (length !== 64) return `key hex has the wrong size, got ${length} want 64`
  return /^[0-9a-f]*$/.test(key.slice(prefix.length)) ? null : 'invalid hex character in key'
}

/** The DNS name made from a host name by 0.25 to 0.27, which drop invalid characters. */
export function lettersForDns(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9\-.]+/g, '')
}

/** The server's error for a tag, or null. */
export function tagFault(tag: string, spaces = 'tag should not contains space'): string | null {
  if (!tag.startsWith('tag:')) return "tag must start with the string 'tag:'"
  if (tag.toLowerCase() !== tag) return 'tag should be lowercase'
  return tag.trim().split(/\s+/).length > 1 ? spaces : null
}

/**
 * The DNS name made from a host name: NormalizeToFQDNRules of 0.16 to 0.22.
 * @throws ServerError for a label of more than 63 bytes
 */
export function normalizeToDns(name: string, {ending}: DnsNameMessages): string {
  const normal = name
    .toLowerCase()
    .replaceAll("'", '')
    .replaceAll('@', '.')
    .replaceAll(/[^a-z0-9\-.]+/g, '-')
  const long = normal.split('.').find((label) => label.length > 63)
  if (long !== undefined) throw serverError(`label ${long} is more than 63 chars: ${ending}`)
  return normal
}

/** The error of 0.29 for a DNS label (tailscale's dnsname.ValidLabel), or null. */
export function labelFault(label: string): string | null {
  const quoted = JSON.stringify(label)
  const fault = (why: string) => `${quoted} is not a valid DNS label: ${why}`
  if (label === '') return fault('empty DNS label')
  if (Buffer.byteLength(label) > 63) return fault(`${quoted} is too long, max length is 63 bytes`)
  const because = (why: string) => fault(`${quoted} is not a valid DNS label: ${why}`)
  if (!/^[a-z0-9]/i.test(label)) return because('must start with a letter or number')
  if (!/[a-z0-9]$/i.test(label)) return because('must end with a letter or number')
  const invalid = /[^a-z0-9-]/i.exec(label)?.[0]
  return invalid === undefined ? null : because(`contains invalid character '${invalid}'`)
}

/** The error of 0.27 and 0.28 for a host name (hscontrol/util/dns.go), or null. */
export function hostNameFault(name: string): string | null {
  const fault = (why: string) => `hostname ${JSON.stringify(name)} ${why}`
  if (Buffer.byteLength(name) < 2) return fault('is too short, must be at least 2 characters')
  if (Buffer.byteLength(name) > 63) return fault('is too long, must not exceed 63 characters')
  if (name.toLowerCase() !== name) return fault(`must be lowercase (try ${JSON.stringify(name.toLowerCase())})`)
  if (/^-|-$/.test(name)) return fault('cannot start or end with a hyphen')
  if (/^\.|\.$/.test(name)) return fault('cannot start or end with a dot')
  if (/[^a-z0-9\-.]/.test(name)) {
    return fault('contains invalid characters, only lowercase letters, numbers, hyphens and dots are allowed')
  }
  return null
}

/** The DNS label made from a host name: tailscale's dnsname.SanitizeHostname. '' if nothing is left. */
export function sanitizeLabel(hostName: string): string {
  return hostName
    .replace(/\.local$/, '')
    .replace(/\.localdomain$/, '')
    .replace(/\.lan$/, '')
    .slice(0, 63)
    .replace(/^[^a-z0-9]+/i, '')
    .replace(/[^a-z0-9]+$/i, '')
    .replaceAll(/[ .@_]/g, '-')
    .replaceAll(/[^a-z0-9-]/gi, '')
    .toLowerCase()
}
