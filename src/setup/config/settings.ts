/**
 * The settings of one server: the file and the environment, as viper answers for a key.
 *
 * An environment variable replaces the key of the file. Every answer has its place, for findings.
 */
import {isNull} from '../../syntax/go-scalars.ts'
import {viperBool, viperText} from '../../syntax/viper.ts'
import {CONFIG_KEYS, MAP_TYPES} from '../keys/table.ts'
import {variableOf} from './environment.ts'
import {flatten, hasValue} from './flatten.ts'
import {goDuration, viperInt} from './values.ts'
import type {Environment} from './environment.ts'
import type {Entry} from './flatten.ts'
import type {ConfigRules} from '../releases.ts'
import type {Place, Tree} from '../../syntax/tree.ts'

/** An item of a list, or a word of a text that headscale splits. */
export interface Item {
  text: string
  place: Place
}

export class Settings {
  readonly entries: Entry[]
  readonly #rules: ConfigRules
  readonly #root: Tree
  readonly #environment: Environment
  readonly #byPath: ReadonlyMap<string, Entry>

  constructor(root: Tree, environment: Environment, rules: ConfigRules) {
    this.#root = root
    this.#environment = environment
    this.#rules = rules
    this.entries = flatten(root, (path) => MAP_TYPES.has(CONFIG_KEYS.get(path)?.type ?? 'text'))
    this.#byPath = new Map(this.entries.filter(hasValue).map((entry) => [entry.path, entry]))
  }

  /** The value; null where neither the file nor the environment has one. */
  tree(key: string): Tree | null {
    const variable = this.#environment.get(variableOf(key))
    if (variable !== undefined) return {kind: 'scalar', text: variable.text, style: 'quoted', place: variable.place}
    return this.#byPath.get(key)?.value ?? null
  }

  /** Whether the file has the key, or another below it. */
  inFile(key: string): boolean {
    return this.#byPath.has(key) || [...this.#byPath.keys()].some((path) => path.startsWith(`${key}.`))
  }

  isSet(key: string): boolean {
    return this.tree(key) !== null
  }

  /** Of the value, else of the nearest block that should contain it, else the start of the file. */
  place(key: string): Place {
    const tree = this.tree(key)
    if (tree !== null) return tree.place
    const parts = key.split('.')
    for (let count = parts.length - 1; count > 0; count--) {
      const block = parts.slice(0, count).join('.')
      const inside = this.entries.find(({path}) => path === block || path.startsWith(`${block}.`))
      if (inside !== undefined) return (inside.parents[count - 1] ?? inside.key).place
    }
    return {...this.#root.place, line: 1, column: 1, offset: 0, end: 0}
  }

  text(key: string, byDefault = ''): string {
    const tree = this.tree(key)
    return tree === null ? (this.#isHidden(key) ? '' : byDefault) : viperText(tree)
  }

  bool(key: string, byDefault: boolean): boolean {
    return viperBool(this.tree(key), byDefault && !this.#isHidden(key), this.#rules.derp).value
  }

  int(key: string, byDefault: number): number {
    const tree = this.tree(key)
    return tree === null ? (this.#isHidden(key) ? 0 : byDefault) : tree.kind === 'scalar' ? (viperInt(tree) ?? 0) : 0
  }

  /** In nanoseconds. */
  duration(key: string, byDefault: string): number {
    return goDuration(this.text(key, byDefault))?.nanoseconds ?? 0
  }

  /** The items of a list; headscale splits a text at white space. */
  list(key: string): Item[] {
    const tree = this.tree(key)
    if (tree?.kind === 'list') {
      return tree.items.filter((item) => !isNull(item)).map((item) => ({text: viperText(item), place: item.place}))
    }
    if (tree?.kind !== 'scalar') return []
    return tree.text
      .split(/\s+/)
      .filter(Boolean)
      .map((text) => ({text, place: tree.place}))
  }

  /** Whether a block around the key is a text or a list: viper then does not use the default either. */
  #isHidden(key: string): boolean {
    const parts = key.split('.').slice(0, -1)
    return parts.some((_, count) => {
      const value = this.#byPath.get(parts.slice(0, count + 1).join('.'))?.value
      return value !== undefined && value.kind !== 'map'
    })
  }
}
