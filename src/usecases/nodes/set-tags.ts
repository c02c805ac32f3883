/** Changes of the tags of a node: side effects, and tags that the server would reject. */
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
  const leaves = tagsArePermanent && node.user !== null && tags.length > 0 && node.tags.length === 0
  const warnings = leaves ? leavingWarning(node) : []
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

/**
 * Plans to add and remove these tags and to keep the others. Where the node permanently leaves its user by it, this needs
 * a confirmation. No changes if the node has the tags already.
 * @param node as lists show it
 * @throws HeadscaleError as planTags; (invalid-input) for a tag that cannot be removed; (unsupported-by-server)
 */
export async function planTagChange(
  api: ControlApi,
  node: Node,
  {add, remove}: {add: readonly string[]; remove: readonly string[]},
): Promise<ChangePlan<Node>> {
  api.requireReported('node-tags', add.length > 0 ? '--add' : '--remove')
  const {tagsArePermanent, clearsTags} = api.server.capabilities
  checkRemovable(node, remove)
  // Tags that the client requests stay its own: setting them here would keep them when it stops requesting them.
  const own = node.tags.filter((tag) => !node.requestedTags.includes(tag))
  const added = add.filter((tag) => !node.tags.includes(tag))
  const kept = own.filter((tag) => !remove.includes(tag))
  if (added.length === 0 && kept.length === own.length) return {changes: [], apply: async () => node}
  const tags = [...kept, ...added]
  if (tags.length === 0 && !clearsTags) {
    throw new HeadscaleError('invalid-input', `${nodeName(node)} would lose its last tag, ${own.join(', ')}`, {
      hint: 'a tagged node always has a tag on this server: add another one with --add',
    })
  }
  const plan = await planTags(api, node, tags)
  const leaves = tagsArePermanent && node.user !== null && node.tags.length === 0
  const question = leaves ? `Do you want to add ${added.join(', ')} to ${describeNode(node)}?` : null
  return {...plan, question: plan.question ?? question, warnings: leaves ? leavingWarning(node) : []}
}

/** A tag that the client requests and the policy allows is not stored with the node (up to 0.27). */
function checkRemovable(node: Node, remove: readonly string[]): void {
  const requested = remove.filter((tag) => node.requestedTags.includes(tag))
  if (requested.length === 0) return
  throw new HeadscaleError(
    'invalid-input',
    `${requested.join(', ')} of ${nodeName(node)} cannot be removed here: its client requests it and the policy allows it`,
    {
      hint: 'remove it from --advertise-tags on the node, or from tagOwners in the policy',
      details: {id: node.id, tags: requested},
    },
  )
}

/** @param node one that belongs to a user */
function leavingWarning(node: Node): string[] {
  return [
    `${nodeName(node)} permanently leaves user ${userLabel(node.user!)}: on this server a tagged node belongs to its tags`,
  ]
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
