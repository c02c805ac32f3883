import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {listFlag, requestDebugFlag, textFlag} from '../../cli/flags.ts'

const RELAY = 'SINGLE-RELAY'
const DERPER = 'DERPER'
const CONTAINER = 'CONTAINER'
/** Repeated; commas stay in the value. */
const REPEATED = {multiple: true, multipleNonGreedy: true} as const

export default class DerpRender extends OfflineCommand<typeof DerpRender> {
  static override summary = 'Write a DERP map, or the commands and files that run its relays'
  static override description =
    'Starts from flags, a spec file or another map. Writes a file for derp.paths (yaml), a document for derp.urls (json), ' +
    'the derp block of config.yaml (config), or how to start each relay (derper, docker, compose, systemd).\n' +
    'The same input gives the same output. The map is validated first; an error stops the command (exit code 6).'
  static override examples = [
    "<%= config.bin %> derp render --domain derp.example.com --port 12345 --region 900:thk:'Tencent Hongkong'",
    '<%= config.bin %> derp render --ip 198.51.100.7 --cert 198.51.100.7.crt -o json',
    '<%= config.bin %> derp render --home home.example.com --port 12345',
    '<%= config.bin %> derp render --from derp.yaml -o docker --node 900a --verify-client-url https://hs.example.com/verify',
  ]

  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'what to write',
      options: ['yaml', 'json', 'config', 'derper', 'docker', 'compose', 'systemd'],
      default: 'yaml',
    }),
    region: Flags.string({...REPEATED, description: 'add a region', helpValue: 'ID:CODE:NAME'}),
    'add-node': Flags.string({
      ...REPEATED,
      description:
        'add a relay to a region; keys: host, ipv4, ipv6, port, stun-port, stun-only, pin, cert-name, ' +
        'insecure-for-tests, can-port-80',
      helpValue: 'REGION/NAME,KEY=VALUE,…',
    }),
    from: textFlag({description: 'start from this map or spec: a file, a URL or -', helpValue: 'FILE'}),
    'with-default': textFlag({description: 'add the regions of this map', helpValue: 'FILE'}),
    exclude: listFlag({description: 'leave out these regions', helpValue: 'ID'}),
    'map-path': textFlag({
      description: 'path of the map on the server, for -o config (default: /etc/headscale/derp.yaml)',
      helpValue: 'PATH',
    }),
    domain: textFlag({description: 'domain name of the relay', helpValue: 'NAME', helpGroup: RELAY}),
    ip: textFlag({
      description: 'IP address of the relay, alone or with --domain',
      helpValue: 'ADDRESS',
      helpGroup: RELAY,
    }),
    home: textFlag({
      description: 'name of a relay whose address changes (dynamic DNS)',
      helpValue: 'NAME',
      helpGroup: RELAY,
    }),
    port: Flags.integer({
      description: 'TCP port that clients connect to (default: 443)',
      helpValue: 'PORT',
      min: 1,
      max: 65_535,
      helpGroup: RELAY,
    }),
    'stun-port': Flags.integer({
      description: 'UDP port for STUN (default: 3478; -1: none)',
      helpValue: 'PORT',
      min: -1,
      max: 65_535,
      helpGroup: RELAY,
    }),
    pin: textFlag({
      description: 'SHA-256 of its certificate, as headscale-ts derp pin or openssl prints it',
      helpValue: 'sha256-raw:HEX',
      helpGroup: RELAY,
    }),
    cert: textFlag({description: 'pin the certificate in this file', helpValue: 'FILE', helpGroup: RELAY}),
    'fetch-pin': textFlag({
      description: 'pin the certificate of this server',
      helpValue: 'HOST:PORT',
      helpGroup: RELAY,
    }),
    'insecure-for-tests': Flags.boolean({description: 'let clients accept any certificate', helpGroup: RELAY}),
    node: listFlag({description: 'only nodes with these names', helpValue: 'NAME'}),
    'cert-mode': Flags.string({
      description: 'source of the certificate (default: letsencrypt for a name on port 443, otherwise manual)',
      helpValue: 'MODE',
      options: ['manual', 'letsencrypt'],
      helpGroup: DERPER,
    }),
    'cert-dir': textFlag({
      description: 'folder of the certificate on the relay (default: /etc/derper/certs)',
      helpValue: 'DIR',
      helpGroup: DERPER,
    }),
    listen: textFlag({
      description: 'address and port of derper, if other than the port of the map (proxy, port forwarding)',
      helpValue: '[ADDRESS]:PORT',
      helpGroup: DERPER,
    }),
    serve: Flags.string({
      description: 'run the relay and STUN, or one of them (default: both)',
      helpValue: 'SERVICE',
      options: ['both', 'relay', 'stun'],
      helpGroup: DERPER,
    }),
    'verify-clients': Flags.boolean({
      description: 'admit only clients that tailscaled on the relay knows',
      helpGroup: DERPER,
    }),
    'tailscaled-socket': textFlag({
      description: 'socket of tailscaled, for --verify-clients',
      helpValue: 'PATH',
      helpGroup: DERPER,
    }),
    'verify-client-url': textFlag({
      description: 'admit only clients that headscale 0.24 or later knows: https://HEADSCALE/verify',
      helpValue: 'URL',
      helpGroup: DERPER,
    }),
    'verify-client-url-fail-open': Flags.boolean({
      description: 'admit everybody while that URL cannot be reached (default: nobody)',
      helpGroup: DERPER,
    }),
    'mesh-key-file': textFlag({
      description: 'file with the mesh key, on the relay',
      helpValue: 'FILE',
      helpGroup: DERPER,
    }),
    'mesh-with': listFlag({
      description: 'relays to mesh with (default: the others of the region)',
      helpValue: 'HOST[:PORT]',
      helpGroup: DERPER,
    }),
    'home-page': textFlag({
      description: 'page at /: blank, or a URL to redirect to',
      helpValue: 'blank|URL',
      helpGroup: DERPER,
    }),
    'tcp-keepalive-time': textFlag({
      description: "derper's -tcp-keepalive-time (default: 10m)",
      helpValue: 'DURATION',
      helpGroup: DERPER,
    }),
    'tcp-user-timeout': textFlag({
      description: "derper's -tcp-user-timeout (default: 15s)",
      helpValue: 'DURATION',
      helpGroup: DERPER,
    }),
    'tcp-write-timeout': textFlag({
      description: "derper's -tcp-write-timeout (default: 2s)",
      helpValue: 'DURATION',
      helpGroup: DERPER,
    }),
    image: textFlag({
      description: 'container image (default: ghcr.io/yangchuansheng/derper:latest)',
      helpValue: 'IMAGE',
      helpGroup: CONTAINER,
    }),
    'host-network': Flags.boolean({description: 'use the network of the host', helpGroup: CONTAINER}),
    'container-user': textFlag({
      description: 'run as this user (default: the user of the image)',
      helpValue: 'UID[:GID]',
      helpGroup: CONTAINER,
    }),
    debug: requestDebugFlag,
  }

  protected override async runParsed() {
    const {runRender} = await import('../../derp/render/render-command.ts')
    const {output} = this.flags as {output: import('../../derp/render/render-flags.ts').RenderFormat}
    const command = [...this.invokedAs, ...this.argv]
    const {text, warnings} = await runRender({...this.flags, output}, command, this.io.cwd, this.io.debug)
    for (const warning of warnings) this.warn(warning)
    await this.io.out(text)
  }
}
