/**
 * The base of commands that create a key, whose secret is shown only once: alone on standard output, in a document, or in
 * a new file that only its user can read. The file is created before the key, so that a key is not lost for a wrong path.
 */
import type {Command} from '@oclif/core/command'
import type {ControlApi, ServerFacts} from '../../api/control-api.ts'
import {usageError} from '../../errors.ts'
import type {NewPrivateFile} from '../../system/new-private-file.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {secretFlags} from '../flags.ts'
import type {NewSecret} from '../output/lost-secret.ts'
import {ChangeCommand, changeCommandFlags} from './change-command.ts'

export const secretCommandFlags = {...changeCommandFlags, ...secretFlags}

export abstract class SecretCommand<
  C extends typeof Command,
  Result,
  Base extends typeof secretCommandFlags = typeof secretCommandFlags,
> extends ChangeCommand<C, Result, Base> {
  static override baseFlags: typeof secretCommandFlags = secretCommandFlags

  /** The plan as ChangeCommand has it. */
  protected abstract planSecret(api: ControlApi): Promise<ChangePlan<Result>>
  protected abstract secret(result: Result): string
  protected abstract override secretOf(result: Result): NewSecret

  /** The absolute path of `--output-file`; null if the secret is printed. */
  protected path: string | null = null
  #file: NewPrivateFile | null = null

  protected override async runParsed(): Promise<void> {
    const {'output-file': name, output} = this.flags as {'output-file'?: string; output?: string}
    if (name !== undefined) {
      if (output === 'key') throw usageError('-o key and --output-file cannot be used together', 'use one of them')
      const {newSecretFile} = await import('../output/secret-file.ts')
      this.path = newSecretFile(name, this.io.cwd)
    }
    return super.runParsed()
  }

  protected override async plan(api: ControlApi): Promise<ChangePlan<Result>> {
    const plan = await this.planSecret(api)
    const {path} = this
    if (path === null || (this.flags as {'dry-run'?: boolean})['dry-run']) return plan
    return {...plan, apply: () => this.#withFile(path, () => plan.apply())}
  }

  /** Writes the secret to its file, if there is one, then prints the rest. */
  protected override async deliver(result: Result, server: ServerFacts): Promise<void> {
    const {path} = this
    if (this.#file === null || path === null) return super.deliver(result, server)
    try {
      this.#file.write(`${this.secret(result)}\n`)
    } catch (error) {
      const [{unwrittenSecret}, {writeFailure}] = await Promise.all([
        import('../output/lost-secret.ts'),
        import('../io/write-errors.ts'),
      ])
      throw unwrittenSecret(this.secretOf(result), path, writeFailure(error), error)
    }
    if (!this.machineOutput) this.notice(`wrote ${this.secretOf(result).what} to ${path}`)
    return super.deliver(result, server)
  }

  protected override view(result: Result): string {
    return this.path === null ? `${this.secret(result)}\n` : ''
  }

  async #withFile(path: string, create: () => Promise<Result>): Promise<Result> {
    const {createSecretFile} = await import('../output/secret-file.ts')
    const file = createSecretFile(path)
    // The key may be made already: the first Ctrl-C waits for the reply that contains it.
    const release = this.io.onInterrupt(() => this.notice('interrupted: waiting for the new key'))
    try {
      const result = await create()
      this.#file = file
      return result
    } catch (error) {
      file.discard()
      throw error
    } finally {
      release()
    }
  }
}
