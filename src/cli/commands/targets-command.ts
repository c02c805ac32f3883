/**
 * The base of commands that change one object, or many in one run: several arguments, lines of standard input, or
 * selectors. One object that the line names itself takes the same steps as every change (change-command.ts); for many,
 * bulk/ makes the plans, shows them, asks once and applies them together.
 */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import {usageError} from '../../errors.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {readTargetWords, type TargetWords} from '../args/target-words.ts'
import {bulkFlags} from '../flags.ts'
import {ChangeCommand, changeCommandFlags} from './change-command.ts'

export const targetsCommandFlags = {...changeCommandFlags, ...bulkFlags}

/** The words of one kind of object in messages. */
export interface Noun {
  one: string
  many: string
}

export abstract class TargetsCommand<
  C extends typeof Command,
  Target,
  Result,
  Base extends typeof targetsCommandFlags = typeof targetsCommandFlags,
> extends ChangeCommand<C, Result, Base> {
  static override baseFlags: typeof targetsCommandFlags = targetsCommandFlags

  protected abstract readonly noun: Noun
  /** What the command does with each object, for the question: `delete`. */
  protected abstract readonly verb: string
  /** What cannot be undone, in one sentence; null if everything can. */
  protected readonly consequence: string | null = null

  /** Whether objects that need no change are results too, with a line that says so. */
  protected readonly reportsUnchanged: boolean = false

  /** The objects that the arguments and flags name, as typed; `-` stands for standard input. */
  protected abstract get named(): readonly string[]
  /** Whether selector flags were given; they are for objects that are not named. */
  protected get selects(): boolean {
    return false
  }
  /** Finds one object. @param alone it is the only one of the run @throws HeadscaleError (not-found), (ambiguous) */
  protected abstract resolve(api: ControlApi, word: string, options: {alone: boolean}): Promise<Target>
  /** The objects that match the selectors. */
  protected async select(_api: ControlApi): Promise<Target[]> {
    return []
  }
  /** Reads what the plans and documents need of the objects, for many at once. */
  protected async prepare(_api: ControlApi, targets: readonly Target[]): Promise<Target[]> {
    return [...targets]
  }
  /** A unique id of the object. */
  protected abstract idOf(target: Target): string
  /** The object in messages: `node web-1 (id 4, ops, 100.64.0.4, online)`. */
  protected abstract describe(target: Target): string
  /** What the user typed, in messages; without a secret. */
  protected labelOf(word: string): string {
    return word
  }
  /** The documents of the results of many objects. */
  protected documents(results: readonly Result[]): unknown[] {
    return results.map((one) => this.document(one))
  }
  /** The plan for one object. Its `apply` returns the result from the server's reply. */
  protected abstract planTarget(api: ControlApi, target: Target): Promise<ChangePlan<Result>>
  /** Reads what the documents of the results need beside the replies; for many results at once. */
  protected async complete(_api: ControlApi, results: readonly Result[]): Promise<Result[]> {
    return [...results]
  }
  /** Checks the flags before anything is sent. @throws HeadscaleError (usage) */
  protected checkFlags(): void {}
  /** Checks one object as typed, before anything is sent. @throws HeadscaleError (usage) */
  protected checkWord(_word: string): void {}

  #single = ''

  protected override async runParsed(): Promise<void> {
    this.checkFlags()
    const {words, fromStdin} = await readTargetWords(this.named)
    for (const word of words) this.checkWord(word)
    if (this.selects && (words.length > 0 || fromStdin)) {
      throw usageError(`${this.noun.many} are named and selected`, 'use either names and ids, or selectors')
    }
    if (words.length === 1 && !fromStdin) {
      this.#single = words[0]!
      return super.runParsed()
    }
    if (words.length === 0 && !fromStdin && !this.selects) {
      const {usageLine} = await import('../help/usage.ts')
      throw usageError(`no ${this.noun.one} given`, `usage: ${usageLine(this.ctor.id)}`)
    }
    return this.#changeMany({words, fromStdin})
  }

  protected override async plan(api: ControlApi): Promise<ChangePlan<Result>> {
    const [target] = await this.prepare(api, [await this.resolve(api, this.#single, {alone: true})])
    const plan = await this.planTarget(api, target!)
    return {
      ...plan,
      apply: async () => (await this.complete(api, [await plan.apply()]))[0]!,
    }
  }

  async #changeMany({words}: TargetWords): Promise<void> {
    const {changeMany} = await import('./bulk/change-many.ts')
    const {
      max,
      concurrency,
      'dry-run': dryRun,
    } = this.flags as {
      max?: number
      concurrency?: number
      'dry-run'?: boolean
    }
    const {result} = await this.onServer({reading: false}, (api) =>
      changeMany<Target, Result>({
        api,
        io: this.io,
        words: this.selects ? null : words,
        noun: this.noun,
        verb: this.verb,
        command: this.invokedAs.join(' '),
        consequence: this.consequence,
        reportsUnchanged: this.reportsUnchanged,
        options: {forced: this.forced, dryRun: dryRun === true, max, concurrency, machineOutput: this.machineOutput},
        select: (cached) => this.select(cached),
        resolve: (cached, word) => this.resolve(cached, word, {alone: false}),
        prepare: (cached, targets) => this.prepare(cached, targets),
        idOf: (target) => this.idOf(target),
        describe: (target) => this.describe(target),
        labelOf: (word) => this.labelOf(word),
        planTarget: (cached, target) => this.planTarget(cached, target),
        complete: (results) => this.complete(api, results),
      }),
    )
    // Like any error, a run that does nothing prints nothing on standard output.
    const {error, results, changes, text} = result
    if (error && results.length + changes.length + text.length === 0) throw error
    await this.print(
      () => text,
      async () =>
        result.dryRun
          ? (await import('../../render/document/dry-run.ts')).dryRunDocument(changes)
          : this.documents(results),
    )
    await this.io.flush()
    if (error) throw error
  }
}
