/** An answers file of `setup render`: the flags of the command as keys of a YAML file, without their dashes. */
import {usageError} from '../../errors.ts'
import {nearestKey} from '../../derp/read/nearest-key.ts'
import {readSource} from '../../derp/read/read.ts'
import {isNull} from '../../syntax/go-scalars.ts'
import {parseYamlTree} from '../../syntax/yaml.ts'
import {viperBool, viperText} from '../../syntax/viper.ts'
import {LIST_ANSWERS, TEXT_ANSWERS} from './answers.ts'
import type {RawAnswers} from './answers.ts'
import type {MapEntry, Tree} from '../../syntax/tree.ts'

const NAMES: readonly string[] = [...LIST_ANSWERS, ...TEXT_ANSWERS, 'magic-dns']

/**
 * Reads the file.
 *
 * @throws HeadscaleError with the place of the first error, or what reading the file throws
 */
export async function readAnswers(target: string, cwd: string): Promise<RawAnswers> {
  const {name, text} = await readSource(target, {cwd})
  const {root} = parseYamlTree(text, name)
  if (isNull(root)) return {}
  if (root.kind !== 'map') throw wrong(root, 'expected answers such as server-url: https://headscale.example.com')
  return Object.fromEntries(root.entries.map((entry) => [entry.key.text, valueOf(entry)]))
}

function valueOf({key, value}: MapEntry): string | string[] | boolean {
  const name = key.text
  if (!NAMES.includes(name)) {
    const meant = nearestKey(name, NAMES)
    throw wrong(
      key,
      `unknown answer ${name}`,
      meant === null ? `the answers are ${NAMES.join(', ')}` : `write ${meant}`,
    )
  }
  if (name === 'magic-dns') {
    const {value: on, invalid} = viperBool(value, false, {viperYaml: 3, viperFloats: false})
    if (invalid !== null) throw wrong(value, `${name} needs true or false`)
    return on
  }
  if ((LIST_ANSWERS as readonly string[]).includes(name)) {
    const items = value.kind === 'list' ? value.items : [value]
    return items.map((item) => text(item, name))
  }
  return text(value, name)
}

function text(tree: Tree, name: string): string {
  if (tree.kind !== 'scalar' || tree.text === '' || isNull(tree)) throw wrong(tree, `${name} needs a value`)
  return viperText(tree)
}

function wrong({place: {file, line, column}}: Tree, message: string, hint?: string) {
  return usageError(`${file}:${line}:${column}: ${message}`, hint)
}
