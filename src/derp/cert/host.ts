/**
 * The values that derper's `-hostname` accepts, and the file names that derper derives from them.
 *
 * derper looks for `<certdir>/<name>.crt` and `.key`, where the name is the host name with every character outside
 * A-Z a-z 0-9 - . removed (tailscale cmd/derper/cert.go, v1.102): `::1` becomes `1`. It compares the name that a
 * client sends byte by byte, so a host name in upper case is rejected here before it fails there.
 * Nothing here touches the network or a file.
 */
import {isIP} from 'node:net'
import {usageError} from '../../errors.ts'

/** The host of a relay: an IP address or a DNS name. */
export interface RelayHost {
  kind: 'ip' | 'dns'
  /** For derper's `-hostname` and HostName in the map. */
  name: string
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/**
 * Parses the host of a relay.
 * @throws HeadscaleError (usage) for anything but an IP address or a lower-case DNS name
 */
export function parseRelayHost(text: string): RelayHost {
  if (isIP(text) !== 0) {
    if (text.includes('%')) throw usageError(`invalid host "${text}": it has a zone`, 'remove the part from % on')
    return {kind: 'ip', name: text}
  }
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (isDnsName(name)) return {kind: 'dns', name}
  throw usageError(`invalid host ${JSON.stringify(text)}: expected an IP address or a DNS name`, hintFor(text))
}

function isDnsName(name: string): boolean {
  const labels = name.split('.')
  return name.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
}

function hintFor(text: string): string {
  if (text.includes('://')) return 'give only the host, without scheme, port and path'
  if (text.startsWith('[')) return 'give an IPv6 address without brackets and port'
  if (/[^\x20-\x7e]/.test(text)) return 'write an international name in its xn-- form'
  if (text.includes('*')) return 'derper needs the exact name of the relay, not a wildcard'
  const lower = text.toLowerCase()
  if (isDnsName(lower)) return `derper compares names byte by byte: write it in lower case, ${lower}`
  if (/:\d+$/.test(text)) return 'give only the host: a certificate has no port'
  return 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'
}

/** The two file names that derper reads in its `-certdir`. */
export function certFileNames(host: RelayHost): {certificate: string; key: string} {
  const stem = host.name.replaceAll(/[^A-Za-z0-9.-]/g, '')
  return {certificate: `${stem}.crt`, key: `${stem}.key`}
}
