/**
 * `setup check --fix`: writes replaced keys under their new names, and changes nothing else.
 *
 * Every step is compared: if the new text does not contain the same values under the new name, the step is left out.
 */
import {replacedKeys} from '../keys/replaced.ts'
import {SyntaxProblem} from '../../syntax/tree.ts'
import {parseYamlTree} from '../../syntax/yaml.ts'
import {parsePrefix} from '../config/values.ts'
import {moveKey, renameToken} from './move-key.ts'
import {locate} from './yaml-lines.ts'
import type {ConfigRules} from '../releases.ts'
import type {Tree} from '../../syntax/tree.ts'

/** One key that was renamed. */
export interface Renamed {
  from: string
  to: string
}

export interface FixedConfig {
  text: string
  renamed: Renamed[]
}

/** Renames every key that has a new name, unless that name is in the file already. */
export function fixRenames(text: string, rules: ConfigRules): FixedConfig {
  const renamed: Renamed[] = []
  let current = renameDnsBlock(text, rules)
  const isBlockRenamed = current !== text
  for (const {name, by} of replacedKeys(rules).values()) {
    if (by === null || !has(text, name)) continue
    const from = isBlockRenamed ? name.replace(/^dns_config\./, 'dns.') : name
    const next = from === by ? current : step(current, from, by)
    if (next === null) continue
    current = next
    renamed.push({from: name, to: by})
  }
  // Without any new name, the block keeps its own.
  return renamed.length === 0 ? {text, renamed} : {text: current, renamed}
}

function step(text: string, from: string, to: string): string | null {
  const next = to === 'prefixes' ? splitPrefixes(text) : moveKey(text, from, to)
  if (next === null) return null
  try {
    const [before, after] = [valuesOf(text), valuesOf(next)]
    if (to !== 'prefixes') {
      const moved = [...before].map(([key, value]): [string, string] => [moveName(key, from, to), value])
      return isSame(new Map(moved), after) ? next : null
    }
    for (const key of before.keys()) if (key.startsWith('ip_prefixes')) before.delete(key)
    for (const key of after.keys()) if (key.startsWith('prefixes.v')) after.delete(key)
    return isSame(before, after) ? next : null
  } catch (error) {
    if (error instanceof SyntaxProblem) return null
    throw error
  }
}

function moveName(key: string, from: string, to: string): string {
  return key === from || key.startsWith(`${from}.`) || key.startsWith(`${from}[`) ? to + key.slice(from.length) : key
}

/** `dns_config:` becomes `dns:` where it is, so that every comment in it stays. */
function renameDnsBlock(text: string, {flatKeys}: ConfigRules): string {
  if (flatKeys || locate(text, ['dns']) !== null) return text
  const block = locate(text, ['dns_config'])
  return block?.entry.value.kind === 'map' && !block.entry.value.flow ? renameToken(text, block, 'dns') : text
}

/** A list of at most one prefix of each family; its items become `v4` and `v6`, with the comments of their lines. */
function splitPrefixes(text: string): string | null {
  const found = locate(text, ['ip_prefixes'])
  if (found === null || locate(text, ['prefixes']) !== null || found.entry.value.kind !== 'list') return null
  const {entry, first, last} = found
  const {items, flow} = entry.value as Extract<Tree, {kind: 'list'}>
  const families = items.map((item) => (item.kind === 'scalar' ? parsePrefix(item.text)?.family : undefined))
  if (items.length === 0 || families.includes(undefined) || new Set(families).size !== items.length) return null
  const lines = text.split('\n')
  const own = lines.slice(first, last + 1)
  if (flow) {
    if (first !== last) return null
    const comment = /\]\s*(#.*)$/.exec(own[0]!)?.[1]
    const head = comment === undefined ? 'prefixes:' : `prefixes: ${comment}`
    const values = items.map((item, index) => `  v${families[index]!}: ${item.kind === 'scalar' ? item.text : ''}`)
    return [...lines.slice(0, first), head, ...values, ...lines.slice(last + 1)].join('\n')
  }
  let next = 0
  const changed = own.map((line, index) => {
    if (index === 0) return line.replace(/^ip_prefixes/i, 'prefixes')
    const item = /^(\s*)-\s+(.*)$/.exec(line)
    if (item === null) return line.replace(/^\s*(?=#)/, '  ')
    return `  v${families[next++]!}: ${item[2]!}`
  })
  return [...lines.slice(0, first), ...changed, ...lines.slice(last + 1)].join('\n')
}

function has(text: string, name: string): boolean {
  return locate(text, name.split('.')) !== null
}

/** Every value of a text by its path. */
function valuesOf(text: string): Map<string, string> {
  const values = new Map<string, string>()
  const walk = (tree: Tree, path: string) => {
    if (tree.kind === 'map') {
      for (const {key, value} of tree.entries)
        walk(value, path === '' ? key.text.toLowerCase() : `${path}.${key.text.toLowerCase()}`)
      if (tree.entries.length === 0) values.set(path, '{}')
    } else if (tree.kind === 'list') {
      for (const [index, item] of tree.items.entries()) walk(item, `${path}[${index}]`)
      if (tree.items.length === 0) values.set(path, '[]')
    } else values.set(path, tree.kind === 'null' ? 'null' : `${tree.style} ${tree.text}`)
  }
  walk(parseYamlTree(text, '').root, '')
  return values
}

function isSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value)
}
