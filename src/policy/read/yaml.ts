/** A policy in YAML, which headscale reads up to 0.22, as the tree that JSON with the same meaning has. */
import {isNull} from '../../syntax/go-scalars.ts'
import {LimitProblem, type Tree} from '../../syntax/tree.ts'
import {parseYamlTree} from '../../syntax/yaml.ts'

/** Aliases can make a small file large. */
const MAX_VALUES = 500_000

/** @throws SyntaxProblem with the place of the first error */
export function parseYamlPolicy(text: string, file: string): Tree {
  const known = new Map<Tree, {tree: Tree; values: number}>()

  /** Any scalar is a string where Go wants one, a plain null is null. */
  function convert(tree: Tree): {tree: Tree; values: number} {
    const before = known.get(tree)
    if (before) return before
    let values = 1
    const part = (value: Tree) => {
      const converted = convert(value)
      values += converted.values
      return converted.tree
    }
    let converted: Tree
    if (isNull(tree)) converted = {kind: 'null', place: tree.place}
    else if (tree.kind === 'scalar') converted = {...tree, style: 'quoted'}
    else if (tree.kind === 'list') converted = {...tree, items: tree.items.map(part)}
    else if (tree.kind === 'map') {
      converted = {...tree, entries: tree.entries.map(({key, value}) => ({key, value: part(value)}))}
    } else converted = tree
    if (values > MAX_VALUES) throw new LimitProblem(tree.place, `the policy has more than ${MAX_VALUES} values`)
    const result = {tree: converted, values}
    known.set(tree, result)
    return result
  }
  return convert(parseYamlTree(text, file).root).tree
}
