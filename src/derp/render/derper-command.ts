/** The command line of derper for the settings of a relay. */
import type {CommandPart} from '../../deploy/shell.ts'
import type {RelaySettings} from './relay-settings.ts'

/** Paths and addresses as derper sees them, inside its container or sandbox. */
export interface DerperView {
  certDir: string
  keyFile: string
  meshKeyFile: string
  /** null: derper's default. */
  socket: string | null
  listen: {address: string | null; port: number}
  stunPort: number | null
}

/** derper's flags. */
export function derperFlags(settings: RelaySettings, view: DerperView): CommandPart[] {
  const {options, stunAlone, host, certMode, acmeIpCerts, httpPort} = settings
  const parts: CommandPart[] = stunAlone ? [] : [['-hostname', host]]
  parts.push(['-a', formatListen(view.listen)])
  if (!stunAlone) parts.push(['-certmode', certMode], ['-certdir', view.certDir])
  if (acmeIpCerts) parts.push('-acme-ip-certs')
  parts.push(['-c', view.keyFile], ['-http-port', String(httpPort)])
  parts.push(view.stunPort === null ? '-stun=false' : ['-stun-port', String(view.stunPort)])
  if (options.homePage !== null) parts.push(['-home', options.homePage])
  if (stunAlone) return [...parts, '-derp=false', ...options.extraFlags]
  if (options.mesh !== null) parts.push(['-mesh-psk-file', view.meshKeyFile])
  if (options.mesh !== null && options.mesh.with.length > 0) parts.push(['-mesh-with', options.mesh.with.join(',')])
  return [...parts, ...admissionFlags(settings, view), ...options.extraFlags]
}

function admissionFlags({options: {admission}}: RelaySettings, {socket}: DerperView): CommandPart[] {
  if (admission.kind === 'tailscaled')
    return ['-verify-clients', ...(socket === null ? [] : [['-socket', socket] as const])]
  if (admission.kind === 'anybody') return []
  // derper's default is true: it admits everybody while the URL does not answer.
  return [['-verify-client-url', admission.url], `-verify-client-url-fail-open=${admission.failOpen}`]
}

/** `-a`: `:PORT`, `ADDRESS:PORT` or `[IPv6]:PORT`. */
export function formatListen({address, port}: {address: string | null; port: number}): string {
  if (address === null) return `:${port}`
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
