/**
 * What all parts of one check share: patience, the time, the roots clients trust, and the keys an operator lent.
 */
import type {SecureContext} from 'node:tls'

/** Addresses of a name, as getaddrinfo gives them. */
export type Lookup = (host: string) => Promise<{address: string; family: number}[]>

/** How a relay may be asked to let the check in. Both are secrets. */
export interface Credentials {
  /** A node's private key (32 bytes): the relay takes the check for that node. */
  nodeKey: Uint8Array | null
  /** 64 hex digits. Sent to relays whose certificate is checked, and to no other. */
  meshKey: string | null
}

export interface CheckContext {
  /** Upper limit of one wait, in milliseconds. */
  timeoutMs: number
  signal: AbortSignal
  now: () => Date
  lookup: Lookup
  /** Whether this machine can send to an address. */
  hasRoute: (address: string) => boolean
  /** Made once, when first needed. */
  tls: {trusted: () => SecureContext; rootless: () => SecureContext}
  credentials: Credentials | null
  /** What is well: a relay that works for the check, or one that keeps strangers out. */
  expect: 'works' | 'restricted'
}
