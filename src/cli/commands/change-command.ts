/**
 * The steps of every command that changes something: plan → preview (`--dry-run`) or confirmation → apply. A command
 * makes the plan; only `apply` writes.
 */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {changeFlags} from '../flags.ts'
import type {NewSecret} from '../output/lost-secret.ts'
import {controlFlags, ServerCommand, type View} from './base-command.ts'
import {confirm} from './confirm.ts'
import {rehearse} from './rehearse.ts'

export const changeCommandFlags = {...controlFlags, ...changeFlags}

/** The result of a command, whether it is printed already, or the plan of a dry run. */
type Outcome<Result> = {result: Result; delivered: boolean} | {dryRun: ChangePlan<Result>}

export abstract class ChangeCommand<
  C extends typeof Command,
  Result,
  Base extends typeof changeCommandFlags = typeof changeCommandFlags,
> extends ServerCommand<C, Base> {
  static override baseFlags: typeof changeCommandFlags = changeCommandFlags

  /**
   * Reads, resolves names and checks; writes nothing. A dry run also includes the checks of the dialect, since it runs
   * `apply` on a transport that does not write.
   * @throws HeadscaleError if the change cannot be made
   */
  protected abstract plan(api: ControlApi): Promise<ChangePlan<Result>>
  /** The result as text. */
  protected abstract view(result: Result, server: ServerFacts): View | Promise<View>
  /** The result as plain JSON values. */
  protected abstract document(result: Result): unknown

  protected override async runParsed(): Promise<void> {
    const {result: outcome, server} = await this.onServer({reading: false}, (api) => this.carryOut(api))
    if ('dryRun' in outcome) return this.preview(outcome.dryRun)
    if (!outcome.delivered) await this.deliver(outcome.result, server)
  }

  /** Prints the result. */
  protected async deliver(result: Result, server: ServerFacts): Promise<void> {
    try {
      await this.print(
        () => this.view(result, server),
        () => this.document(result),
      )
      await this.io.flush()
    } catch (error) {
      const secret = this.secretOf(result)
      throw secret ? (await import('../output/lost-secret.ts')).lostSecret(secret, error) : error
    }
  }

  /** For results with a secret that is shown only once: how to find it, and how to expire or delete it. */
  protected secretOf(_result: Result): NewSecret | null {
    return null
  }

  /** Whether confirmation is skipped. */
  protected get forced(): boolean {
    return this.ownFlags.force === true
  }

  private get ownFlags() {
    return this.flags as {force?: boolean; 'dry-run'?: boolean}
  }

  private async carryOut(api: ControlApi): Promise<Outcome<Result>> {
    const plan = await this.plan(api)
    if (this.ownFlags['dry-run']) {
      await rehearse(plan)
      return {dryRun: plan}
    }
    if (plan.question) {
      this.printWarnings(plan)
      if (!this.forced) await confirm(this.io, plan.question)
      return this.applied(plan, api)
    }
    // Without a prompt the warnings follow the change, since a rejected change has no side effects.
    const outcome = await this.applied(plan, api)
    this.printWarnings(plan)
    return outcome
  }

  private async applied(plan: ChangePlan<Result>, {server}: ControlApi): Promise<Outcome<Result>> {
    const result = await plan.apply()
    if (!plan.afterwards) return {result, delivered: false}
    // The line about waiting for the server must not be in the way.
    this.io.progress(null)
    await this.deliver(result, server)
    await plan.afterwards()
    return {result, delivered: true}
  }

  /** Prints what `--dry-run` found. */
  protected async preview(plan: ChangePlan<Result>): Promise<void> {
    this.printWarnings(plan)
    await this.print(
      () => {
        for (const {summary} of plan.changes) this.notice(`would ${summary}`)
        if (plan.changes.length === 0) this.notice('nothing to change')
        return ''
      },
      async () => (await import('../../render/document/dry-run.ts')).dryRunDocument(plan.changes),
    )
  }

  private printWarnings({warnings = []}: ChangePlan<Result>): void {
    for (const warning of warnings) this.warn(warning)
  }
}
