/** Replaces all tags of a node: side effects, and tags that the server would reject. */
import type {ControlApi} from '../../api/control-api.ts'
import {nodeChange} from '../../domain/change.ts'
import {describeNode, nodeName, type Node} from '../../domain/node.ts'
import {userLabel} from '../../domain/user.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'

/**
 * Plans to set exactly these tags. Removing all tags needs a confirmation.
 * @param node as lists show it
 * @throws HeadscaleError (invalid-input) for a tag that the policy does not define, on a server that requires it
 */
export async function planTags(api: ControlApi, node: Node, tags: readonly string[]): Promise<ChangePlan<Node>> {
  const {tagsArePermanent, clearsTags} = api.server.capabilities
  if (tagsArePermanent && tags.length > 0) await checkTagsAreInPolicy(api, tags)
  const kept = node.requestedTags.filter((tag) => !tags.includes(tag))
  const after = [...tags, ...kept]
  const warnings = []
  if (tagsArePermanent && node.user && tags.length > 0 && node.tags.length === 0) {
    warnings.push(
      `${nodeName(node)} permanently leaves user ${userLabel(node.user)}: on this server a tagged node belongs to its tags`,
    )
  }
  if (kept.length > 0) {
    warnings.push(`${nodeName(node)} keeps ${kept.join(', ')}: its client requests this and the policy allows it`)
  }
  return {
    changes: [
      nodeChange(
        node,
        {action: 'tag', before: {tags: node.tags}, after: {tags: after}},
        `: ${after.join(', ') || 'no tags'}`,
      ),
    ],
    // On a release that cannot clear tags `apply` fails, so there is nothing to confirm.
    question:
      tags.length === 0 && node.tags.length > 0 && clearsTags
        ? `Do you want to remove all tags of ${describeNode(node)}?`
        : null,
    warnings,
    apply: () =>
      api.nodes.setTags(node, tags).catch((error: unknown) => {
        throw tagsArePermanent && error instanceof HeadscaleError && error.code === 'invalid-input'
          ? withOwnersHint(error)
          : error
      }),
  }
}

/** These servers accept only tags that the policy lists under tagOwners. If the policy cannot be read, they decide. */
async function checkTagsAreInPolicy(api: ControlApi, tags: readonly string[]): Promise<void> {
  const known = await tagsOfPolicy(api)
  const unknown = known ? tags.filter((tag) => !known.has(tag)) : []
  if (unknown.length === 0) return
  throw withOwnersHint(
    new HeadscaleError('invalid-input', `tag not in the tagOwners of the policy: ${unknown.join(', ')}`, {
      details: {tags: unknown},
    }),
  )
}

/** @returns null where the policy cannot be read */
async function tagsOfPolicy(api: ControlApi): Promise<Set<string> | null> {
  try {
    const [{text}, {isBlankPolicy}, {parseHuJson}] = await Promise.all([
      api.policy.get(),
      import('../policy/policy-text.ts'),
      import('../../syntax/json.ts'),
    ])
    if (isBlankPolicy(text)) return new Set()
    const policy = parseHuJson(text) as {tagOwners?: object | null} | null
    return new Set(Object.keys(policy?.tagOwners ?? {}))
  } catch (error) {
    if (error instanceof HeadscaleError) return error.code === 'not-found' ? new Set() : null
    throw error
  }
}

function withOwnersHint({code, message, details, cause}: HeadscaleError): HeadscaleError {
  const hint = 'name the tag and its owners under tagOwners in the policy: headscale-ts policy set -f FILE'
  return new HeadscaleError(code, message, {hint, details, cause})
}
