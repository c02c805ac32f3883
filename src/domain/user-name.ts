/**
 * What a user (namespace) may be called, by the rule of the release.
 *
 * The server enforces the first two itself, in words that differ from release to release; from 0.27 on its API takes
 * any name at all, the empty one included, and some of those cannot be addressed afterwards. So the rule is held here.
 * Sources: namespaces.go v0.15.0, hscontrol/util/dns.go v0.24.3 and v0.26.1, hscontrol/state/state.go v0.27.0.
 */
import {HeadscaleError, usageError} from '../errors.ts'

/** `dns` up to 0.23 · `server` 0.24–0.25, where the two rules meet in one group and the server decides · `account` 0.26+. */
export type UserNameRule = 'dns' | 'server' | 'account'

/** @throws HeadscaleError (usage) for an empty name, (invalid-input) naming the rule that is broken */
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
  // Both rules refuse a slash, and as part of a path it would never reach the server.
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
