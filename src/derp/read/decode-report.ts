/**
 * The findings of the decoder about keys and values: one for each that Go ignores, rejects or changes.
 *
 * Whether headscale rejects the whole source is recorded here, since it follows from the findings.
 */
import {nearestKey} from './nearest-key.ts'
import {Findings} from '../../diagnostics/finding.ts'
import type {FieldKind} from '../map.ts'
import type {Behaviour} from '../releases.ts'
import type {Outcome, Rejection, Coercion} from '../../syntax/go-scalars.ts'
import type {Format, MapEntry, ScalarTree, Tree} from '../../syntax/tree.ts'

const TYPE_NAMES: Record<FieldKind, string> = {
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  string: 'a string',
}

export class DecodeReport {
  readonly findings = new Findings()
  readonly format: Format
  readonly behaviour: Behaviour
  /** headscale's decoder rejects the source. */
  rejected = false

  constructor(format: Format, behaviour: Behaviour) {
    this.format = format
    this.behaviour = behaviour
  }

  /** The name of a field in the format of the source. */
  name(go: string): string {
    return this.format === 'yaml' ? go.toLowerCase() : go
  }

  unknownKey(key: ScalarTree, names: readonly string[], path: string): void {
    const normal = normaliseKey(key.text)
    const meant = names.find((go) => go.toLowerCase() === normal)
    if (meant !== undefined) return this.#keyCase(key, meant, path)
    if (normal === 'derptestport')
      return this.#unknown(key, path, ` (${this.name('DERPPort')} since headscale 0.9)`, null)
    const near = nearestKey(
      normal,
      names.map((go) => go.toLowerCase()),
    )
    const right = near === null ? undefined : names.find((go) => go.toLowerCase() === near)
    const known = `Delete it, or use one of ${names.map((go) => this.name(go)).join(', ')}`
    this.#unknown(key, path, '', right === undefined ? known : `Write ${this.name(right)}`)
  }

