/**
 * The steps of every command: parse → connect → perform → print. A command declares its flags, makes one call and names
 * one view; it never formats output, catches errors, connects or exits.
 *
 * oclif's Command provides the declaration and the parser. Its life cycle (config from disk, hooks, printing, exit) is
 * not used; the program calls `execute`.
 */
import {Command} from '@oclif/core/command'
import type * as Interfaces from '@oclif/core/interfaces'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'
import {printableLines} from '../../text/untrusted.ts'
import {connectionFlags, globalFlags} from '../flags.ts'
import type {Io} from '../io/io.ts'
import {documentFormatOf, type OutputFormat} from '../output/formats.ts'
import {booleanValues} from '../oclif/switches.ts'

export const controlFlags = {...globalFlags, ...connectionFlags}

/**
 * The text output of a command; each line ends with a newline. A string can contain text from outside and is made safe
 * for a terminal here. An iterable comes from a renderer, which has already done so, and can contain colours.
 */
export type View = string | Iterable<string>

/** An intersection, so that a shared base can use the flags it declares itself. */
type FlagsOf<C extends typeof Command, Base> = Interfaces.InferredFlags<Base> & Interfaces.InferredFlags<C['flags']>
type ArgsOf<C extends typeof Command> = Interfaces.InferredArgs<C['args']>

/** A command class as the program loads it. */
export type CommandClass = (new (argv: string[], config: never) => BaseCommand<typeof Command>) & {id: string}

export abstract class BaseCommand<C extends typeof Command, Base = typeof globalFlags> extends Command {
  static override baseFlags: typeof globalFlags = globalFlags

  protected flags!: FlagsOf<C, Base>
  protected args!: ArgsOf<C>
  protected io!: Io
  /** The words that named the command: `['namespaces', 'list']`. */
  protected invokedAs: string[] = []

  /** Runs the command. @returns the exit status @throws HeadscaleError */
  async execute(io: Io, invokedAs: string[]): Promise<number> {
    this.io = io
    this.invokedAs = invokedAs
    await this.parseInput()
    return (await this.runParsed()) ?? 0
  }

  /** oclif's entry; the program calls execute. */
  override async run(): Promise<void> {}

  /** Runs the command once its flags are parsed. @returns an exit status other than 0, or nothing */
  protected abstract runParsed(): Promise<number | void>

  /** Prints a result in the requested format. `document` is called for machine-readable output only. */
  protected async print(view: () => View | Promise<View>, document: () => unknown): Promise<void> {
    const format = this.documentFormat
    if (format) {
      const {formatDocument} = await import('../../render/document/format.ts')
      for (const part of await formatDocument(await document(), format)) await this.io.out(part)
      return
    }
    const text = await view()
    for (const piece of typeof text === 'string' ? [printableLines(text)] : text) await this.io.out(piece)
  }

  /** The format of the document, or null for text. */
  protected get documentFormat(): OutputFormat | null {
    return documentFormatOf((this.flags as {output?: string}).output)
  }

  /** Whether the output is a document, so that it needs every field that the server has. */
  protected get machineOutput(): boolean {
    return this.documentFormat !== null
  }

  /** Prints a probable problem to standard error, in one sentence. */
  override warn<Text extends Error | string>(text: Text): Text {
    this.io.warn(text instanceof Error ? text.message : text)
    return text
  }

  /** Prints additional information to standard error, in one sentence. */
  protected note(text: string): void {
    this.io.note(text)
  }

  /** Prints a line to standard error without a prefix. */
  protected notice(text: string): void {
    this.io.notice(text)
  }

  private async parseInput(): Promise<void> {
    const all = {...this.ctor.baseFlags, ...this.ctor.flags}
    try {
      const parsed = await this.parse(this.ctor, booleanValues(this.argv, all))
      this.flags = parsed.flags as typeof this.flags
      this.args = parsed.args as typeof this.args
    } catch (error) {
      // Loaded for an error alone: its usage line needs the whole manifest.
      const {readParseError} = await import('../oclif/parse-errors.ts')
      throw readParseError(error, {
        id: this.ctor.id,
        command: this.invokedAs.join(' '),
        flagNames: Object.keys(all),
        takesArguments: Object.keys(this.ctor.args).length > 0,
      })
    }
  }
}

/** A command that does not need a server. */
export abstract class OfflineCommand<C extends typeof Command> extends BaseCommand<C> {}

/** A command that talks to a headscale server. */
export abstract class ServerCommand<
  C extends typeof Command,
  Base extends typeof controlFlags = typeof controlFlags,
> extends BaseCommand<C, Base> {
  static override baseFlags: typeof controlFlags = controlFlags

  /** Connects to the server that the flags name and does the work there. @param reading whether it only reads */
  protected async onServer<Result>(
    {reading}: {reading: boolean},
    work: (api: ControlApi) => Promise<Result>,
  ): Promise<{result: Result; server: ServerFacts}> {
    const {onServer} = await import('../connection.ts')
    return onServer(this.flags, this.io, {reading}, work).catch((error: unknown) => {
      throw error instanceof HeadscaleError ? error.naming(this.invokedAs.join(' ')) : error
    })
  }
}

/** A command that calls a headscale server and prints the result. */
export abstract class ControlCommand<C extends typeof Command, Result> extends ServerCommand<C> {
  /** The calls of the command. */
  protected abstract perform(api: ControlApi): Promise<Result>
  /** The result as text. */
  protected abstract view(result: Result, server: ServerFacts): View | Promise<View>
  /** The result as plain JSON values. */
  protected abstract document(result: Result): unknown

  /** Whether the command only reads. */
  protected get reading(): boolean {
    return true
  }

  protected override async runParsed(): Promise<void> {
    const {reading} = this
    const {result, server} = await this.onServer({reading}, (api) => this.perform(api))
    await this.print(
      () => this.view(result, server),
      () => this.document(result),
    )
  }
}
