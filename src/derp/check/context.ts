/**
 * What all parts of one check share: timeout, clock, the roots that clients trust, and the keys the user supplied.
 */
import type {SecureContext} from 'node:tls'
import type {Trace} from '../read/read.ts'

/** Addresses of a name, as getaddrinfo gives them. */
export type Lookup = (host: string) => Promise<{address: string; family: number}[]>

/** Keys that let the check in. Both are secrets. */
export interface Credentials {
  /** A node's private key (32 bytes): for the relay, the check is that node. */
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
  /** Created once, on first use. */
  tls: {trusted: () => SecureContext; rootless: () => SecureContext}
  credentials: Credentials | null
  /** The expected result: a relay that works for anybody, or one that rejects unknown clients. */
  expect: 'works' | 'restricted'
  trace: Trace | undefined
}
