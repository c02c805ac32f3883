/**
 * Keys of DERP clients: new ones for a check, and those that the user supplies to be admitted.
 *
 * A relay with `-verify-clients` admits the node keys of its tailnet; one with a mesh key admits every client that sends it. Both
 * are secrets: they are read from files, never from arguments, and never printed. The private node key does not leave
 * this program; the mesh key is sent to the relay, encrypted.
 */
import {randomBytes} from 'node:crypto'
import {HeadscaleError} from '../../../errors.ts'

/** 32 random or given bytes and the public key that belongs to them. */
export interface ClientKey {
  secret: Uint8Array
  public: Uint8Array
}

/** The key pair of a private key. */
export async function clientKey(secret: Uint8Array): Promise<ClientKey> {
  const {default: nacl} = await import('tweetnacl')
  return {secret, public: nacl.box.keyPair.fromSecretKey(secret).publicKey}
}

/** A new random key. */
export async function createClientKey(): Promise<ClientKey> {
  return clientKey(randomBytes(32))
}

const HEX_KEY = /^(?:privkey:)?([0-9a-f]{64})$/i

/**
 * A node's private key: `privkey:` and 64 hex digits, the digits alone, or tailscaled's state file with one profile.
 * @param name what messages call it
 * @throws HeadscaleError (invalid-input)
 */
export function parseNodeKey(content: string, name: string): Uint8Array {
  const found = new Set<string>()
  const plain = HEX_KEY.exec(content.trim())
  if (plain !== null) found.add(plain[1]!.toLowerCase())
  else for (const key of keysInState(content)) found.add(key)
  const [first, second] = [...found]
  if (first === undefined || second !== undefined || /^0+$/.test(first)) {
    throw new HeadscaleError(
      'invalid-input',
      `${name} contains ${second === undefined ? 'no' : 'more than one'} node key`,
      {
        hint: 'expected one line privkey:<64 hex digits>, or the tailscaled.state of a node with one profile',
      },
    )
  }
  return Buffer.from(first, 'hex')
}

/** tailscaled.state is JSON whose values are base64; a profile's value is JSON with PrivateNodeKey in it. */
function keysInState(content: string): string[] {
  let state: unknown
  try {
    state = JSON.parse(content)
  } catch {
    return []
  }
  if (typeof state !== 'object' || state === null) return []
  return Object.values(state).flatMap((value) => {
    const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
    return [...text.matchAll(/"PrivateNodeKey":\s*"privkey:([0-9a-f]{64})"/gi)].map((match) => match[1]!.toLowerCase())
  })
}

/**
 * A mesh key as in the file of derper's `-mesh-psk-file`: 64 hex digits.
 * @throws HeadscaleError (invalid-input)
 */
export function parseMeshKey(content: string, name: string): string {
  const key = content.trim().toLowerCase()
  if (/^[0-9a-f]{64}$/.test(key)) return key
  throw new HeadscaleError('invalid-input', `${name} contains no mesh key`, {
    hint: "expected the file of derper's -mesh-psk-file: 64 hex digits",
  })
}

/** A public key as headscale and derper print it. */
export function formatNodeKey(key: Uint8Array): string {
  return `nodekey:${Buffer.from(key).toString('hex')}`
}
