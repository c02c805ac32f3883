/**
 * What is different between two maps, by meaning: formats, order of regions, spelled-out defaults do not count.
 *
 * Regions are matched by id, nodes by name. The order of nodes counts, since clients prefer the first.
 */
import {printable} from '../text/untrusted.ts'
import {NODE_FIELDS, REGION_FIELDS, derpPortOf, regionEntries, stunPortOf} from './map.ts'
import type {DerpMap, DerpNode, DerpRegion, Field} from './map.ts'
import type {DifferencesDocument} from './map-schemas.ts'

/** One difference, as it is published. */
export type Difference = DifferencesDocument[number]

/** The differences from one map to another, regions by id; empty when they mean the same. */
export function diffMaps(from: DerpMap, to: DerpMap): Difference[] {
  const before = new Map(regionEntries(from))
  const after = new Map(regionEntries(to))
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b)
  return ids.flatMap((id) => {
    const [old, now] = [before.get(id), after.get(id)]
    if (old === undefined) return [{change: 'added' as const, path: String(id), from: null, to: summary(now)}]
    if (now === undefined) return [{change: 'removed' as const, path: String(id), from: summary(old), to: null}]
    return diffRegion(String(id), old, now)
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

/** Nodes by name; a name that stands twice (which is an error of the map) keeps its nodes apart by number. */
function byName(nodes: readonly DerpNode[]): Map<string, DerpNode> {
  const named = new Map<string, DerpNode>()
  for (const node of nodes) {
    let name = node.name
    for (let count = 2; named.has(name); count++) name = `${node.name}#${count}`
    named.set(name, node)
  }
  return named
}

/** A node with its defaults spelled out, so that `derpport: 443` equals none. */
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

function summary(region: DerpRegion | undefined): string {
  return region === undefined ? '' : `${region.regionCode} (${region.nodes.map((node) => node.hostName).join(', ')})`
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
