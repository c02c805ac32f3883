/** Lines for a shell of root: Linux, routers with OpenWrt, NAS boxes. Each runs as it is printed; comments begin with `#`. */
import {shellWord} from '../../deploy/shell.ts'
import {clientText, isRouter, type JoinOptions} from './options.ts'
import {upWords} from './up.ts'

const SYSCTL_FILE = '/etc/sysctl.d/99-tailscale.conf'

/** Both families, as routes of both can be added later. */
export const FORWARDING = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'] as const

export function linuxLines(options: JoinOptions): string[] {
  return [
    `# As root, on a machine with ${clientText(options)} (https://tailscale.com/download/linux):`,
    ...(isRouter(options) ? forwardingLines() : []),
    upLine('tailscale', options),
  ]
}

/** IP forwarding, now and after a restart. */
function forwardingLines(): string[] {
  const settings = FORWARDING.map((key) => shellWord(`${key} = 1`)).join(' ')
  return [`printf '%s\\n' ${settings} > ${SYSCTL_FILE}`, `sysctl -p ${SYSCTL_FILE}`]
}

/** OpenWrt forwards packets anyway; its firewall must let them through. */
export function openwrtLines(options: JoinOptions): string[] {
  return [
    `# As root, with ${clientText(options)} (opkg install tailscale; apk add tailscale from OpenWrt 25.12 on):`,
    upLine('tailscale', options),
    ...(isRouter(options) ? firewallLines(options) : []),
  ]
}

function firewallLines({exitNode}: JoinOptions): string[] {
  const forwarding = (name: string, from: string, to: string) => [
    `uci set firewall.${name}=forwarding`,
    `uci set firewall.${name}.src=${from}`,
    `uci set firewall.${name}.dest=${to}`,
  ]
  return [
    '# A firewall zone for the tailnet, and what it may reach:',
    'uci set network.tailscale=interface',
    'uci set network.tailscale.proto=none',
    'uci set network.tailscale.device=tailscale0',
    'uci set firewall.tailscale=zone',
    'uci set firewall.tailscale.name=tailscale',
    'uci set firewall.tailscale.network=tailscale',
    ...['input', 'output', 'forward'].map((chain) => `uci set firewall.tailscale.${chain}=ACCEPT`),
    'uci set firewall.tailscale.masq=1',
    'uci set firewall.tailscale.mtu_fix=1',
    ...forwarding('tailscale_lan', 'tailscale', 'lan'),
    ...forwarding('lan_tailscale', 'lan', 'tailscale'),
    ...(exitNode ? forwarding('tailscale_wan', 'tailscale', 'wan') : []),
    'uci commit network',
    'uci commit firewall',
    'service network reload',
    'service firewall restart',
  ]
}

/** The package of DSM 7 forwards packets itself, without the kernel. */
export function synologyLines(options: JoinOptions): string[] {
  return [
    `# As root over SSH (sudo -i), with ${clientText(options)} from the Package Center:`,
    upLine('tailscale', options),
  ]
}

/** The program is in the folder of its package, which is not on the path. */
export function qnapLines(options: JoinOptions): string[] {
  const folder = '$(/sbin/getcfg Tailscale Install_Path -f /etc/config/qpkg.conf)'
  return [
    `# As admin over SSH, with ${clientText(options)} from the App Center:`,
    upLine(`"${folder}/tailscale"`, options),
  ]
}

/** @param program as a shell reads it */
function upLine(program: string, options: JoinOptions): string {
  return [program, ...upWords(options, {asksForRoutes: true}).map(shellWord)].join(' ')
}
