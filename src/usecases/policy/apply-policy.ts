/**
 * Replaces the policy of a server so that the old one stays at work unless the new one is known to be: it is saved first,
 * a change by somebody else is noticed before the write, what the server has is read back, and if the server rejects the
 * new policy or the run is interrupted, the old one is put back (restore-policy.ts).
 */
import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {type ErrorCode, HeadscaleError} from '../../errors.ts'
import {type Replacement, restorePolicy, type Restored} from './restore-policy.ts'
import {readServerPolicy} from './server-policy.ts'

export interface ApplyHost {
  /** Saves the old policy. @returns a function that removes it again */
  save(text: string): () => void
  /** Whether the user has interrupted the run, which is not ended before the server is in a known state. */
  interrupted(): boolean
}

/**
 * @throws HeadscaleError (cancelled) if it was interrupted, (failed) for a change by somebody else, and the error of the
 * server; the hint says which policy is at work
 */
export async function applyPolicy(
  api: ControlApi,
  {text, before}: Replacement,
  host: ApplyHost,
): Promise<StoredPolicy> {
  const now = await readStored(api)
  if (!isSame(now, before)) throw changedMeanwhile(before, now)
  if (host.interrupted()) throw cancelled('nothing was changed')
  const forget = before === null ? () => {} : host.save(before.text)
  const restore = async (isRejected: boolean) => {
    const restored = await restorePolicy(api, {text, before}, {isRejected})
    // It is at work, so it is not an old one.
    if (restored.isAtWork) forget()
    return restored
  }
  // A dry run ends here, and so does what the server did not begin.
  const error = await api.policy.set(text).then(
    () => null,
    (reason: unknown) => {
      if (reason instanceof HeadscaleError && !NOT_BEGUN.has(reason.code)) return reason
      forget()
      throw reason
    },
  )
  if (error && !hasNoReply(error)) throw withState(error, await restore(true))
  const stored = await readBack(api, error)
  if (stored?.text !== text) {
    const restored = await restore(error !== null)
    throw error ? withState(error, restored) : withState(notStored(), restored)
  }
  if (host.interrupted()) throw cancelled((await restore(false)).sentence)
  return stored
}

/** The server has not looked at the policy. */
const NOT_BEGUN: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'permission-denied', 'unsupported-by-server'])

async function readStored(api: ControlApi): Promise<StoredPolicy | null> {
  const policy = await readServerPolicy(api)
  return policy.mode === 'database' ? policy.stored : null
}

/** @param error why it is not known whether the policy was stored */
async function readBack(api: ControlApi, error: HeadscaleError | null): Promise<StoredPolicy | null> {
  try {
    return await readStored(api)
  } catch (reason) {
    if (!(reason instanceof HeadscaleError)) throw reason
    const {code, message, details} = error ?? reason
    throw new HeadscaleError(code, message, {
      hint: `${error === null ? 'the new policy was set, but not read back' : 'it is not known whether the policy was replaced'}: see headscale-ts policy get; to go back: headscale-ts policy rollback`,
      details,
      cause: reason,
    })
  }
}

/** Whether the server may have done it. */
function hasNoReply({code}: HeadscaleError): boolean {
  return code === 'timeout' || code === 'unreachable' || code === 'bad-reply'
}

function isSame(a: StoredPolicy | null, b: StoredPolicy | null): boolean {
  return a?.text === b?.text && a?.updatedAt?.getTime() === b?.updatedAt?.getTime()
}

function changedMeanwhile(before: StoredPolicy | null, now: StoredPolicy | null): HeadscaleError {
  const time = now?.updatedAt?.toISOString().replace(/\.\d+Z$/, 'Z')
  const what = before === null ? 'stored' : 'replaced'
  return new HeadscaleError(
    'failed',
    `somebody else has ${what} the policy${time === undefined ? '' : ` at ${time}`}`,
    {
      hint: 'nothing was changed; look at the new policy and run the command again: headscale-ts policy get',
      details: {conflict: true},
    },
  )
}

function notStored(): HeadscaleError {
  return new HeadscaleError('failed', 'the server accepted the policy, but it has another one now')
}

function cancelled(sentence: string): HeadscaleError {
  return new HeadscaleError('cancelled', `interrupted; ${sentence}`)
}

const LATER = 'The server may still replace it: look again with headscale-ts policy get'

function withState(error: HeadscaleError, {sentence, isAtWork}: Restored): HeadscaleError {
  const {code, message, hint, details, cause} = error
  return new HeadscaleError(code, message, {
    // Without a reply the hint is that nobody knows, which is no longer so.
    hint: [
      ...(hint === null || hasNoReply(error) ? [] : [hint]),
      sentence,
      ...(code === 'timeout' ? [LATER] : []),
    ].join('. '),
    details: {...details, oldPolicyAtWork: isAtWork},
    cause,
  })
}
