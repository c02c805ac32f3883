/**
 * Values as headscale converts them (spf13/cast): durations, integers, permission bits, prefixes.
 *
 * A value that cannot be converted is 0 for headscale, without a message; these functions return null for it.
 */
import {isIP} from 'node:net'
import {goFloat, goInt} from '../../syntax/go-scalars.ts'
import type {ScalarTree} from '../../syntax/tree.ts'

const NANOSECONDS: Record<string, number> = {ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12}

/** A Go duration in nanoseconds; `unit` says whether it has one. A number is nanoseconds. */
export function goDuration(text: string): {nanoseconds: number; unit: boolean} | null {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? []
  if (/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(rest)) {
    const nanoseconds = Math.trunc(Number(rest)) * (sign === '-' ? -1 : 1)
    return {nanoseconds, unit: Number(rest) === 0}
  }
  const part = /([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/y
  let total = 0
  while (part.lastIndex < rest.length) {
    const match = part.exec(rest)
    if (match === null) return null
    total += Number(match[1]) * NANOSECONDS[match[2]!]!
  }
  return rest === '' ? null : {nanoseconds: sign === '-' ? -total : total, unit: true}
}

/** Whether a text is a duration of Prometheus, such as 180d; units from large to small. */
export function isExpiry(text: string): boolean {
  if (text === '0') return true
  return (
    text !== '' && /^(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?$/.test(text)
  )
}

/** An integer, in quotes or not; null for what is none, or too large. */
export function viperInt(tree: ScalarTree): number | null {
  const plain: ScalarTree = {...tree, style: 'plain'}
  const {value} = goInt(plain, 'yaml')
  if (value !== null || tree.style !== 'plain') return value
  const float = goFloat(plain, 'yaml').value
  return float === null || Math.abs(float) >= 2 ** 63 ? null : Math.trunc(float)
}

/**
 * Permission bits. headscale reads the text of the value in base 8, so a number without quotes, which YAML has read
 * already, gives other bits, and `0o770` none.
 *
 * @returns the bits that headscale sets
 */
export function fileMode(tree: ScalarTree): {bits: number; valid: boolean} {
  const text = tree.style === 'plain' && /^0[0-7]+$/.test(tree.text) ? String(Number.parseInt(tree.text, 8)) : tree.text
  return /^[0-7]{1,6}$/.test(text) ? {bits: Number.parseInt(text, 8), valid: true} : {bits: 0o700, valid: false}
}

/** An address and the number of its fixed bits. */
export interface Prefix {
  address: string
  family: 4 | 6
  bits: number
}

/** A prefix as netip.ParsePrefix accepts it. */
export function parsePrefix(text: string): Prefix | null {
  const match = /^([0-9A-Fa-f.:]+)\/(0|[1-9][0-9]{0,2})$/.exec(text)
  if (match === null) return null
  const [, address = '', length = ''] = match
  const family = isIP(address)
  const bits = Number(length)
  return family === 0 || bits > (family === 4 ? 32 : 128) ? null : {address, family: family as 4 | 6, bits}
}

/** `HOST:PORT` as Go's net.Listen takes it; null where the port is missing. A host with colons needs brackets. */
export function parseListen(text: string): {host: string; port: string} | null {
  const match = /^(?:\[([^\]]*)\]|([^:\]]*)):([A-Za-z0-9-]*)$/.exec(text)
  if (match === null) return null
  const port = match[3] ?? ''
  if (/^[0-9]+$/.test(port) && Number(port) > 65_535) return null
  return {host: match[1] ?? match[2] ?? '', port: {http: '80', https: '443'}[port] ?? port}
}

/** Whether a listener on this host is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.[0-9.]+|::1)$/i.test(host)
}

/** Whether a listener on this host takes every address. */
export function isWildcard(host: string): boolean {
  return host === '' || /^(?:0\.0\.0\.0|::)$/.test(host)
}
