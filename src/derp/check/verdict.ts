/**
 * The verdicts of a check, each with its health, message and fix.
 *
 * One table, so that each fault is described once, and documentation and tests can list them all. The code that finds a
 * fault can give a more exact message; nothing here uses a connection.
 */
import type {Health, Verdict, VerdictCode} from './result.ts'
import type {CertificateFinding} from '../cert/trust.ts'

interface Entry {
  health: Health
  message: string
  fix: string | null
}

const entry = (health: Health, message: string, fix: string | null = null): Entry => ({health, message, fix})

/** Every verdict with its default message. */
export const VERDICTS: Readonly<Record<VerdictCode, Entry>> = {
  works: entry('ok', 'works: a packet went through it'),
  'stun-works': entry('ok', 'STUN answers; the node is STUN only'),

  'stun-silent': entry(
    'degraded',
    'STUN does not answer: clients cannot measure the relay over UDP',
    'open the STUN port for UDP (firewall, cloud security group, docker -p PORT:PORT/udp), or set stunport: -1',
  ),
  'stun-wrong-address': entry(
    'degraded',
    'STUN tells clients an address that is not theirs: direct connections fail',
    'let derper see the addresses of clients: the host network in a container (derp render --host-network), or STUN on the machine with the public address (derp render --serve stun)',
  ),
  'port80-silent': entry(
    'degraded',
    'port 80 does not answer, although canport80 is set',
    'open port 80 for TCP and start derper with -http-port 80, or remove canport80 from the map',
  ),
  'certificate-expires-soon': entry('degraded', 'the certificate expires soon', 'renew it and restart derper'),
  'multiple-relays': entry(
    'degraded',
    'connections to this address reach different relays: clients on one do not reach those on the other',
    'give each derper its own address; DERP does not work behind a load balancer',
  ),
  'one-family': entry('degraded', 'works over one IP family only'),

  restricted: entry(
    'restricted',
    'the relay is running, but closed the connection before it admitted the check',
    'expected for a relay that verifies clients (use --expect restricted, or --node-key-file to be admitted); it looks the same when the tailscaled or URL that decides is down',
  ),

  'open-to-all': entry(
    'broken',
    'the relay admits unknown clients, although it is expected to be restricted',
    'start derper with -verify-clients and a tailscaled on the same machine, or with -verify-client-url https://HEADSCALE/verify',
  ),
  'relay-port-closed': entry(
    'broken',
    'STUN answers, but the relay port does not: clients measure this relay and cannot use it',
    'open the TCP port (firewall, cloud security group, port forwarding), or correct derpport in the map',
  ),
  'stun-only-silent': entry(
    'broken',
    'STUN does not answer, and the node is STUN only',
    'open the STUN port for UDP, or correct stunport in the map',
  ),
  'plain-http': entry(
    'broken',
    'plain HTTP on the relay port, where clients expect TLS',
    'derper serves TLS only on port 443 or with -certmode manual: add -certmode manual and the certificate files',
  ),
  'not-tls': entry(
    'broken',
    'the server on the relay port does not speak TLS',
    'check what listens there; correct derpport in the map',
  ),
  'name-rejected': entry(
    'broken',
    'the relay rejects the server name that clients send in TLS',
    "hostname in the map and derper's -hostname must be identical, also in upper and lower case; an address for a relay with a name fails too",
  ),
  'tls-failed': entry('broken', 'the TLS handshake failed', null),
  'certificate-rejected': entry('broken', 'clients reject the certificate', null),
  proxy: entry(
    'broken',
    'an HTTP proxy does not pass the DERP upgrade on',
    'let clients reach derper directly; a proxy must pass "Upgrade: DERP" unchanged',
  ),
  'relay-disabled': entry('broken', 'the relay is disabled (derper -derp=false)', 'start derper without -derp=false'),
  'not-derp': entry(
    'broken',
    'a web server that is not a DERP relay',
    'check what listens there; correct hostname and derpport in the map',
  ),
  'protocol-error': entry(
    'broken',
    'the server does not follow the DERP protocol',
    'check what listens there, and update derper',
  ),
  timeout: entry(
    'broken',
    'the server accepts the connection and then stops answering',
    'check whether the relay is overloaded, or what is in front of it',
  ),
  'key-rejected': entry(
    'broken',
    'the relay does not admit the supplied key',
    'check that the key belongs to a current node (or that it is the mesh key of this relay), and look for "rejected:" in the log of the relay',
  ),
  'no-forwarding': entry(
    'broken',
    'the relay admits clients but does not forward their packets',
    'check the log of the relay and its rate limits',
  ),
  'invalid-map': entry(
    'broken',
    'the map gives clients nothing to connect to',
    'headscale-ts derp validate shows the details',
  ),

  'no-connection': entry(
    'unreachable',
    'no connection',
    'check that derper is running, that address and ports match the map, and the firewall',
  ),
  'no-address': entry(
    'unreachable',
    'the host name has no address',
    'correct the DNS record, or set ipv4 and ipv6 in the map',
  ),
  'no-route': entry('unreachable', 'no route from this machine', 'run the check on a machine that has a route'),
}

/** A verdict; what its finder knows replaces the defaults. */
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
