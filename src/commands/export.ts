import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import * as Flags from '@oclif/core/flags'
import {ServerCommand} from '../cli/commands/base-command.ts'
import {optionalArg} from '../cli/flags.ts'
import {writeOutputFile, writtenText} from '../cli/output/output-file.ts'
import {HeadscaleError} from '../errors.ts'
import type {SeedData} from '../tailnet-file/tailnet-data.ts'

export default class Export extends ServerCommand<typeof Export> {
  static override summary = 'Write the tailnet to a file, as a seed of the sandbox'
  static override description =
    'Reads users, nodes, routes and the policy of the server, and writes them in the format of "sandbox run --seed", so ' +
    'that a change can be rehearsed on a copy of the tailnet: same ids, names and addresses. The file contains no key of ' +
    'the server. Notes on standard error say what it does not contain. With -o json it is JSON, which is a seed too.'
  static override examples = [
    '<%= config.bin %> export tailnet.yaml',
    '<%= config.bin %> export > tailnet.yaml',
    '<%= config.bin %> sandbox run --release 0.29 --seed tailnet.yaml -- ./my-change.sh',
  ]
  static override args = {
    file: optionalArg({description: 'file to write, with mode 0600; without it, standard output'}),
  }
  static override flags = {
    force: Flags.boolean({char: 'y', description: 'replace an existing file without a question'}),
  }

  protected override async runParsed(): Promise<void> {
    const {file} = this.args
    if (file !== undefined) await this.#askToReplace(file)
    const {exportTailnet} = await import('../usecases/export/export-tailnet.ts')
    const {result, server} = await this.onServer({reading: true}, exportTailnet)
    const {data, missing} = result
    // Of several that the server may be, the last; of its patch releases the sandbox has only 0.27.0 apart.
    const release = server.releases.match(/\d+\.\d+(?:\.0)?/g)?.at(-1) ?? ''
    await this.#check(data, release)
    for (const sentence of missing) this.note(sentence)
    const text = await this.#text(data, server.releases, release)
    if (file === undefined) {
      for (const part of text) await this.io.out(part)
      return
    }
    const written = await writeOutputFile(file, [...text].join(''), this.io.cwd, {
      always: true,
      mode: 0o600,
      what: 'FILE',
    })
    const [users, nodes] = [data.users!.length, data.nodes!.length]
    await this.print(
      () => writtenText(written, `${users} user${users === 1 ? '' : 's'}, ${nodes} node${nodes === 1 ? '' : 's'}`),
      () => written,
    )
  }

  /** Asks before an existing file is replaced. @throws HeadscaleError (needs-confirmation) */
  async #askToReplace(file: string): Promise<void> {
    if (this.flags.force || !existsSync(resolve(this.io.cwd, file))) return
    const {confirm} = await import('../cli/commands/confirm.ts')
    await confirm(this.io, `Replace ${file}?`, 'add --force to replace the file, or name another one')
  }

  /** What is written must be a seed that the sandbox accepts, whatever the server sent. */
  async #check(data: SeedData, release: string): Promise<void> {
    const {checkSeed, seedFault} = await import('../sandbox/seed/check-seed.ts')
    try {
      await checkSeed(data, release)
    } catch (error) {
      const reason = seedFault(error)
      if (reason === null) throw error
      throw new HeadscaleError('failed', `the tailnet cannot be exported: ${reason}`, {
        hint: 'nothing was written; the sandbox cannot hold what the server reports',
        cause: error,
      })
    }
  }

  async #text(data: SeedData, releases: string, release: string): Promise<Iterable<string>> {
    const format = this.documentFormat
    if (format && format !== 'yaml') {
      const {formatDocument} = await import('../render/document/format.ts')
      return formatDocument(data, format)
    }
    const {tailnetYaml} = await import('../tailnet-file/write-tailnet.ts')
    return tailnetYaml(data, [
      `The tailnet of a headscale ${releases} server, without its keys. To run a command on a copy of it:`,
      `headscale-ts sandbox run --release ${release} --seed FILE -- COMMAND`,
    ])
  }
}
