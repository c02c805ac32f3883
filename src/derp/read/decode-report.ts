/**
 * What the decoder says about keys and values: one finding each for what Go passes over, refuses or bends.
 *
 * The decoder walks, this one talks. Whether the whole source is refused is remembered here, since it follows from
 * what was said.
 */
import {Findings} from '../../diagnostics/finding.ts'
import type {FieldKind} from '../map.ts'
import type {Behaviour} from '../releases.ts'
import type {Outcome, Refusal, Surprise} from '../../syntax/go-scalars.ts'
import type {Dialect, MapEntry, ScalarTree, Tree} from '../../syntax/tree.ts'

const TYPE_WORDS: Record<FieldKind, string> = {
  int: 'a whole number',
  float: 'a number',
  bool: 'true or false',
  string: 'a text',
}

export class DecodeReport {
  readonly findings = new Findings()
  readonly dialect: Dialect
  readonly behaviour: Behaviour
  /** headscale's decoder gives up on the source. */
  refused = false

  constructor(dialect: Dialect, behaviour: Behaviour) {
    this.dialect = dialect
    this.behaviour = behaviour
  }

  /** The name of a field in the source's language. */
  name(go: string): string {
    return this.dialect === 'yaml' ? go.toLowerCase() : go
  }

  unknownKey(key: ScalarTree, names: readonly string[], path: string): void {
    const meant = names.find((go) => go.toLowerCase() === normaliseKey(key.text))
    const says = this.dialect === 'yaml' ? 'a YAML key must be the lower-case name exactly' : 'no field has this name'
    if (meant !== undefined) {
      const right = this.name(meant)
      const quote = key.style === 'quoted' ? '"' : ''
      this.findings.warning('key-case', key.place, path, {
        message: `The key '${shorten(key.text)}' is not '${right}'`,
        reason: `headscale passes over it without a word: ${says}`,
        fix: `Write ${right}`,
        edit: {offset: key.place.offset, end: key.place.end, text: `${quote}${right}${quote}`},
      })
      return
    }
    const old = key.text.toLowerCase() === 'derptestport' ? ` (since headscale 0.9 it is ${this.name('DERPPort')})` : ''
    this.findings.warning('unknown-key', key.place, path, {
      message: `The key '${shorten(key.text)}' is unknown${old}`,
      reason: 'headscale passes over it without a word',
      fix: `Delete it, or use one of ${names.map((go) => this.name(go)).join(', ')}`,
    })
  }

  newerField(key: ScalarTree, go: string, path: string): void {
    this.findings.warning('newer-field', key.place, path, {
      message: `headscale ${this.behaviour.release} does not know ${this.name(go)}`,
      reason: 'It is passed over without a word, and clients never get it',
      fix: `Use headscale ${this.behaviour.newerFields.get(go)} or later, or delete it`,
    })
  }

  /** go-yaml v3 compares keys as written, whether it knows them or not; what is left is replaced in silence. */
  duplicate(spelled: MapEntry | undefined, meant: MapEntry | undefined, later: MapEntry, path: string): void {
    const refuses = this.dialect === 'yaml' && this.behaviour.goYaml === 3 && spelled !== undefined
    const earlier = refuses ? spelled : meant
    if (earlier === undefined) return
    const message = `The key '${shorten(later.key.text)}' stands here and in line ${earlier.key.place.line}`
    const fix = 'Keep one of the two'
    if (refuses) {
      this.refused = true
      const reason = 'headscale refuses the file (from 0.22 on; before, the last one won)'
      this.findings.error('duplicate-key', later.key.place, path, {message, reason, fix})
    } else {
      const reason = 'The last one wins in silence'
      this.findings.warning('duplicate-key', later.key.place, path, {message, reason, fix})
    }
  }

  typeError(tree: Tree, path: string, wanted: string): void {
    this.refused = true
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
      reason: `headscale needs ${wanted} and refuses the whole source`,
      fix: `Write ${wanted}`,
    })
  }

  take<T>(outcome: Outcome<T>, tree: Tree, path: string, kind: FieldKind, edit?: Remedy): T | null {
    if ('refused' in outcome) {
      this.#refusal(outcome.refused, tree, path, kind, edit)
      return null
    }
    if (outcome.surprise !== null) this.#surprise(outcome.surprise, String(outcome.value), tree, path)
    return outcome.value
  }

  #refusal(reason: Refusal, tree: Tree, path: string, kind: FieldKind, remedy?: Remedy): void {
    if (reason !== 'quoted' || tree.kind !== 'scalar') return this.typeError(tree, path, TYPE_WORDS[kind])
    this.refused = true
    this.findings.error('quoted-value', tree.place, path, {
      message: `${remedy === undefined ? lastOf(path) : 'The key'} is the text "${tree.text}"`,
      reason: `headscale needs ${TYPE_WORDS[kind]} without quotes and refuses the whole source`,
      fix: `Write ${tree.text}`,
      edit: remedy?.(tree) ?? {offset: tree.place.offset, end: tree.place.end, text: tree.text},
    })
  }

  #surprise(surprise: Surprise, value: string, tree: Tree, path: string): void {
    const text = tree.kind === 'scalar' ? tree.text : ''
    const remark = {
      message: `${lastOf(path)} is ${text}`,
      reason: `headscale reads ${value}`,
      fix: `Write ${value} if that is meant`,
    }
    if (surprise === 'octal') {
      const reason = `A leading zero makes it octal: headscale reads ${value}`
      this.findings.error('octal-number', tree.place, path, {
        ...remark,
        reason,
        fix: 'Write it without the leading zero',
      })
    } else if (surprise === 'truncated') {
      this.findings.warning('truncated-number', tree.place, path, {...remark, reason: `headscale cuts it to ${value}`})
    } else {
      const message = surprise === 'odd-key' ? `The key is ${text}` : remark.message
      this.findings.warning('odd-number', tree.place, path, {...remark, message})
    }
  }
}

export type Remedy = (tree: ScalarTree) => {offset: number; end: number; text: string}

/** Takes the quotes off a region's key, and keeps go-yaml's blank after the colon. */
export function quoteFix(entry: MapEntry): Remedy {
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
