/**
 * The base of `policy apply`, `policy edit` and `policy rollback`: the policy is checked by the rules of the server's
 * release, its tests are run, the change is shown and asked about, the old policy is saved, and the new one replaces it.
 */
import type {Command} from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {countFindings, countText, findingDocument, findingLine, findingText} from '../../diagnostics/report.ts'
import {otherChange} from '../../domain/change.ts'
import {HeadscaleError} from '../../errors.ts'
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import {accessChangeText} from '../../render/access-change.ts'
import {policyDocument} from '../../render/document/policy.ts'
import {unifiedDiff} from '../../text/line-diff.ts'
import type {ChangePlan} from '../../usecases/change-plan.ts'
import {type Ensured, unchanged} from '../../usecases/ensured.ts'
import {applyPolicy} from '../../usecases/policy/apply-policy.ts'
import type {NamedText} from '../../usecases/policy/compare-policies.ts'
import {isSameText, readPolicyText} from '../../usecases/policy/policy-text.ts'
import {savedPoliciesFolder, savePolicy, serverName} from '../../usecases/policy/saved-policies.ts'
import {
  policyFileError,
  policyTextOf,
  readServerPolicy,
  type ServerPolicy,
} from '../../usecases/policy/server-policy.ts'
import {connectionWords} from '../args/connection-words.ts'
import {confirmationFlags} from '../flags.ts'
import {ChangeCommand, changeCommandFlags} from './change-command.ts'
import {holdInterrupts} from './interruptible.ts'

export const applyPolicyFlags = {
  ...changeCommandFlags,
  ...confirmationFlags,
  'no-check': Flags.boolean({description: 'leave the check to the server: no rules of its release, no tests'}),
}

/** Rows of access that are shown before the question. */
const MAX_ROWS = 40

/** A policy to apply. */
export interface PolicySource {
  text: string
  /** As in findings and in the diff. */
  name: string
  /** As on the command line; null for a text that is in no file. */
  file: string | null
  allowEmpty: boolean
}

export abstract class ApplyPolicyCommand<C extends typeof Command> extends ChangeCommand<
  C,
  Ensured<StoredPolicy>,
  typeof applyPolicyFlags
