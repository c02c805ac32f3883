/**
 * The commands that register the waiting clients of a seed, ready to be pasted: their keys have another form on every
 * release.
 */
import {printable} from '../text/untrusted.ts'
import type {Sandbox} from './index.ts'

/** More are only counted. */
const MOST = 20

/** @returns one line each, none when no client waits */
export function pendingLines({pending, userName}: Sandbox): string[] {
  if (pending.length === 0) return []
  const user = userName ?? 'default'
  const lines = pending
    .slice(0, MOST)
    .map(({name, key}) => printable(`  headscale-ts nodes register -u ${user} --key ${key}  # ${name}`))
  return [
    'sandbox: clients waiting to be registered:',
    ...(userName === null ? [`  headscale-ts users create ${user}`] : []),
    ...lines,
    ...(pending.length > MOST ? [`  and ${pending.length - MOST} more`] : []),
  ]
}
