/**
 * The address of headscale's metrics and debug pages: plain HTTP, on the address of `metrics_listen_addr`. Found beside the
 * server itself (target.ts); no file is read for it alone.
 */
import {isIP} from 'node:net'
import type {Setting, Source} from './sources.ts'

export interface DebugListener {
  /** `http://127.0.0.1:9090` */
  origin: string
  source: Source
}

/** @returns null if the address of this setting cannot be called */
export function debugListenerAt({value, source}: Setting<string>): DebugListener | null {
  const origin = listenerOrigin(value)
  return origin === null ? null : {origin, source}
}

/**
 * What to call for a listen address: a server that listens on all addresses is called on the loopback address.
 * @param text `HOST:PORT`, `[IPV6]:PORT` or `:PORT`, with or without `http://`
 * @returns null for any other text, such as a port with a name
 */
export function listenerOrigin(text: string): string | null {
  const parts = /^(?:http:\/\/)?(\[[\da-f:.]*\]|[\w.-]*):(\d{1,5})\/?$/i.exec(text)
  if (parts === null) return null
  const [, host = '', port = ''] = parts
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (Number(port) < 1 || Number(port) > 65_535) return null
  if (host !== bare && bare !== '' && isIP(bare) !== 6) return null
  if (bare === '' || bare === '0.0.0.0') return `http://127.0.0.1:${port}`
  return bare === '::' ? `http://[::1]:${port}` : `http://${host}:${port}`
}
