import * as Flags from '@oclif/core/flags'
import {OfflineCommand} from '../../cli/commands/base-command.ts'
import {listFlag, textFlag} from '../../cli/flags.ts'

const RELAY = 'ONE RELAY'
const DEPLOYMENT = 'HOW DERPER RUNS'
/** Given again and again; commas stay in the value. */
const REPEATED = {multiple: true, multipleNonGreedy: true} as const

export default class DerpRender extends OfflineCommand<typeof DerpRender> {
  static override summary = 'Write a DERP map, and what its relays need to run'
  static override description =
    'From flags, a short spec file or another map, to a file for derp.paths (yaml), a document for derp.urls (json), the\n' +
    'derp block of config.yaml (config), or the way to start each relay (derper, docker, compose, systemd).\n' +
    'The same flags give the same bytes. What clients could not use is refused.'
  static override examples = [
    "<%= config.bin %> derp render --domain derp.example.com --port 12345 --region 900:thk:'Tencent Hongkong'",
    '<%= config.bin %> derp render --ip 198.51.100.7 --cert 198.51.100.7.crt -o json',
    '<%= config.bin %> derp render --home home.example.com --port 12345',
    '<%= config.bin %> derp render --from derp.yaml -o docker --only 900a',
  ]

  static override flags = {
    output: Flags.string({
      char: 'o',
      description: 'what to write',
      options: ['yaml', 'json', 'config', 'derper', 'docker', 'compose', 'systemd'],
      default: 'yaml',
    }),
    region: Flags.string({...REPEATED, description: 'a region', helpValue: 'ID:CODE:NAME'}),
    node: Flags.string({
      ...REPEATED,
      description:
        'a relay of a region: host, ipv4, ipv6, port, stun-port, stun-only, pin, cert-name, insecure-for-tests, can-port-80',
      helpValue: 'REGION/NAME,host=HOST,',
    }),
    from: textFlag({description: 'begin with this map or spec: a file, a URL or -', helpValue: 'FILE'}),
    'with-default': textFlag({description: 'add the regions of this map', helpValue: 'FILE'}),
    exclude: listFlag({description: 'leave these regions out', helpValue: 'ID'}),
    'map-path': textFlag({description: 'for -o config: where the map will be', helpValue: 'PATH'}),
    domain: textFlag({description: 'a relay with this name', helpValue: 'NAME', helpGroup: RELAY}),
    ip: textFlag({description: 'a relay with this address, and no name', helpValue: 'ADDRESS', helpGroup: RELAY}),
    home: textFlag({description: 'a relay whose address changes (dynamic DNS)', helpValue: 'NAME', helpGroup: RELAY}),
    port: Flags.integer({description: 'its TCP port (default 443)', min: 1, max: 65_535, helpGroup: RELAY}),
    'stun-port': Flags.integer({
      description: 'its STUN port (default 3478; -1: none)',
      min: -1,
      max: 65_535,
      helpGroup: RELAY,
    }),
    pin: textFlag({description: "its certificate's pin", helpValue: 'sha256-raw:HEX', helpGroup: RELAY}),
    cert: textFlag({description: 'its certificate, to pin', helpValue: 'FILE', helpGroup: RELAY}),
    'fetch-pin': textFlag({description: 'ask this server for the pin', helpValue: 'HOST:PORT', helpGroup: RELAY}),
    'insecure-for-tests': Flags.boolean({description: 'let clients take any certificate', helpGroup: RELAY}),
    only: textFlag({description: 'this relay alone', helpValue: 'NODE', helpGroup: DEPLOYMENT}),
    'cert-mode': Flags.string({
      description: 'where certificates come from (default: letsencrypt on port 443 of a name, else manual)',
      options: ['manual', 'letsencrypt'],
      helpGroup: DEPLOYMENT,
    }),
    'cert-dir': textFlag({
      description: 'folder of the certificates (default /etc/derper/certs)',
      helpValue: 'DIR',
      helpGroup: DEPLOYMENT,
    }),
    'verify-clients': Flags.boolean({
      description: 'admit only clients that its tailscaled knows',
      helpGroup: DEPLOYMENT,
    }),
    socket: textFlag({description: 'socket of that tailscaled', helpValue: 'PATH', helpGroup: DEPLOYMENT}),
    'verify-client-url': textFlag({
      description: 'admit only clients that headscale (0.24 or later) knows: https://HEADSCALE/verify',
      helpValue: 'URL',
      helpGroup: DEPLOYMENT,
    }),
    image: textFlag({description: 'container image', helpValue: 'IMAGE', helpGroup: DEPLOYMENT}),
  }

  protected override async act() {
    const {renderPlan} = await import('../../derp/render/render-command.ts')
    const {output} = this.flags as {output: import('../../derp/render/render-command.ts').RenderFormat}
    const {text, warnings} = await renderPlan({...this.flags, output}, [...this.typed, ...this.argv], this.io.cwd)
    for (const {path, message, reason} of warnings) this.warn(`${path}: ${message}. ${reason}`)
    await this.io.out(text)
  }
}