  #unknown(key: ScalarTree, path: string, note: string, fix: string | null): void {
    this.findings.warning('unknown-key', key.place, path, {
      message: `Unknown key '${shorten(key.text)}'${note}`,
      reason: 'headscale silently ignores it',
      fix: fix ?? `Write ${this.name('DERPPort')}, or delete it`,
    })
  }

  #keyCase(key: ScalarTree, meant: string, path: string): void {
    const right = this.name(meant)
    // headscale drops it even when it is spelled correctly.
    if (meant === 'omitDefaultRegions' || meant === 'HomeParams') {
      return this.findings.warning('dropped-by-headscale', key.place, path, {
        message: `The key '${shorten(key.text)}' is set`,
        reason: 'headscale keeps the regions of a source and drops everything else',
        fix: 'Delete it',
      })
    }
    const rule = this.format === 'yaml' ? 'a YAML key must be the name in lower case' : 'no field has this name'
    const quote = key.style === 'quoted' ? '"' : ''
    this.findings.warning('key-case', key.place, path, {
      message: `The key '${shorten(key.text)}' is not '${right}'`,
      reason: `headscale silently ignores it: ${rule}`,
      fix: `Write ${right}`,
      edit: {offset: key.place.offset, end: key.place.end, text: `${quote}${right}${quote}`},
    })
  }

  newerField(key: ScalarTree, go: string, path: string): void {
    this.findings.warning('newer-field', key.place, path, {
      message: `headscale ${this.behaviour.release} does not know ${this.name(go)}`,
      reason: 'headscale silently ignores it, and clients never get it',
      fix: `Use headscale ${this.behaviour.newerFields.get(go)} or later, or delete it`,
    })
  }

  /** go-yaml v3 compares keys as written, known or not; in other cases the last one is used. */
  duplicate(spelled: MapEntry | undefined, meant: MapEntry | undefined, later: MapEntry, path: string): void {
    const rejects = this.format === 'yaml' && this.behaviour.goYaml === 3 && spelled !== undefined
    const earlier = rejects ? spelled : meant
    if (earlier === undefined) return
    const message = `Duplicate key '${shorten(later.key.text)}', first in line ${earlier.key.place.line}`
    const fix = 'Keep one of the two'
    if (rejects) {
      this.rejected = true
      const reason = 'headscale rejects the file (from 0.22 on; before, it used the last one)'
      this.findings.error('duplicate-key', later.key.place, path, {message, reason, fix})
    } else {
      const reason = 'headscale silently uses the last one'
      this.findings.warning('duplicate-key', later.key.place, path, {message, reason, fix})
    }
  }

  typeError(tree: Tree, path: string, wanted: string): void {
    this.rejected = true
    const is =
      tree.kind === 'map'
        ? 'a map'
        : tree.kind === 'list'
          ? 'a list'
          : tree.kind === 'scalar'
            ? `'${shorten(tree.text)}'`
            : 'null'
    this.findings.error('wrong-type', tree.place, path, {
      message: `${path === '' ? 'The whole document' : lastOf(path)} is ${is}`,
      reason: `headscale needs ${wanted} and rejects the whole source`,
      fix: `Write ${wanted}`,
    })
  }

  take<T>(outcome: Outcome<T>, tree: Tree, path: string, kind: FieldKind, edit?: QuoteFix): T | null {
    if ('rejected' in outcome) {
      this.#rejection(outcome.rejected, tree, path, kind, edit)
      return null
    }
    if (outcome.coercion !== null) this.#coercion(outcome.coercion, String(outcome.value), tree, path)
    return outcome.value
  }

  #rejection(reason: Rejection, tree: Tree, path: string, kind: FieldKind, edit?: QuoteFix): void {
    if (reason !== 'quoted' || tree.kind !== 'scalar') return this.typeError(tree, path, TYPE_NAMES[kind])
    this.rejected = true
    this.findings.error('quoted-value', tree.place, path, {
      message: `${edit === undefined ? lastOf(path) : 'The key'} is the string "${tree.text}"`,
      reason: `headscale needs ${TYPE_NAMES[kind]} without quotes and rejects the whole source`,
      fix: `Write ${tree.text}`,
      edit: edit?.(tree) ?? {offset: tree.place.offset, end: tree.place.end, text: tree.text},
    })
  }

  #coercion(coercion: Coercion, value: string, tree: Tree, path: string): void {
    const text = tree.kind === 'scalar' ? tree.text : ''
    const remark = {
      message: `${lastOf(path)} is ${text}`,
      reason: `headscale reads ${value}`,
      fix: `Write ${value} if that is the intention`,
    }
    if (coercion === 'octal') {
      const reason = `A leading zero makes it octal, so headscale reads ${value}`
      this.findings.error('octal-number', tree.place, path, {
        ...remark,
        reason,
        fix: 'Write it without the leading zero',
      })
    } else if (coercion === 'truncated') {
      this.findings.warning('truncated-number', tree.place, path, {
        ...remark,
        reason: `headscale truncates it to ${value}`,
      })
    } else {
      const message = coercion === 'odd-key' ? `The key is ${text}` : remark.message
      this.findings.warning('odd-number', tree.place, path, {...remark, message})
    }
  }
}

export type QuoteFix = (tree: ScalarTree) => {offset: number; end: number; text: string}

/** Removes the quotes of a region's key, and keeps the space that go-yaml needs after the colon. */
export function quoteFix(entry: MapEntry): QuoteFix {
  const {offset, end} = entry.key.place
  const tight = entry.value.kind !== 'null' && entry.value.place.offset === end + 1
  return (tree) => ({offset, end: tight ? end + 1 : end, text: tight ? `${tree.text}: ` : tree.text})
}

export function normaliseKey(key: string): string {
  return key.toLowerCase().replaceAll(/[_\- ]/g, '')
}

function lastOf(path: string): string {
  return shorten(path.slice(path.lastIndexOf('.') + 1))
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
