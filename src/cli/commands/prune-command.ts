/**
 * The base of commands that choose by themselves what to delete: `prune` of nodes and keys, and `nodes dedupe`. Selector flags only narrow
 * the choice, so that without any flag the default holds. They are bulk changes in everything else.
 */
import type {Command} from '@oclif/core/command'
import type {ControlApi} from '../../api/control-api.ts'
import {TargetsCommand} from './targets-command.ts'

export abstract class PruneCommand<C extends typeof Command, Target, Result> extends TargetsCommand<C, Target, Result> {
  protected override readonly verb = 'delete'

  protected abstract override select(api: ControlApi): Promise<Target[]>

  protected override get named(): readonly string[] {
    return []
  }

  protected override get selects(): boolean {
    return true
  }

  protected override resolve(): never {
    throw new Error('nothing is named on this command line')
  }

  /** Every run prints its changes as a bulk change. */
  protected override view(): string {
    return ''
  }

  /** Says what a default leaves alone, and the flag that includes it. */
  protected leftAlone(count: number, what: {one: string; many: string}, flag: string): void {
    if (count > 0) this.note(`left alone: ${count} ${count === 1 ? what.one : what.many} (${flag} includes them)`)
  }
}
