/**
 * Valid user (namespace) names, by release.
 *
 * Up to 0.26 the server checks names itself, with different messages in each release; since 0.27 its API accepts any
 * name, even an empty one, and some of these users cannot be addressed afterwards. So names are checked here.
 * Sources: namespaces.go v0.15.0, hscontrol/util/dns.go v0.24.3 and v0.26.1, hscontrol/state/state.go v0.27.0.
 */
import {HeadscaleError, usageError} from '../../errors.ts'

/** `dns` up to 0.23 · `server` 0.24–0.25, one group with two rules, so the server decides · `account` 0.26+. */
export type UserNameRule = 'dns' | 'server' | 'account'

/** @throws HeadscaleError (usage) for an empty name, (invalid-input) naming the broken rule */
export function checkUserName(name: string, rule: UserNameRule, word: string): void {
  if (name.trim() === '') throw usageError(`the ${word} name is empty`, `give a name, such as: default`)
  const broken = BROKEN[rule](name)
  if (broken) {
    throw new HeadscaleError('invalid-input', `"${name}" cannot be a ${word} name: ${broken}`, {
      hint:
        rule === 'dns'
          ? 'use lower-case letters a-z, digits, hyphens and dots, 63 at most'
          : 'begin with a letter, then letters, digits, hyphens, dots, underscores, and one @ at most',
    })
  }
}

const BROKEN: Record<UserNameRule, (name: string) => string | null> = {
  dns: brokenDnsRule,
  account: brokenAccountRule,
  // Both rules reject a slash, and in a URL path it would lead to another API call.
  server: (name) => (name.includes('/') ? 'it contains "/"' : null),
}

function brokenDnsRule(name: string): string | null {
  if (Buffer.byteLength(name) > 63) return 'it is longer than 63 bytes'
  if (name.toLowerCase() !== name) return 'it has upper-case letters'
  const odd = name.match(/[^a-z0-9.-]/u)
  return odd ? `it contains ${JSON.stringify(odd[0])}` : null
}

function brokenAccountRule(name: string): string | null {
  if (Buffer.byteLength(name) < 2) return 'it is shorter than two characters'
  if (Buffer.byteLength(name) > 255) return 'it is longer than 255 bytes'
  if (!/^\p{L}/u.test(name)) return 'it does not begin with a letter'
  if (name.split('@').length > 2) return 'it has more than one @'
  const odd = name.match(/[^\p{L}\p{Nd}._@-]/u)
  return odd ? `it contains ${JSON.stringify(odd[0])}` : null
}
