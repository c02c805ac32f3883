/**
 * What clients do with one node: every field whose value breaks the relay or does not do what it seems to.
 *
 * Sources: tailscale v1.102 derp/derphttp (dialling, TLS), net/netcheck (STUN), net/captivedetection; the TLS and
 * dial rules were also observed with the real Go client. Rules for more than one node are in region-rules.ts and
 * cross-source-rules.ts, and nothing here uses the network.
 */
import {isIP} from 'node:net'

import {checkAddress, checkHostAddress, isDialled, isOff, literalOf} from './address-rules.ts'
import {parsePin} from '../cert/pin-text.ts'
import {PIN_PREFIX, derpPortOf, pinOf, stunPortOf} from '../map.ts'
import type {NodeReport} from './node-report.ts'
import type {DerpNode} from '../map.ts'

/** Checks a node by itself; `broken` tells which fields were rejected already. */
export function checkNode(node: DerpNode, broken: (field: keyof DerpNode) => boolean, report: NodeReport): void {
  if (node.name === '' && !broken('name')) {
    report('error', 'node-name', 'name', {
      message: 'The node has no name',
      reason: 'Clients identify the nodes of the whole map by name',
      fix: 'Add a name that no other node has, usually the region id and a letter',
    })
  }
  if (!broken('hostName')) checkHostName(node, report)
  if (!broken('derpPort')) checkDerpPort(node, report)
  checkStun(node, report)
  checkAddress(node, 'ipv4', report)
  checkAddress(node, 'ipv6', report)
  if (node.hostName !== '' && !isDialled(node, 4) && !isDialled(node, 6)) reportNotDialled(node, report)
  checkTrust(node, report)
  if (node.canPort80 && isIP(node.ipv4) !== 4) {
    report('warning', 'port-80-unused', 'canPort80', {
      message: 'canport80 is set, and ipv4 is not an address',
      reason: 'Clients use it only together with an IPv4 address, so it has no effect',
      fix: 'Add ipv4, or delete canport80',
    })
  }
  if (node.stunTestIp !== '') {
    report('warning', 'test-node', 'stunTestIp', {
      message: `stuntestip is ${node.stunTestIp}`,
      reason: "It is for tailscale's own tests: clients send STUN probes there instead of to the node",
      fix: 'Delete it',
    })
  }
}

function reportNotDialled({hostName, ipv4, ipv6}: DerpNode, report: NodeReport): void {
  const family = isIP(hostName)
  const field = family === 4 ? 'ipv4' : 'ipv6'
  const both = isOff(ipv4, 4) && isOff(ipv6, 6)
  report('error', 'both-families-off', both ? 'ipv6' : field, {
    message: both
      ? `ipv4 '${ipv4}' and ipv6 '${ipv6}' are both not addresses`
      : `hostname is an IPv${family} address, and ${field} is '${family === 4 ? ipv4 : ipv6}'`,
    reason: 'That turns both families off, and clients cannot dial the node',
    fix: both
      ? 'Write one address, or leave one of the two out to use DNS'
      : `Delete ${field}, or write the address there`,
  })
}

