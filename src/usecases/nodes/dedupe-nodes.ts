/**
 * Deletes the duplicate nodes of machines. Each deleted node is one target of a bulk change; the one that frees the clean
 * name also renames the node that is kept.
 */
import type {ControlApi} from '../../api/control-api.ts'
import {becauseOf, nodeChange} from '../../domain/change.ts'
import {type DuplicateNodes, type DuplicateRules, findDuplicates, nameWithoutSuffix} from '../../domain/duplicates.ts'
import {describeNode, type Node, nodeName} from '../../domain/node.ts'
import type {NodeSelector} from '../../domain/selector.ts'
import {HeadscaleError} from '../../errors.ts'
import type {ChangePlan} from '../change-plan.ts'
import {deleteOfflineNode} from './delete-node.ts'
import {filterNodes, resolveSelector} from './select-nodes.ts'
import {withRoutes} from './with-routes.ts'

/** A node to delete. */
export interface DuplicateNode {
  node: Node
  kept: Node
  /** The new name of the node that is kept, if this deletion makes it possible; otherwise null. */
  newName: string | null
}

export interface DedupeOptions extends DuplicateRules {
  /** Deletes nodes although the one that is kept lacks their tags or approved routes. */
  allowLoss: boolean
  keepNames: boolean
}

export interface Duplicates {
  found: DuplicateNode[]
  /** Machines that are left alone, and names that are not free: one sentence each. */
  warnings: string[]
}

/** @param selector which of the duplicates to delete; null for all @throws HeadscaleError as selectNodes */
export async function selectDuplicateNodes(
  api: ControlApi,
  selector: NodeSelector<string> | null,
  now: Date,
  {byName, acrossUsers, allowLoss, keepNames}: DedupeOptions,
): Promise<Duplicates> {
  const resolved = selector && (await resolveSelector(api, selector))
  const nodes = await api.nodes.list()
  const groups = findDuplicates(nodes, {byName, acrossUsers})
  const warnings: string[] = []
  const single = groups.filter((group) => {
    if (group.online > 1) warnings.push(bothOnline(group))
    return group.online <= 1
  })
  const detailed = await withRoutesOf(api, single)
  const chosen =
    resolved &&
    (await filterNodes(
      api,
      detailed.flatMap(({others}) => others),
      resolved,
      now,
    ))
  const chosenIds = chosen && new Set(chosen.map(({id}) => id))
  const found: DuplicateNode[] = []
  for (const {kept, others} of detailed) {
    const deleted = others.filter(({id}) => chosenIds === null || chosenIds.has(id))
    const loss = allowLoss ? [] : deleted.flatMap((node) => lossOf(node, kept))
    if (loss.length > 0) {
      warnings.push(`${describeNode(kept)} and its duplicates are left alone: it lacks ${loss.join('; ')}`)
      continue
    }
    const name = keepNames || deleted.length === 0 ? null : cleanName(api, kept)
    const gone = new Set([kept, ...deleted].map(({id}) => id))
    const holder = name === null ? undefined : nodes.find(({id, givenName}) => givenName === name && !gone.has(id))
    if (holder) warnings.push(`${nodeName(kept)} keeps its name: ${describeNode(holder)} has the name ${name}`)
    const newName = holder ? null : name
    const renames = deleted.find(({givenName}) => givenName === newName) ?? deleted[0]
    for (const node of deleted) found.push({node, kept, newName: node === renames ? newName : null})
  }
  return {found, warnings}
}

export function planDedupe(api: ControlApi, {node, kept, newName}: DuplicateNode): ChangePlan<Node> {
  const deletion = becauseOf(`duplicate of ${describeNode(kept)}`, nodeChange(node, {action: 'delete'}))
  if (newName === null) return {changes: [deletion], apply: () => deleteDuplicate(api, node, kept)}
  const effect = {action: 'rename', before: {givenName: kept.givenName}, after: {givenName: newName}}
  return {
    changes: [deletion, nodeChange(kept, effect, ` to ${newName}`)],
    async apply() {
      await deleteDuplicate(api, node, kept)
      try {
        await api.nodes.rename(kept, newName)
      } catch (error) {
        throw error instanceof HeadscaleError ? notRenamed(error, kept, newName) : error
      }
      return node
    },
  }
}

/** Only while the node that is kept exists. */
async function deleteDuplicate(api: ControlApi, node: Node, kept: Node): Promise<Node> {
  await api.nodes.get(kept.id)
  return deleteOfflineNode(api, node)
}

/** A second run finds no duplicates any more, so the error says what is left to do. */
function notRenamed({code, message, details}: HeadscaleError, {id}: Node, newName: string): HeadscaleError {
  const command = `headscale-ts nodes rename -i ${id} ${newName}`
  return new HeadscaleError(code, `deleted, but renaming node ${id} failed: ${message}; to rename it: ${command}`, {
    details,
  })
}

/** The groups, whose nodes have their routes. */
async function withRoutesOf(api: ControlApi, groups: readonly DuplicateNodes[]): Promise<DuplicateNodes[]> {
  const nodes = await withRoutes(
    api,
    groups.flatMap(({kept, others}) => [kept, ...others]),
  )
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return groups.map(({kept, others, online}) => ({
    kept: byId.get(kept.id)!,
    others: others.map(({id}) => byId.get(id)!),
    online,
  }))
}

/** The clean name of the node, where the release has given names. */
function cleanName({server: {capabilities}}: ControlApi, kept: Node): string | null {
  return nameWithoutSuffix(kept, {numbered: capabilities.numbersTakenNames})
}

/** What an administrator gave the node and not the one that is kept. */
function lossOf(node: Node, kept: Node): string[] {
  const approved = new Set(kept.routes?.approved)
  const routes = (node.routes?.approved ?? []).filter((prefix) => !approved.has(prefix))
  const tags = node.tags.filter((tag) => !kept.tags.includes(tag))
  return [
    ...(routes.length > 0 ? [`the approved routes ${routes.join(', ')} of ${describeNode(node)}`] : []),
    ...(tags.length > 0 ? [`the tags ${tags.join(', ')} of ${describeNode(node)}`] : []),
  ]
}

function bothOnline({kept, others}: DuplicateNodes): string {
  const online = [kept, ...others].filter((node) => node.online).map(describeNode)
  return `left alone, since more than one is online: ${online.join('; ')}`
}
