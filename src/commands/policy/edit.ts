import {unlinkSync} from 'node:fs'
import * as Flags from '@oclif/core/flags'
import type {ControlApi} from '../../api/control-api.ts'
import {connectionWords} from '../../cli/args/connection-words.ts'
import {readTextFile} from '../../cli/args/text-file.ts'
import {ApplyPolicyCommand} from '../../cli/commands/apply-policy-command.ts'
import {holdInterrupts} from '../../cli/commands/interruptible.ts'
import {shellWord} from '../../deploy/shell.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {policyDocument} from '../../render/document/policy.ts'
import {editorOf, runEditor} from '../../system/editor.ts'
import {createDraft, FIRST_POLICY} from '../../usecases/policy/drafts.ts'
import {isSameText} from '../../usecases/policy/policy-text.ts'
import {
  policyFileError,
  policyTextOf,
  readServerPolicy,
  type ServerPolicy,
} from '../../usecases/policy/server-policy.ts'

export default class PolicyEdit extends ApplyPolicyCommand<typeof PolicyEdit> {
  static override summary = 'Edit the policy of the server in $VISUAL or $EDITOR'
  static override description =
    'Opens a draft of the policy in the editor, then does what policy apply does: checks, shows the change, asks, saves ' +
    'the old policy and replaces it. With errors, the draft can be edited again. A draft that was not applied is kept, and ' +
    'its path is printed. If nothing was changed in the editor, nothing is sent.'
  static override examples = ['<%= config.bin %> policy edit', 'EDITOR="code --wait" <%= config.bin %> policy edit']
  static override flags = {
    'allow-empty': Flags.boolean({description: 'accept an empty policy, with which every node can reach every other'}),
  }

  /** What the server had when the editor was opened. */
  #base!: ServerPolicy
  #draft = ''

  protected override async runParsed(): Promise<void> {
    const editor = editorOf(this.io.env) ?? (this.io.canAsk ? (process.platform === 'win32' ? 'notepad' : 'vi') : null)
    if (editor === null)
      throw usageError('no editor is named', 'set VISUAL or EDITOR, as in: EDITOR=vi headscale-ts policy edit')
    // Not connected while somebody edits.
    const {result} = await this.onServer({reading: true}, async (api) => this.#startingPoint(api))
    this.#base = result
    const first = policyTextOf(result) ?? FIRST_POLICY
    this.#draft = createDraft(first, {env: this.io.env, home: this.io.home, now: this.io.now()})
    for (;;) {
      await this.#edit(editor)
      if (isSameText(await readTextFile(this.#draft), first)) {
        unlinkSync(this.#draft)
        return this.#printUnchanged()
      }
      try {
        await super.runParsed()
        if (this.flags['dry-run']) this.#noteDraft()
        else unlinkSync(this.#draft)
        return
      } catch (error) {
        await this.#editAgainOrEnd(error)
      }
    }
  }

  protected override async current() {
    return this.#base
  }

  protected override async source() {
    const text = await readTextFile(this.#draft)
    return {text, name: this.#draft, file: this.#draft, allowEmpty: this.flags['allow-empty']}
  }

  #printUnchanged(): Promise<void> {
    this.note('nothing was changed in the editor; nothing was sent')
    const stored = this.#base.mode === 'database' ? this.#base.stored : null
    return this.print(
      () => '',
      () => policyDocument(stored ?? {text: '', updatedAt: null}),
    )
  }

  async #startingPoint(api: ControlApi): Promise<ServerPolicy> {
    const policy = await readServerPolicy(api)
    if (policy.mode === 'database') return policy
    throw policyFileError(api, {file: null, path: await this.policyPath(api)})
  }

  async #edit(editor: string): Promise<void> {
    // Ctrl-C in the editor is for the editor.
    const held = holdInterrupts(this.io, () => {})
    const status = await runEditor(editor, this.#draft, this.io.env).finally(held.release)
    if (status === 0) return
    this.#noteDraft()
    throw new HeadscaleError('failed', `the editor ended with status ${status}; nothing was changed`, {
      hint: 'its command line is in VISUAL or EDITOR',
    })
  }

  /** Offers to correct a policy that has errors or that the server rejects. @throws if it is not edited again */
  async #editAgainOrEnd(error: unknown): Promise<void> {
    if (error instanceof HeadscaleError && error.code === 'invalid-input' && this.io.canAsk) {
      this.notice(`error: ${error.message}`)
      if (error.hint !== null) this.notice(`hint: ${error.hint}`)
      if (await this.io.ask('Edit the draft again?').catch(() => false)) return
      throw new HeadscaleError('invalid-input', 'the draft is not applied', {hint: this.#draftText(), cause: error})
    }
    this.#noteDraft()
    throw error
  }

  #draftText(): string {
    return `the draft is kept; to apply it: headscale-ts policy apply ${shellWord(this.#draft)}${connectionWords(this.flags)}`
  }

  #noteDraft(): void {
    this.note(this.#draftText())
  }
}
