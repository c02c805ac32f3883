import * as Flags from '@oclif/core/flags'
import {nodeSelectorFlags, nodeSelectorOf} from '../../cli/args/selectors.ts'
import {ServerCommand} from '../../cli/commands/base-command.ts'
import {textFlag} from '../../cli/flags.ts'
import {outputFileFlag, writeOutputFile, writtenText} from '../../cli/output/output-file.ts'
import type {DnsRecord} from '../../domain/dns-record.ts'
import {canonicalDnsName, dnsNameProblem} from '../../domain/values/dns-name.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {extraRecordsText} from '../../render/dns-records.ts'
import type {Alias} from '../../usecases/dns/read-aliases.ts'
import {renderRecords} from '../../usecases/dns/render-records.ts'

export default class DnsRender extends ServerCommand<typeof DnsRender> {
  static override summary = 'Write DNS records for nodes and aliases, for dns.extra_records_path'
  static override description =
    'Prints the JSON file of dns.extra_records_path, which headscale 0.24 and later read and watch: A and AAAA records ' +
    'NAME.DOMAIN for all nodes, or for those that selectors choose, and aliases of any node. The same tailnet gives the ' +
    'same bytes. In the aliases file (YAML or JSON), "grafana: web-1" is an alias in the domain and ' +
    '"app.example.com: [web-1, web-2]" one with a complete name.'
  static override examples = [
    '<%= config.bin %> dns render --domain internal.example.com',
    '<%= config.bin %> dns render --domain internal.example.com --tag tag:web --aliases aliases.yaml',
    '<%= config.bin %> dns render --aliases aliases.yaml --output-file /etc/headscale/extra-records.json',
    '<%= config.bin %> nodes watch --exec headscale-ts -- dns render --domain internal.example.com --output-file records.json',
  ]
  static override flags = {
    ...nodeSelectorFlags,
    domain: textFlag({
      description: 'domain for the names of nodes, and for aliases without a dot',
      helpValue: 'DOMAIN',
    }),
    aliases: textFlag({description: 'file of further names, or - for standard input', helpValue: 'FILE'}),
    'output-file': outputFileFlag(
      'write to this file instead of standard output, atomically and only if its content changes',
    ),
    'allow-empty': Flags.boolean({description: 'accept that no node matches, and an empty list of records'}),
  }

  protected override async runParsed(): Promise<void> {
    const {'output-file': file} = this.flags
    const records = await this.#records()
    const text = extraRecordsText(records)
    if (file === undefined) {
      return this.print(
        () => text,
        () => records,
      )
    }
    const written = await writeOutputFile(file, text, this.io.cwd)
    await this.print(
      () => writtenText(written, records.length === 1 ? '1 record' : `${records.length} records`),
      () => written,
    )
  }

  /** @throws HeadscaleError (not-found) where there are none */
  async #records(): Promise<DnsRecord[]> {
    const domain = this.#domain()
    const selector = nodeSelectorOf(this.flags)
    if (domain === null && this.flags.aliases === undefined)
      throw usageError('nothing to render', 'add --domain DOMAIN, --aliases FILE, or both')
    if (domain === null && selector)
      throw usageError('selectors choose the nodes with a name in --domain', 'add --domain DOMAIN')
    const aliases = await this.#aliases(domain)
    const {result} = await this.onServer({reading: true}, (api) =>
      renderRecords(api, {domain, selector, aliases, now: this.io.now()}),
    )
    const {records, noNodes, warnings} = result
    for (const warning of warnings) this.warn(warning)
    if ((noNodes || records.length === 0) && !this.flags['allow-empty']) {
      throw new HeadscaleError('not-found', noNodes ? 'no nodes match' : 'there are no records', {
        hint: 'nothing was written; to accept this, add --allow-empty',
      })
    }
    return records
  }

  #domain(): string | null {
    const {domain} = this.flags
    if (domain === undefined) return null
    const name = canonicalDnsName(domain.replace(/^\./, ''))
    const problem = dnsNameProblem(name)
    if (problem === null) return name
    throw usageError(
      `invalid value ${JSON.stringify(domain)} for --domain: ${problem}`,
      'for example: internal.example.com',
    )
  }

  async #aliases(domain: string | null): Promise<Alias[]> {
    const {aliases: file} = this.flags
    if (file === undefined) return []
    const [{readTextFile}, {readAliases}] = await Promise.all([
      import('../../cli/args/text-file.ts'),
      import('../../usecases/dns/read-aliases.ts'),
    ])
    return readAliases(await readTextFile(file), file === '-' ? '<stdin>' : file, domain)
  }
}
