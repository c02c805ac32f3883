/**
 * The differences of two maps by meaning: formats, the order of regions and explicit defaults are ignored.
 *
 * Regions are matched by id, nodes by name. The order of nodes counts, because clients prefer the first.
 */
import {printable} from '../text/untrusted.ts'
import {NODE_FIELDS, REGION_FIELDS, derpPortOf, stunPortOf} from './map.ts'
import type {DerpMap, DerpNode, DerpRegion, Field} from './map.ts'
import type {DifferencesDocument} from './map-schemas.ts'

/** One difference, as it is published. */
export type Difference = DifferencesDocument[number]

/**
 * The differences from one map to another, regions by id; empty when they have the same meaning. A region that is null
 * differs from one that is absent: it removes the region of another source.
 */
export function diffMaps(from: DerpMap, to: DerpMap): Difference[] {
  const ids = [...new Set([...from.regions.keys(), ...to.regions.keys()])].sort((a, b) => a - b)
  return ids.flatMap((id) => {
    const path = String(id)
    const [old, now] = [from.regions.get(id), to.regions.get(id)]
    if (old && now) return diffRegion(path, old, now)
    if (old === now) return []
    if (old === undefined) return [{change: 'added' as const, path, from: null, to: summary(now)}]
    if (now === undefined) return [{change: 'removed' as const, path, from: summary(old), to: null}]
    return [{change: 'changed' as const, path, from: summary(old), to: summary(now)}]
  })
}

function diffRegion(path: string, old: DerpRegion, now: DerpRegion): Difference[] {
  const differences = diffFields(path, REGION_FIELDS, old, now)
  const before = byName(old.nodes)
  const after = byName(now.nodes)
  for (const [name, node] of before) {
    const other = after.get(name)
    if (other === undefined)
      differences.push({change: 'removed', path: `${path}/${name}`, from: node.hostName, to: null})
    else differences.push(...diffFields(`${path}/${name}`, NODE_FIELDS, normalise(node), normalise(other)))
  }
  for (const [name, node] of after) {
    if (!before.has(name)) differences.push({change: 'added', path: `${path}/${name}`, from: null, to: node.hostName})
  }
  const common = (names: Iterable<string>, others: Map<string, DerpNode>) =>
    [...names].filter((name) => others.has(name)).join(', ')
  const [order, newOrder] = [common(before.keys(), after), common(after.keys(), before)]
  if (order !== newOrder)
    differences.push({change: 'changed', path: `${path} order of nodes`, from: order, to: newOrder})
  return differences
}

/** Nodes by name; nodes with the same name (an error of the map) get a number. */
function byName(nodes: readonly DerpNode[]): Map<string, DerpNode> {
  const named = new Map<string, DerpNode>()
  for (const node of nodes) {
    let name = node.name
    for (let count = 2; named.has(name); count++) name = `${node.name}#${count}`
    named.set(name, node)
  }
  return named
}

/** A node with its defaults written out, so that `derpport: 443` equals an absent one. */
function normalise(node: DerpNode): DerpNode {
  return {
    ...node,
    derpPort: derpPortOf(node),
    stunPort: stunPortOf(node) ?? -1,
    certName: node.certName === node.hostName ? '' : node.certName,
  }
}

function diffFields<T>(path: string, fields: readonly Field<T>[], old: T, now: T): Difference[] {
  return fields
    .filter(({key}) => old[key] !== now[key])
    .map(({key, go}) => {
      return {change: 'changed', path: `${path} ${go.toLowerCase()}`, from: plain(old[key]), to: plain(now[key])}
    })
}

function plain(value: unknown): string | number | boolean {
  return value as string | number | boolean
}

function summary(region: DerpRegion | null | undefined): string {
  if (region === undefined) return ''
  return region === null ? 'null' : `${region.regionCode} (${region.nodes.map((node) => node.hostName).join(', ')})`
}

/** `+`, `-` and `~` lines, one difference each. */
export function diffText(differences: readonly Difference[]): string {
  return differences
    .map(({change, path, from, to}) => {
      if (change === 'added') return `+ ${path}: ${show(to)}\n`
      if (change === 'removed') return `- ${path}: ${show(from)}\n`
      return `~ ${path}: ${show(from)} -> ${show(to)}\n`
    })
    .join('')
}

function show(value: string | number | boolean | null): string {
  return value === '' ? "''" : printable(String(value))
}
