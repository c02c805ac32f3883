/**
 * The sentences of a check: for each verdict how bad it is, what it says and what to do.
 *
 * One table, so that a fault is described once and documentation and tests can list them all. `subject` in a sentence
 * is whatever the place that found it knows better; nothing here looks at a connection.
 */
import type {Health, Verdict, VerdictCode} from './result.ts'
import type {CertificateFinding} from '../cert/trust.ts'

interface Entry {
  health: Health
  message: string
  fix: string | null
}

const entry = (health: Health, message: string, fix: string | null = null): Entry => ({health, message, fix})

/** Every verdict. The message is the default; a finder may give a more exact one. */
export const VERDICTS: Readonly<Record<VerdictCode, Entry>> = {
  works: entry('ok', 'works: a packet went through it'),
  'stun-works': entry('ok', 'STUN answers; the map says it is no relay'),

  'stun-silent': entry(
    'degraded',
    'STUN does not answer: clients cannot measure the relay over UDP',
    'open UDP at the STUN port (firewall, cloud security group, docker -p PORT:PORT/udp), or set stunport: -1',
  ),
  'port80-silent': entry(
    'degraded',
    'port 80 does not answer as the map promises (canport80)',
    'open TCP 80 and let derper listen there (-http-port 80), or take canport80 out of the map',
  ),
  'certificate-expires-soon': entry('degraded', 'the certificate ends soon', 'renew it and restart derper'),
  'multiple-relays': entry(
    'degraded',
    'connections to this address reach different relays: clients on one do not find those on the other',
    'give each derper an address of its own; a load balancer cannot stand before them',
  ),
  'one-family': entry('degraded', 'works over one IP family only'),

  restricted: entry(
    'restricted',
    'the relay is alive and closed the connection before it admitted the check',
    'right for a relay with -verify-clients (give --expect restricted, or --node-key-file to be let in); from outside it looks the same when the tailscaled or URL behind the relay is dead',
  ),

  'open-to-all': entry(
    'broken',
    'the relay admits a key nobody knows, though it was expected to be restricted',
    'start derper with -verify-clients and a tailscaled beside it, or with -verify-client-url https://HEADSCALE/verify',
  ),
  'relay-port-closed': entry(
    'broken',
    'STUN answers, the relay port does not: clients measure this relay and cannot use it',
    'open the TCP port (firewall, cloud security group, port mapping) or correct derpport in the map',
  ),
  'stun-only-silent': entry(
    'broken',
    'STUN does not answer, and the map says the node is nothing else',
    'open UDP at the STUN port, or correct stunport in the map',
  ),
  'plain-http': entry(
    'broken',
    'plain HTTP on the relay port, where clients want TLS',
    'derper serves TLS on port 443 or with -certmode manual only: add -certmode manual and the certificate files',
  ),
  'not-tls': entry(
    'broken',
    'what answers on the relay port speaks no TLS',
    'see what listens there; correct derpport in the map',
  ),
  'name-rejected': entry(
    'broken',
    'the relay refuses the TLS name it is asked for',
    "HostName in the map and derper's -hostname must be the same to the letter (an address where derper has a name fails too)",
  ),
  'tls-failed': entry('broken', 'TLS failed', null),
  'certificate-rejected': entry('broken', 'clients refuse the certificate', null),
  proxy: entry(
    'broken',
    'an HTTP proxy in between does not pass the DERP upgrade on',
    'let clients reach derper itself; where a proxy must be, it has to pass "Upgrade: DERP" unchanged',
  ),
  'relay-disabled': entry(
    'broken',
    'the relay is switched off (derper -derp=false)',
    'start derper without -derp=false',
  ),
  'not-derp': entry(
    'broken',
    'a web server that is no DERP relay',
    'see what listens there; correct HostName and derpport in the map',
  ),
  'protocol-error': entry(
    'broken',
    'it does not keep to the DERP protocol',
    'see what answers there; a current derper does',
  ),
  timeout: entry(
    'broken',
    'it takes the connection and falls silent',
    'see whether the relay is overloaded, or what stands before it',
  ),
  'key-rejected': entry(
    'broken',
    'the relay does not admit the key it was given',
    'see whether the key is that of a current node (or the relay has this mesh key), and its log for the line "rejected:"',
  ),
  'no-forwarding': entry(
    'broken',
    'the relay admits clients and does not forward their packets',
    "see the relay's log and its rate limits",
  ),
  'invalid-map': entry('broken', 'the map leaves clients nothing to dial', 'headscale-ts derp validate says more'),

  'no-connection': entry(
    'unreachable',
    'nothing answers there',
    'see that derper runs, that address and ports are those of the map, and what the firewall lets through',
  ),
  'no-address': entry(
    'unreachable',
    'the host name has no address',
    'correct the DNS entry, or give ipv4 and ipv6 in the map',
  ),
  'no-route': entry('unreachable', 'this machine has no route there', 'check from a machine that has one'),
}

/** A verdict, with what its finder knows better than the table. */
export function verdict(
  code: VerdictCode,
  known: {message?: string; fix?: string | null; health?: Health; certificate?: CertificateFinding} = {},
): Verdict {
  const {health, message, fix} = VERDICTS[code]
  return {
    code,
    health: known.health ?? health,
    message: known.message ?? message,
    fix: known.certificate?.fix ?? (known.fix === undefined ? fix : known.fix),
    certificate: known.certificate ?? null,
  }
}
