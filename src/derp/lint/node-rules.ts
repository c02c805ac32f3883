/**
 * What clients do with one node: every field whose value breaks the relay or does not do what it seems to.
 *
 * Sources: tailscale v1.102 derp/derphttp (dialling, TLS), net/netcheck (STUN), net/captivedetection; the TLS and
 * dial rules were also observed with the real Go client. Anything that needs a second node or region is in
 * check-map.ts, and nothing here touches the network.
 */
import {isIP} from 'node:net'

import {checkAddress, isOff} from './address-rules.ts'
import {derpPortOf, pinOf, stunPortOf} from '../map.ts'
import type {Remark} from '../../diagnostics/finding.ts'
import type {DerpNode} from '../map.ts'

/** Says something about one field of the node. */
export type NodeReport = (
  severity: 'error' | 'warning',
  code: string,
  field: keyof DerpNode,
  remark: Remark & {right?: string},
) => void

/** Checks a node by itself; `broken` tells of fields that were refused already. */
export function checkNode(node: DerpNode, broken: (field: keyof DerpNode) => boolean, report: NodeReport): void {
  if (node.name === '' && !broken('name')) {
    report('error', 'node-name', 'name', {
      message: 'The node has no name',
      reason: 'Clients tell the nodes of the whole map apart by name',
      fix: 'Give it one that no other node has, by custom the region id and a letter',
    })
  }
  if (!broken('hostName')) checkHostName(node, report)
  if (!broken('derpPort')) checkDerpPort(node, report)
  checkStun(node, report)
  checkAddress(node, 'ipv4', report)
  checkAddress(node, 'ipv6', report)
  if (isOff(node.ipv4, 4) && isOff(node.ipv6, 6)) {
    report('error', 'both-families-off', 'ipv6', {
      message: `ipv4 '${node.ipv4}' and ipv6 '${node.ipv6}' are both no addresses`,
      reason: 'That switches both families off, and clients have no way to dial the node',
      fix: 'Give one address, or leave one of the two out so that DNS is asked',
    })
  }
  checkTrust(node, report)
  if (node.canPort80 && isIP(node.ipv4) !== 4) {
    report('warning', 'port-80-unused', 'canPort80', {
      message: 'canport80 is set, but ipv4 holds no address',
      reason: 'Clients use it only together with a literal IPv4 address, so it has no effect',
      fix: 'Add ipv4, or delete canport80',
    })
  }
  if (node.stunTestIp !== '') {
    report('warning', 'test-node', 'stunTestIp', {
      message: `stuntestip is ${node.stunTestIp}`,
      reason: "It is for tailscale's own tests: STUN probes go there instead of to the node",
      fix: 'Delete it',
    })
  }
}

function checkHostName({hostName, derpPort}: DerpNode, report: NodeReport): void {
  const error = (code: string, message: string, reason: string, fix: string, right?: string) =>
    report('error', code, 'hostName', {message, reason, fix, ...(right === undefined ? {} : {right})})

  if (hostName === '') {
    return error(
      'host-name',
      'The node has no hostname',
      'Clients have nothing to dial',
      'Add hostname: a DNS name or an IP address',
    )
  }
  const family = isIP(hostName)
  if (family === 4) return
  if (family === 6) {
    if (derpPort !== 0 && derpPort !== 443) return
    return error(
      'host-name-ipv6',
      `The hostname is the IPv6 address ${hostName}, on port 443`,
      'Clients from 1.96 on refuse the URL that makes (no brackets are written on port 443)',
      'Use another derpport, or a DNS name as hostname with the address in ipv6',
    )
  }
  const broken = 'Clients build a URL and a dial address from it, and both fail'
  if (hostName.includes('://')) {
    return error(
      'host-name',
      `The hostname '${hostName}' is a URL`,
      broken,
      'Write the name alone; the port goes to derpport',
    )
  }
  if (/^\[.*\]$/.test(hostName)) {
    return error(
      'host-name',
      `The hostname '${hostName}' stands in brackets`,
      broken,
      'Write the address without brackets',
    )
  }
  if (/:[0-9]+$/.test(hostName)) {
    return error(
      'host-name',
      `The hostname '${hostName}' ends with a port`,
      broken,
      'Write the name alone; the port goes to derpport',
    )
  }
  if (/[^A-Za-z0-9._-]/.test(hostName)) {
    return error(
      'host-name',
      `The hostname '${hostName}' is no DNS name`,
      broken,
      'Use letters, digits, hyphens and dots only',
    )
  }
  if (/[A-Z]/.test(hostName)) {
    report('warning', 'host-name-case', 'hostName', {
      message: `The hostname '${hostName}' has capital letters`,
      reason: 'derper compares the name with its -hostname byte for byte and ends the TLS handshake when they differ',
      fix: `Write ${hostName.toLowerCase()}, and the same for derper`,
    })
  }
}

