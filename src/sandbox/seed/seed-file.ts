/**
 * Seed data from a file, or the built-in seed `guide`.
 *
 * YAML or JSON. Every mistake is reported with line and column, since a misspelled field would silently create another
 * tailnet. Size and aliases are limited. The libraries are loaded only when there is a file. docs/sandbox.md
 * describes the fields.
 *
 * A text without a mistake is read by js-yaml, which needs a quarter of the time and has no positions; all others by the
 * reader with positions.
 */
import type {Document} from 'yaml'
import type {infer as Infer} from 'zod'
import {usageError, type HeadscaleError} from '../../errors.ts'
import {readSmallFile} from '../../system/files.ts'
import {workingFolder} from '../../system/working-folder.ts'
import {printable} from '../../text/untrusted.ts'
import type {SeedData} from '../../tailnet-file/tailnet-data.ts'
import type {seedSchema} from '../../tailnet-file/tailnet-schema.ts'

/** 100,000 nodes with all their fields need less. */
const LARGEST_SEED = 64 * 1024 * 1024

const FIELDS_HINT = 'docs/sandbox.md lists the fields'

/**
 * @param name a file, or `guide`
 * @throws HeadscaleError when it cannot be read or does not describe a tailnet
 */
export async function loadSeed(name: string): Promise<SeedData> {
  if (name === 'guide') return (await import('./guide.ts')).guide
  const outcome = readSmallFile(name, LARGEST_SEED, workingFolder())
  if (outcome.kind !== 'text') {
    throw usageError(
      `cannot read the seed ${printable(name)}: ${outcome.reason}`,
      'specify a YAML or JSON file, or guide',
    )
  }
  return parseSeed(outcome.text, name)
}

async function parseSeed(text: string, file: string): Promise<SeedData> {
  const [value, {seedSchema}] = await Promise.all([valueOf(text), import('../../tailnet-file/tailnet-schema.ts')])
  const result = seedSchema.safeParse(value)
  return result.success ? seedOf(result.data) : parseWithPositions(text, file)
}

/** The value of a YAML text in which every key is once and nothing is an alias; undefined for any other. */
async function valueOf(text: string): Promise<unknown> {
  const {CORE_SCHEMA, load} = await import('js-yaml')
  try {
    return load(text, {schema: CORE_SCHEMA, maxAliases: 0})
  } catch {
    return undefined
  }
}

async function parseWithPositions(text: string, file: string): Promise<SeedData> {
  const [{readYaml, YamlError}, {Places}] = await Promise.all([
    import('../../syntax/yaml-document.ts'),
    import('../../syntax/tree.ts'),
  ])
  const places = new Places(file, text)
  const fail = (offset: number, message: string): HeadscaleError => {
    const {line, column} = places.at(offset)
    return usageError(`invalid seed ${printable(`${file}:${line}:${column}: ${message}`)}`, FIELDS_HINT)
  }
  let document
  try {
    const {document: first, secondDocument} = readYaml(text)
    if (secondDocument !== null) throw fail(secondDocument, 'expected one YAML document')
    document = first
  } catch (error) {
    throw error instanceof YamlError ? fail(error.offset, error.message.split('\n')[0] ?? '') : error
  }
  if (document === null) return {users: []}
  await rejectDuplicates(document, fail)
  const {seedSchema, messageOf} = await import('../../tailnet-file/tailnet-schema.ts')
  const result = seedSchema.safeParse(document.toJS({maxAliasCount: -1}) ?? {})
  if (!result.success) {
    const [issue] = result.error.issues
    const path = issue?.path ?? []
    const where = path.length > 0 ? `${path.join('.')}: ` : ''
    throw fail(offsetOf(document, path), where + (issue ? messageOf(issue) : 'invalid'))
  }
  return seedOf(result.data)
}

function seedOf({namespaces = [], users = [], ...rest}: Infer<typeof seedSchema>): SeedData {
  return {...rest, users: [...users, ...namespaces]} as SeedData
}

/** A key that is specified twice would drop the first value. */
async function rejectDuplicates(document: Document.Parsed, fail: (offset: number, message: string) => HeadscaleError) {
  const {isScalar, visit} = await import('yaml')
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>()
      for (const {key} of map.items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (seen.has(name)) throw fail(key.range?.[0] ?? 0, `${name} is specified more than once`)
        seen.add(name)
      }
    },
  })
}

/** The position of a value, or of the nearest enclosing one that is in the text. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as {range?: [number, ...unknown[]]} | undefined
    if (node?.range) return node.range[0]
  }
  return document.contents?.range?.[0] ?? 0
}
