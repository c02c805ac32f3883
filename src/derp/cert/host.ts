/**
 * What may stand after derper's `-hostname`, and the file names that follow from it.
 *
 * derper looks for `<certdir>/<name>.crt` and `.key`, where the name is the host name with every character outside
 * A-Z a-z 0-9 - . taken away (tailscale cmd/derper/cert.go, v1.102): `::1` becomes `1`. It compares the name a client
 * asks for byte by byte, so that a host name with upper case is refused here before it can fail there.
 * Nothing here touches the network or a file.
 */
import {isIP} from 'node:net'
import {usageError} from '../../errors.ts'

/** A host a relay can be reached by: an IP address or a DNS name. */
export interface RelayHost {
  kind: 'ip' | 'dns'
  /** As derper's `-hostname` and the map's HostName want it. */
  name: string
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/**
 * Reads a relay's host.
 * @throws HeadscaleError (usage) for anything but an IP address or a lower-case DNS name
 */
export function parseRelayHost(text: string): RelayHost {
  if (isIP(text) !== 0) {
    if (text.includes('%')) throw usageError(`"${text}" has a zone`, 'give the address without the part after %')
    return {kind: 'ip', name: text}
  }
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (isDnsName(name)) return {kind: 'dns', name}
  throw usageError(`${JSON.stringify(text)} is neither an IP address nor a DNS name`, hintFor(text))
}

function isDnsName(name: string): boolean {
  const labels = name.split('.')
  return name.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
}

function hintFor(text: string): string {
  if (text.includes('://')) return 'give the host alone, without scheme, port and path'
  if (text.startsWith('[')) return 'give an IPv6 address without brackets and port'
  if (/[^\x20-\x7e]/.test(text)) return 'give an international name in its xn-- form'
  if (text.includes('*')) return "derper wants the exact name of the relay; a wildcard is no relay's name"
  const lower = text.toLowerCase()
  if (isDnsName(lower)) return `derper compares names byte by byte: write it in lower case, ${lower}`
  if (/:\d+$/.test(text)) return 'give the host alone; the port is not part of a certificate'
  return 'examples: 203.0.113.7, 2001:db8::7, derp.example.com'
}

/** The two file names derper looks for in its `-certdir`. */
export function certFileNames(host: RelayHost): {certificate: string; key: string} {
  const stem = host.name.replaceAll(/[^A-Za-z0-9.-]/g, '')
  return {certificate: `${stem}.crt`, key: `${stem}.key`}
}
