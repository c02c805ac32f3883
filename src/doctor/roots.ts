/** The certificate authorities that probes trust: those of this machine, and those of --ca-file. */
import {readFileSync} from 'node:fs'
import type {SecureContext} from 'node:tls'
import type {ServerTarget} from '../config/target.ts'
import {trustedContext} from '../derp/net/connection.ts'

/** `context` is created once, when it is needed: reading the authorities takes a tenth of a second. */
export function rootsOf(target: ServerTarget | null): {more: string[]; context: () => SecureContext} {
  const file = target?.kind === 'remote' ? target.caFile : null
  const more = file === null ? [] : [readFileSync(file, 'utf8')]
  let context: SecureContext | null = null
  return {more, context: () => (context ??= trustedContext(more))}
}
