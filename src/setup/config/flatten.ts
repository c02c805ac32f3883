/**
 * The keys of a config.yaml as viper finds them: in lower case, with dots, wherever they are written.
 *
 * `dns.magic_dns: false` at the top level is the same key as `magic_dns: false` below `dns:`. Null is no value.
 */
import {isNull} from '../../syntax/go-scalars.ts'
import type {ScalarTree, Tree} from '../../syntax/tree.ts'

/** A key with a value that is not a block of further keys, or an empty block. */
export interface Entry {
  /** In lower case. */
  path: string
  /** As written, for messages. */
  written: string
  /** The last part of the key. */
  key: ScalarTree
  value: Tree
  /** The key of each block around it, from the outside. */
  parents: ScalarTree[]
}

/**
 * The entries in the order of the file.
 *
 * @param isLeaf whether the value at a path belongs to the user, so that its keys are not settings
 */
export function flatten(root: Tree, isLeaf: (path: string) => boolean): Entry[] {
  const entries: Entry[] = []
  const walk = (tree: Tree, path: string, written: string, parents: ScalarTree[]) => {
    if (tree.kind !== 'map') return
    for (const {key, value} of tree.entries) {
      const name = path === '' ? key.text.toLowerCase() : `${path}.${key.text.toLowerCase()}`
      const shown = written === '' ? key.text : `${written}.${key.text}`
      if (value.kind === 'map' && value.entries.length > 0 && !isLeaf(name)) walk(value, name, shown, [...parents, key])
      else entries.push({path: name, written: shown, key, value, parents})
    }
  }
  walk(root, '', '', [])
  return entries
}

/** Whether the entry has a value for viper. */
export function hasValue({value}: Entry): boolean {
  return !isNull(value)
}