function checkDerpPort(node: DerpNode, report: NodeReport): void {
  const port = derpPortOf(node)
  if (port < 1 || port > 65535) {
    report('error', 'derp-port', 'derpPort', {
      message: `derpport is ${port}`,
      reason: 'No such port exists, and every dial fails',
      fix: 'Write the TCP port of the relay, or leave it out for 443',
    })
  } else if (port === 80) {
    report('warning', 'derp-port-80', 'derpPort', {
      message: 'derpport is 80',
      reason: 'Clients speak TLS on it all the same, which most networks and derper itself do not expect there',
      fix: 'Use 443 or another port',
    })
  }
}

function checkStun(node: DerpNode, report: NodeReport): void {
  if (stunPortOf(node) === null && node.stunPort !== -1) {
    report('warning', 'stun-port', 'stunPort', {
      message: `stunport is ${node.stunPort}`,
      reason: 'No such port exists; clients take it for "no STUN here"',
      fix: 'Write -1 if that is meant, or the UDP port, or leave it out for 3478',
    })
  }
  if (stunPortOf(node) === null && node.stunOnly) {
    report('error', 'useless-node', 'stunOnly', {
      message: 'The node is for STUN only, and its STUN is off',
      reason: 'It does nothing at all',
      fix: 'Delete the node, or one of the two settings',
    })
  }
}

function checkTrust(node: DerpNode, report: NodeReport): void {
  const {certName, hostName, insecureForTests} = node
  const pin = pinOf(node)
  if (pin !== null && !/^[0-9a-f]{64}$/.test(pin)) {
    const upper = /^[0-9a-fA-F]{64}$/.test(pin)
    report('error', 'pin', 'certName', {
      message: upper
        ? 'The pin has capital letters'
        : `The pin has ${pin.length} characters that are not 64 hex digits`,
      reason: 'Clients compare it as text with lower-case hex, so no certificate ever matches',
      fix: upper
        ? 'Write it in lower case'
        : 'Write sha256-raw: and the 64 lower-case hex digits of the SHA-256 of the certificate',
      ...(upper ? {right: certName.toLowerCase()} : {}),
    })
  } else if (pin === null && (/^sha256-raw/i.test(certName) || /^[0-9a-fA-F]{64}$/.test(certName))) {
    report('error', 'pin', 'certName', {
      message: `certname '${certName}' looks like a pin but does not begin with sha256-raw:`,
      reason: 'Clients take it for a DNS name, which no certificate carries',
      fix: 'Write sha256-raw: in lower case before the digits',
    })
  } else if (pin === null && certName !== '' && certName !== hostName) {
    report('warning', 'cert-name', 'certName', {
      message: `certname '${certName}' is another name than hostname '${hostName}'`,
      reason: 'Clients ask the server for hostname, but check its certificate against certname',
      fix: 'Delete certname unless the relay really answers with a certificate for that name',
    })
  }
  if (pin !== null && insecureForTests) {
    report('warning', 'pin-and-insecure', 'insecureForTests', {
      message: 'insecurefortests stands beside a pin',
      reason: 'The pin is checked all the same, and clients 1.82 refuse the relay because of it',
      fix: 'Delete insecurefortests',
    })
  } else if (insecureForTests) {
    report('warning', 'insecure', 'insecureForTests', {
      message: 'insecurefortests is on',
      reason: 'Clients accept any certificate, so anybody on the way can stand in for the relay',
      fix: 'Pin the certificate (certname: sha256-raw:…, clients from 1.84 on), or use one from a public authority',
    })
  }
  if (isIP(hostName) !== 0 && certName === '' && !insecureForTests) {
    report('warning', 'ip-without-pin', 'hostName', {
      message: `The hostname is the address ${hostName}, without a pin`,
      reason: 'Clients need a certificate from a public authority then, and refuse a self-signed one',
      fix: 'Add certname: sha256-raw:… (headscale-ts derp pin prints it)',
    })
  }
}
