/**
 * Puts the old policy back to work after a new one was rejected or is not wanted any more.
 *
 * What it takes depends on the release. 0.24 to 0.26 keep a rejected policy in memory until a valid one is set; the other
 * releases keep the old one. No release can remove a policy: 0.24 and later store the empty text, but keep the last policy
 * at work until they restart. So a server that had none gets one that means the same. A policy of somebody else is never
 * overwritten.
 */
import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'
import {readServerPolicy} from './server-policy.ts'

export interface Replacement {
  text: string
  /** What the server had when the change was checked and shown; null for no policy. */
  before: StoredPolicy | null
}

export interface Restored {
  /** Whether the policy from before, or one that means the same, is at work. */
  isAtWork: boolean
  /** Which policy is at work, and what to do about it. */
  sentence: string
}

/**
 * What a server does without a policy. From 0.27 on a policy without rules is exactly that; a rule for everything is not,
 * since it leaves out ICMP, or addresses outside of the tailnet. Up to 0.26 it is the other way round.
 */
function allowAll({server}: ControlApi): string {
  return server.capabilities.policyWithoutRulesAllowsAll
    ? '{}'
    : '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'
}

/** @param options.isRejected whether the server has rejected the new policy; never throws a HeadscaleError */
export async function restorePolicy(
  api: ControlApi,
  {text, before}: Replacement,
  {isRejected}: {isRejected: boolean},
): Promise<Restored> {
  try {
    const policy = await readServerPolicy(api)
    const stored = policy.mode === 'database' ? policy.stored : null
    const isOld = stored?.text === before?.text
    if (!isOld && stored?.text !== text) return otherPolicy()
    if (isOld && !(isRejected && api.server.capabilities.rejectedPolicyBreaksState)) {
      return {
        isAtWork: true,
        sentence: before === null ? 'there is still no policy' : 'the old policy is still at work',
      }
    }
    return await putBack(api, before)
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    return {
      isAtWork: false,
      sentence: `the old policy could not be put back (${error.message}): look with headscale-ts policy get, then run headscale-ts policy rollback`,
    }
  }
}

async function putBack(api: ControlApi, before: StoredPolicy | null): Promise<Restored> {
  if (before === null) {
    await api.policy.set(allowAll(api))
    return {
      isAtWork: true,
      sentence:
        'every node can reach every other, as before: a policy that says so is stored, since none can be removed',
    }
  }
  await api.policy.set(before.text)
  if (before.text === '') {
    return {
      isAtWork: false,
      sentence:
        'the stored policy is empty, as before, but the server keeps the last one until it restarts: restart headscale',
    }
  }
  const policy = await readServerPolicy(api)
  const isBack = policy.mode === 'database' && policy.stored?.text === before.text
  return isBack ? {isAtWork: true, sentence: 'the old policy is at work again'} : otherPolicy()
}

function otherPolicy(): Restored {
  return {isAtWork: false, sentence: 'somebody else has set another policy meanwhile, which is left as it is'}
}