/** What can be in the host of a URL and in a Host header, besides letters, digits, hyphens and dots. */
const ODD_HOST = /^[A-Za-z0-9._~!$&'()*+,;=\u0080-\uffff-]+$/

/** Placeholders that templates contain. */
const PLACEHOLDER =
  /^[<{[$].*|.*[>}\]]$|^(?:your|my|change|replace|insert|enter|todo)[-_ ]?(?:me|this|own|server|derp|relay|host|domain|ip|name|address|public)|^x{3,}/i

function checkHostName(node: DerpNode, report: NodeReport): void {
  const {hostName, derpPort} = node
  const address = literalOf(node)
  const found = (severity: 'error' | 'warning', message: string, reason: string, fix: string) =>
    report(severity, 'host-name', 'hostName', {message, reason, fix})

  if (hostName === '') {
    if (address === null) {
      return found(
        'error',
        'The node has no hostname and no address',
        'Clients have nothing to dial',
        'Add hostname: a DNS name or an IP address',
      )
    }
    return found(
      'warning',
      'The node has no hostname',
      `Clients dial ${address} and cannot check the name in its certificate`,
      `Add hostname: the name in the certificate, or ${address}`,
    )
  }
  const family = isIP(hostName)
  if (family === 6 && (derpPort === 0 || derpPort === 443)) {
    return report('error', 'host-name-ipv6', 'hostName', {
      message: `The hostname is the IPv6 address ${hostName}, on port 443`,
      reason: 'Clients from 1.96 on reject the URL, which has no brackets on port 443',
      fix: 'Use another derpport, or a DNS name as hostname with the address in ipv6',
    })
  }
  if (family !== 0) return checkHostAddress(node, report)
  const broken = 'Clients cannot make a URL and a dial address from it'
  const alone = 'Write the name alone, and the port in derpport'
  if (hostName.includes('://')) return found('error', `The hostname '${hostName}' is a URL`, broken, alone)
  if (/^\[[0-9a-f:.%]*\]$/i.test(hostName)) {
    return found('error', `The hostname '${hostName}' is in brackets`, broken, 'Write the address without brackets')
  }
  if (/:[0-9]+$/.test(hostName)) return found('error', `The hostname '${hostName}' includes a port`, broken, alone)
  const isOdd = /[^A-Za-z0-9._-]/.test(hostName)
  if (PLACEHOLDER.test(hostName) && !hostName.includes('.')) {
    return found(
      address === null || isOdd ? 'error' : 'warning',
      `The hostname '${hostName}' is a placeholder`,
      address === null ? 'No such DNS name exists' : `Clients dial ${address}, and send this name to the relay`,
      'Write the name of the relay',
    )
  }
  if (isOdd && address !== null && ODD_HOST.test(hostName)) {
    return found(
      'warning',
      `The hostname '${hostName}' is not a DNS name`,
      `Clients dial ${address}, and send this name to the relay, whose certificate must be for exactly this name`,
      'Write the DNS name in the certificate',
    )
  }
  if (isOdd) {
    const reason = ODD_HOST.test(hostName) ? 'Clients cannot look it up' : broken
    return found(
      'error',
      `The hostname '${hostName}' is not a DNS name`,
      reason,
      'Use letters, digits, hyphens and dots',
    )
  }
  if (/[A-Z]/.test(hostName)) {
    report('warning', 'host-name-case', 'hostName', {
      message: `The hostname '${hostName}' has upper-case letters`,
      reason: 'derper compares the name with its -hostname byte for byte, and ends the TLS handshake if they differ',
      fix: `Write ${hostName.toLowerCase()}, here and in -hostname of derper`,
    })
  }
  checkHostAddress(node, report)
}

function checkDerpPort(node: DerpNode, report: NodeReport): void {
  const port = derpPortOf(node)
  if (port < 1 || port > 65535) {
    report('error', 'derp-port', 'derpPort', {
      message: `derpport is ${port}`,
      reason: 'There is no such port, so clients cannot connect',
      fix: 'Write the TCP port of the relay, or leave it out for 443',
    })
  } else if (port === 80) {
    report('warning', 'derp-port-80', 'derpPort', {
      message: 'derpport is 80',
      reason: 'Clients use TLS there too, which most networks and derper itself do not expect on port 80',
      fix: 'Use 443 or another port',
    })
  }
}

function checkStun(node: DerpNode, report: NodeReport): void {
  if (stunPortOf(node) === null && node.stunPort !== -1) {
    report('warning', 'stun-port', 'stunPort', {
      message: `stunport is ${node.stunPort}`,
      reason: 'There is no such port; clients do not use STUN with the node',
      fix: 'Write -1 to turn STUN off, write the UDP port, or leave it out for 3478',
    })
  }
  if (stunPortOf(node) === null && node.stunOnly) {
    report('error', 'unused-node', 'stunOnly', {
      message: 'The node is for STUN only, and its STUN is turned off',
      reason: 'It has no use',
      fix: 'Delete the node, or one of the two settings',
    })
  }
}

function checkTrust(node: DerpNode, report: NodeReport): void {
  const {certName, hostName, insecureForTests} = node
  const pin = pinOf(node)
  const isPin = pin !== null && /^[0-9a-f]{64}$/.test(pin)
  if (certName !== '' && !isPin) checkCertName(node, report)
  if (pin !== null && insecureForTests) {
    report('warning', 'pin-and-insecure', 'insecureForTests', {
      message: 'insecurefortests is set together with a pin',
      reason: 'Clients check the pin anyway, and clients 1.82 reject the relay because of it',
      fix: 'Delete insecurefortests',
    })
  } else if (insecureForTests && certName !== '' && certName !== hostName && hostName !== '') {
    report('warning', 'insecure-unused', 'insecureForTests', {
      message: 'insecurefortests is set together with another certname',
      reason: `Clients check the certificate against ${certName} anyway`,
      fix: 'Delete insecurefortests, or delete certname',
    })
  } else if (insecureForTests) {
    report('warning', 'insecure', 'insecureForTests', {
      message: 'insecurefortests is set',
      reason: 'Clients accept any certificate, so anybody in between can impersonate the relay',
      fix: 'Pin the certificate (certname: sha256-raw:…, clients from 1.84 on), or use one from a public authority',
    })
  }
  const isUnnamed = hostName === '' && literalOf(node) !== null
  if ((isIP(hostName) !== 0 || isUnnamed) && certName === '' && !insecureForTests) {
    report('warning', 'ip-without-pin', 'hostName', {
      message: isUnnamed
        ? 'The node has neither hostname nor pin'
        : `The hostname is the address ${hostName}, without a pin`,
      reason: 'Clients accept only a certificate from a public authority, not a self-signed one',
      fix: 'Add certname: sha256-raw:… (headscale-ts derp pin prints it)',
    })
  }
}

/** A certname that is not a pin as clients accept it. */
function checkCertName({certName, hostName}: DerpNode, report: NodeReport): void {
  const hex = parsePin(certName)
  if (hex !== null) {
    const right = PIN_PREFIX + hex
    const isPrefixed = certName.startsWith(PIN_PREFIX)
    return report('error', 'pin', 'certName', {
      message: isPrefixed ? 'The pin is not 64 lower-case hex digits' : 'certname is a pin in another notation',
      reason: isPrefixed
        ? 'Clients compare it as text with lower-case hex, so no certificate matches'
        : 'Clients accept only sha256-raw: and 64 lower-case hex digits; they read this as a DNS name',
      fix: `Write ${right}`,
      right,
    })
  }
  if (/^sha-?(?:1|2|256)|^[0-9a-f:]{32,}$/i.test(certName)) {
    const digits = certName.slice(certName.lastIndexOf('raw:') + (certName.includes('raw:') ? 4 : 0))
    const found = !certName.startsWith(PIN_PREFIX)
      ? `certname '${certName}' is not a valid pin`
      : digits === ''
        ? 'The pin is empty'
        : /^[0-9a-f]*$/i.test(digits)
          ? `The pin has ${digits.length} hex digits instead of 64`
          : `The pin '${digits}' is not 64 hex digits`
    return report('error', 'pin', 'certName', {
      message: found,
      reason: certName.startsWith(PIN_PREFIX)
        ? 'Clients compare it with the SHA-256 of the certificate, so no certificate matches'
        : 'Clients read it as a DNS name, which no certificate has',
      fix: 'Write sha256-raw: and the 64 lower-case hex digits of the SHA-256 of the certificate (headscale-ts derp pin prints it)',
    })
  }
  if (certName === hostName) return
  if (isIP(certName) === 0 && /[^A-Za-z0-9._*-]/.test(certName)) {
    return report('error', 'cert-name', 'certName', {
      message: `certname '${certName}' is not a DNS name`,
      reason: 'Clients check the certificate against it, and no certificate has such a name',
      fix: 'Write the name in the certificate, or a pin: sha256-raw:…',
    })
  }
  report('warning', 'cert-name', 'certName', {
    message: `certname '${certName}' differs from hostname '${hostName}'`,
    reason: 'Clients ask the relay for hostname, and check its certificate against certname',
    fix: 'Delete certname, unless the relay does have a certificate for that name',
  })
}
