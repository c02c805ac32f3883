/**
 * What every command goes through: parse → connect → perform → print. A command declares its flags, makes one call and
 * names one view; it never formats, catches, dials or exits.
 *
 * oclif's Command gives the declaration and the parser; its own life cycle (config from disk, hooks, printing, exit)
 * is not used, the program runs `execute`.
 */
import {Command} from '@oclif/core/command'
import type * as Interfaces from '@oclif/core/interfaces'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'
import {printableLines} from '../../text/untrusted.ts'
import {connectionFlags, globalFlags} from '../flags.ts'
import type {Io} from '../io.ts'
import {readParseError} from '../oclif/parse-errors.ts'
import type {OutputFormat} from '../output/formats.ts'
import {booleanValues} from '../oclif/switches.ts'

export const controlFlags = {...globalFlags, ...connectionFlags}

/**
 * What a text view gives; each line ends with its newline. A string may hold text from outside and is made safe for a
 * terminal here; pieces come from a renderer that did so already, and may hold colours.
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
    return (await this.act()) ?? 0
  }

  /** oclif's entry; the program calls execute. */
  override async run(): Promise<void> {}

  /** The command's work. @returns an exit status other than 0, or nothing */
  protected abstract act(): Promise<number | void>

  /** Prints a result in the format asked for. `document` is called for machine output only. */
  protected async print(view: () => View | Promise<View>, document: () => unknown): Promise<void> {
    const format = (this.flags as {output?: string}).output as OutputFormat | undefined
    if (format) {
      const {formatDocument} = await import('../../render/document/format.ts')
      return this.io.out(await formatDocument(await document(), format))
    }
    const text = await view()
    for (const piece of typeof text === 'string' ? [printableLines(text)] : text) await this.io.out(piece)
  }

  /** Whether the answer is for machines, and so wants every field the server can be asked for. */
  protected get forMachines(): boolean {
    return (this.flags as {output?: string}).output !== undefined
  }

  /** Something that is probably wrong, as one sentence on standard error. */
  override warn<Text extends Error | string>(text: Text): Text {
    this.io.warn(text instanceof Error ? text.message : text)
    return text
  }

  /** Something worth knowing, as one sentence on standard error. */
  protected note(text: string): void {
    this.io.note(text)
  }

  /** A line on standard error as it is, without a prefix. */
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
      throw readParseError(error, {
        command: this.invokedAs.join(' '),
        flagNames: Object.keys(all),
        takesArguments: Object.keys(this.ctor.args).length > 0,
      })
    }
  }
}

/** A command that needs no server. */
export abstract class OfflineCommand<C extends typeof Command> extends BaseCommand<C> {}

/** A command that talks to a headscale server. */
export abstract class ServerCommand<
  C extends typeof Command,
  Base extends typeof controlFlags = typeof controlFlags,
> extends BaseCommand<C, Base> {
  static override baseFlags: typeof controlFlags = controlFlags

  /** Connects to the server that the flags name and does the work there. @param reading whether it changes nothing */
  protected async onServer<Result>(
    {reading}: {reading: boolean},
    work: (api: ControlApi) => Promise<Result>,
  ): Promise<{result: Result; server: ServerFacts}> {
    const {onServer} = await import('../connection.ts')
    return onServer(this.flags, this.io, {reading}, work).catch((error: unknown) => {
      throw namingCommand(error, this.invokedAs)
    })
  }
}

/** A command that asks a headscale server and prints what it answers. */
export abstract class ControlCommand<C extends typeof Command, Result> extends ServerCommand<C> {
  /** The calls of the command. */
  protected abstract perform(api: ControlApi): Promise<Result>
  /** The answer as text. */
  protected abstract view(result: Result, server: ServerFacts): View | Promise<View>
  /** The answer as plain JSON values. */
  protected abstract document(result: Result): unknown

  /** Whether the command changes nothing. */
  protected get reading(): boolean {
    return true
  }

  protected override async act(): Promise<void> {
    const {reading} = this
    const {result, server} = await this.onServer({reading}, (api) => this.perform(api))
    await this.print(
      () => this.view(result, server),
      () => this.document(result),
    )
  }
}

/** What a release cannot do is refused deep in a dialect; the person typed a command. */
function namingCommand(error: unknown, invokedAs: readonly string[]): unknown {
  if (!(error instanceof HeadscaleError) || error.code !== 'unsupported-by-server') return error
  const {message, hint, details} = error
  return new HeadscaleError(error.code, message.replace(/^this needs/, `"${invokedAs.join(' ')}" needs`), {
    ...(hint ? {hint} : {}),
    details,
  })
}
