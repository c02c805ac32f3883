/**
 * The base of commands that make something so, and do nothing if it is so already. Both end with status 0, and the
 * output says which: `created …` or `unchanged …` as text, as a note beside a document.
 */
import type {Command} from '@oclif/core/command'
import type {Ensured} from '../../usecases/ensured.ts'
import {ChangeCommand} from './change-command.ts'

export abstract class EnsureCommand<C extends typeof Command, T> extends ChangeCommand<C, Ensured<T>> {
  /** The object in messages, without secrets: `user ops (id 3)`. */
  protected abstract describe(object: T): string
  protected abstract objectDocument(object: T): unknown

  protected override view(ensured: Ensured<T>): string {
    return `${this.sentence(ensured)}\n`
  }

  /** The document has the same fields as that of every other command, so what happened is a note. */
  protected override document(ensured: Ensured<T>): unknown {
    this.note(this.sentence(ensured))
    return this.objectDocument(ensured.object)
  }

  protected sentence({outcome, object}: Ensured<T>): string {
    return `${outcome} ${this.describe(object)}`
  }
}
