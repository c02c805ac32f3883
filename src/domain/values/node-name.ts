/**
 * Valid names of nodes, as far as all releases agree. The rest (upper case, dots, the first and last character) differs
 * by release and is left to the server.
 * Sources: hscontrol/util/dns.go v0.24.3 and v0.28.0, hscontrol/types/node.go v0.29.2.
 */
import {HeadscaleError, usageError} from '../../errors.ts'

/** @throws HeadscaleError (usage) for an empty name, (invalid-input) for a name that every release rejects */
export function checkNodeName(name: string): void {
  if (name.trim() === '') throw usageError('the new name is empty')
  const broken = brokenRule(name)
  if (!broken) return
  throw new HeadscaleError('invalid-input', `"${name}" cannot be a node name: ${broken}`, {
    hint: 'use lower-case letters a-z, digits and hyphens, 63 at most',
  })
}

function brokenRule(name: string): string | null {
  if (Buffer.byteLength(name) > 63) return 'it is longer than 63 bytes'
  const odd = name.match(/[^A-Za-z0-9.-]/u)
  return odd ? `it contains ${JSON.stringify(odd[0])}` : null
}
