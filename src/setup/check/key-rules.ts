/** Keys that the release does not read: misspelled, in the wrong place, of another release, replaced or removed. */
import {nearestKey} from '../../derp/read/nearest-key.ts'
import {isServerVariable, variableOf} from '../config/environment.ts'
import {CONFIG_KEYS, MAP_TYPES, keysOf} from '../keys/table.ts'
import {replacedKeys} from '../keys/replaced.ts'
import type {Environment} from '../config/environment.ts'
import type {Entry} from '../config/flatten.ts'
import type {Replaced} from '../keys/replaced.ts'
import type {Place} from '../../syntax/tree.ts'
import type {Context, Words} from './context.ts'

const IGNORED = 'headscale silently ignores it'

/** Reports each key of the file that has no effect, or that stops the server. */
export function checkKeys(context: Context): void {
  const {rules, settings} = context
  const known = keysOf(rules).map(({name}) => name)
  const blocks = blocksOf(known)
  const replaced = replacedKeys(rules)
  for (const entry of settings.entries) {
    const old = replaced.get(entry.path) ?? replacedBlock(entry.path, replaced)
    if (old !== null) reportReplaced(context, entry, old)
    else if (known.includes(entry.path) || blocks.has(entry.path)) continue
    else reportUnknown(context, entry, known, blocks)
  }
}

/** Reports variables of an environment file that are no setting. */
export function checkVariables(environment: Environment, context: Context): void {
  const known = keysOf(context.rules).map(({name}) => variableOf(name))
  for (const {name, place} of environment.values()) {
    if (known.includes(name) || isServerVariable(name)) continue
    const meant = nearestKey(name, known)
    const fix = meant === null ? 'Delete it' : `Write ${meant}`
    context.warning('unknown-variable', name, [`Unknown variable ${name}`, IGNORED, fix], place)
  }
}

/** `dns` of `dns.magic_dns`, and every other block. */
function blocksOf(known: readonly string[]): Set<string> {
  const parts = known.map((name) => name.split('.'))
  return new Set(parts.flatMap((words) => words.slice(1).map((_, count) => words.slice(0, count + 1).join('.'))))
}

/** An entry below a replaced key whose value is a map. */
function replacedBlock(path: string, replaced: ReadonlyMap<string, Replaced>): Replaced | null {
  for (const old of replaced.values()) {
    if (path.startsWith(`${old.name}.`) && MAP_TYPES.has(CONFIG_KEYS.get(old.name)?.type ?? 'text')) return old
  }
  return null
}

function reportReplaced(context: Context, entry: Entry, old: Replaced): void {
  const {rules, settings, canFix} = context
  if (!settings.isSet(old.name)) return
  const release = `headscale ${rules.release}`
  const isNewSet = old.by !== null && settings.inFile(old.by)
  const isFatal = old.effect === 'fatal' || (old.effect === 'fatal-alone' && !isNewSet)
  const code = old.by === null ? 'removed-key' : 'renamed-key'
  const message = old.by === null ? `${old.name} was removed` : `${old.name} is now ${old.by}`
  const by = old.by ?? ''
  const fix =
    old.fix ?? (isNewSet ? `Delete it; ${by} is in the file` : `Write ${by} instead${canFix ? ', or use --fix' : ''}`)
  const reason = isFatal
    ? `${release} does not start while it is in the file`
    : `${release} ignores it${old.by === null || isNewSet ? '' : ', and uses the default'}`
  const isError = isFatal || (old.by !== null && !isNewSet)
  context[isError ? 'error' : 'warning'](code, old.name, [message, reason, fix], entry.key.place)
}

function reportUnknown(context: Context, entry: Entry, known: readonly string[], blocks: ReadonlySet<string>): void {
  const {rules} = context
  const {path, written, key} = entry
  const place = key.place
  const newer = CONFIG_KEYS.get(path)
  if (newer !== undefined) {
    const when = newer.since > rules.minor ? `exists from headscale 0.${newer.since} on` : `ended with 0.${newer.last}`
    const words: Words = [`${path} ${when}`, `headscale ${rules.release} ignores it`, 'Delete it']
    context.warning('newer-key', path, words, place)
    return
  }
  const outer = entry.parents.map(({text}) => text.toLowerCase())
  const above = outer.map((_, count) => outer.slice(0, count + 1).join('.')).find((block) => !blocks.has(block))
  // The block is unknown: one finding for it, at its first key.
  if (above !== undefined) {
    const first = context.settings.entries.find((other) => other.path.startsWith(`${above}.`))
    if (first !== entry) return
    const depth = above.split('.').length - 1
    const block = entry.parents[depth]!
    if (known.includes(above)) return reportBlock(context, above, block.place)
    const meant = nearestIn(above, [...blocks])
    const fix = meant === null ? 'Delete it' : `Write ${lastOf(meant)}`
    const words: Words = [`Unknown block '${above}'`, 'headscale silently ignores all of it', fix]
    context.warning('unknown-key', above, words, block.place)
    return
  }
  const twins = known.filter((name) => lastOf(name) === lastOf(path) && name !== path)
  const meant = nearestIn(path, known)
  if (meant === null && twins.length === 1) {
    const home = twins[0]!.split('.').slice(0, -1).join('.')
    const fix = home === '' ? `Move it to the top level, without indentation` : `Move it below ${home}`
    context.error(
      'misplaced-key',
      path,
      [`${written} is in the wrong place: headscale reads ${twins[0]!}`, IGNORED, fix],
      place,
    )
    return
  }
  const siblings = known.filter((name) => outer.length > 0 && name.startsWith(`${outer.join('.')}.`))
  const list = siblings.map((name) => name.slice(outer.join('.').length + 1))
  const fix =
    meant !== null
      ? `Write ${lastOf(meant)}`
      : list.length > 0 && list.length < 10
        ? `Delete it, or use one of ${list.join(', ')}`
        : 'Delete it'
  context.warning('unknown-key', path, [`Unknown key '${written}'`, IGNORED, fix], place)
}

/** A setting that has keys below it. */
function reportBlock(context: Context, path: string, place: Place): void {
  const {type} = CONFIG_KEYS.get(path)!
  const expected = type === 'list' || type === 'records' ? 'a list' : type === 'bool' ? 'true or false' : 'a value'
  const words: Words = [`${path} is a map, expected ${expected}`, 'headscale reads an empty value', `Write ${expected}`]
  context.error('wrong-type', path, words, place)
}

/** The nearest name in the same block. */
function nearestIn(path: string, names: readonly string[]): string | null {
  const block = path.split('.').slice(0, -1).join('.')
  const prefix = block === '' ? '' : `${block}.`
  const same = names.filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes('.'))
  const found = nearestKey(
    lastOf(path),
    same.map((name) => lastOf(name)),
  )
  return found === null ? null : `${prefix}${found}`
}

function lastOf(path: string): string {
  return path.split('.').at(-1)!
}