> {
  static override baseFlags: typeof applyPolicyFlags = applyPolicyFlags

  /** The new policy. @param policy what the server has */
  protected abstract source(api: ControlApi, policy: ServerPolicy): Promise<PolicySource> | PolicySource

  /** What the server has, which the new policy replaces. */
  protected current(api: ControlApi): Promise<ServerPolicy> {
    return readServerPolicy(api)
  }

  protected override async plan(api: ControlApi): Promise<ChangePlan<Ensured<StoredPolicy>>> {
    const policy = await this.current(api)
    const source = await this.source(api, policy)
    const {text, warnings} = readPolicyText(source.text, {allowEmpty: source.allowEmpty, server: api.server})
    const old = policyTextOf(policy)
    if (old !== null && isSameText(old, text)) return this.#same(policy, old)
    const tailnet = await this.#tailnet(api)
    if (!this.flags['no-check']) await this.#check(api, text, source.name, tailnet)
    // Of a server before 0.23 the old text is not known.
    if (old !== null || policy.mode === 'database') {
      await this.#show(api, {name: serverName(api.server), text: old}, {name: source.name, text}, tailnet)
    }
    if (policy.mode === 'file') throw await this.#fileError(api, source)

    const {stored} = policy
    const server = serverName(api.server)
    const folder = stored === null || this.flags['dry-run'] ? null : savedPoliciesFolder(this.io)
    if (stored !== null && folder === null && !this.flags['dry-run']) {
      this.warn(
        'the old policy is not saved: there is no safe place for it (set XDG_STATE_HOME to a folder of your own)',
      )
    }
    return {
      changes: [
        otherChange({
          action: 'replace',
          kind: 'policy',
          summary: `replace the policy of ${server}`,
          before: stored && {policy: stored.text},
          after: {policy: text},
        }),
      ],
      question: `Replace the policy of ${server}?`,
      warnings: [
        ...(this.flags['no-check'] ? warnings : []),
        ...(text === '' ? ['headscale keeps the policy that is at work until it restarts'] : []),
      ],
      apply: async () => {
        const held = holdInterrupts(this.io, () => this.notice('interrupted: the old policy stays, or is put back'))
        try {
          const object = await applyPolicy(
            api,
            {text, before: stored},
            {
              interrupted: held.interrupted,
              save: (before) => (folder === null ? () => {} : savePolicy(folder, server, before, this.io.now())),
            },
          )
          if (folder !== null) {
            const words = connectionWords(this.flags)
            this.note(`the old policy is saved; to go back: headscale-ts policy rollback${words}`)
          }
          return {outcome: stored === null ? 'created' : 'updated', object}
        } finally {
          held.release()
        }
      },
    }
  }

  protected override view({outcome}: Ensured<StoredPolicy>) {
    return outcome === 'unchanged' ? 'Policy unchanged: the server has this text.\n' : 'Policy updated.\n'
  }

  protected override document({outcome, object}: Ensured<StoredPolicy>) {
    if (outcome === 'unchanged') this.note('policy unchanged: the server has this text')
    return policyDocument(object)
  }

  #same(policy: ServerPolicy, text: string): ChangePlan<Ensured<StoredPolicy>> {
    if (policy.mode === 'database') return unchanged(policy.stored!)
    this.note('the server reads its policy from a file; if it is not at work yet: systemctl reload headscale')
    return unchanged({text, updatedAt: null})
  }

  /** @returns null for a release whose rules are not known */
  async #tailnet(api: ControlApi): Promise<Tailnet | null> {
    const [{knowsPolicyRelease}, {releaseOf}] = await Promise.all([
      import('../../policy/releases.ts'),
      import('../../usecases/policy/check-file.ts'),
    ])
    if (!knowsPolicyRelease(releaseOf(api))) return null
    const {readServerTailnet} = await import('../../usecases/policy/server-tailnet.ts')
    return readServerTailnet(api)
  }

  /** Prints findings. @throws HeadscaleError (invalid-input) if there are errors */
  async #check(api: ControlApi, text: string, name: string, tailnet: Tailnet | null): Promise<void> {
    if (tailnet === null) {
      this.note(`the policy is not checked: the rules of headscale ${api.server.releases} are not known`)
      return
    }
    const {checkOnServer} = await import('../../usecases/policy/check-file.ts')
    const {findings, release} = await checkOnServer(api, text, name, tailnet)
    const {errors} = countFindings(findings)
    if (!this.machineOutput) for (const finding of findings) this.notice(findingText(finding).trimEnd())
    if (errors === 0) {
      if (this.machineOutput) for (const finding of findings) this.warn(findingLine(finding))
      return
    }
    throw new HeadscaleError('invalid-input', `${name}: ${countText(findings)} (headscale ${release})`, {
      hint: 'nothing was changed; correct the policy, or leave the check to the server: --no-check',
      details: {release, findings: findings.map(findingDocument)},
    })
  }

  /** What changes, before the question; for a document without one, it is left out. */
  async #show(
    api: ControlApi,
    from: NamedText,
    to: NamedText & {text: string},
    tailnet: Tailnet | null,
  ): Promise<void> {
    if (this.machineOutput && (this.forced || this.flags['dry-run'] || !this.io.canAsk)) return
    this.notice(unifiedDiff(from.text ?? '', to.text, from.text === null ? '/dev/null' : from.name, to.name).trimEnd())
    if (tailnet === null) return
    const [{compareForTailnet}, {releaseOf}] = await Promise.all([
      import('../../usecases/policy/compare-policies.ts'),
      import('../../usecases/policy/check-file.ts'),
    ])
    const access = compareForTailnet(from, to, tailnet, releaseOf(api))
    if ('unknown' in access) this.note(`access is not compared: ${access.unknown}`)
    else this.notice(accessChangeText(access, {max: MAX_ROWS}).trimEnd())
  }

  async #fileError(api: ControlApi, {file}: PolicySource): Promise<HeadscaleError> {
    return policyFileError(api, {file, path: await this.policyPath(api)})
  }

  /** The file that a server on this machine reads its policy from, if its configuration says so. */
  protected async policyPath({server}: ControlApi): Promise<string | null> {
    if (server.socketPath === null) return null
    const {configuredPolicyPath} = await import('../../config/policy-path.ts')
    const {env, home, cwd} = this.io
    return configuredPolicyPath({config: this.flags.config ?? (env.HEADSCALE_CONFIG || undefined), home, cwd})
  }
}
