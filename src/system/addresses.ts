/** Loopback addresses, and the maximum length of a socket path. */
import {isIP} from 'node:net'

/**
 * Whether traffic to this host stays on this machine: `localhost` and names below it (RFC 6761), 127.0.0.0/8,
 * `::1`, and 127.0.0.0/8 mapped into IPv6.
 *
 * @param host a host name or an address, as in `URL.hostname` (IPv6 in brackets) or bare
 */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  switch (isIP(bare)) {
    case 4:
      return bare.startsWith('127.')
    case 6:
      return bare === '::1' || /^::ffff:(?:127\.|7f[0-9a-f]{2}:)/.test(bare)
    default:
      return /^(?:.*\.)?localhost\.?$/.test(bare)
  }
}

/** Bytes of a path a unix socket can have: sun_path of sockaddr_un, minus the final zero byte (Linux 108, macOS 104). */
export const LONGEST_SOCKET_PATH = process.platform === 'darwin' ? 103 : 107
