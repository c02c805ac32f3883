/**
 * The aliases file of `dns render`: names, and the nodes that they stand for. docs/dns.md describes it. Everything that
 * can be checked without a server is checked here, and every mistake has its place in the file.
 */
import {canonicalDnsName, dnsNameProblem} from '../../domain/values/dns-name.ts'
import {RECORD_TYPES, type RecordType} from '../../domain/dns-record.ts'
import {HeadscaleError} from '../../errors.ts'
import {parseJsonTree} from '../../syntax/json.ts'
import type {Document, MapEntry, Place, ScalarTree, Tree} from '../../syntax/tree.ts'

export interface Alias {
  /** Canonical, with its domain. */
  name: string
  place: Place
  /** The nodes, as resolveNode takes them. */
  nodes: {ref: string; place: Place}[]
  /** Only records of this type; null for both. */
  type: {only: RecordType; place: Place} | null
}

/**
 * @param domain what a name without a dot is in; null without one
 * @throws HeadscaleError (invalid-input) for the first mistake, with its place
 */
export async function readAliases(text: string, file: string, domain: string | null): Promise<Alias[]> {
  const {root, secondDocument} = await parse(text, file)
  if (secondDocument !== null) throw aliasError(secondDocument, 'expected one YAML document')
  if (root.kind === 'null') return []
  if (root.kind !== 'map') throw aliasError(root.place, `expected names and their nodes, got ${kindOf(root)}`, EXAMPLE)
  const seen = new Map<string, Place>()
  return root.entries.map((entry) => {
    const alias = readAlias(entry, domain)
    const first = seen.get(alias.name)
    if (first)
      throw aliasError(alias.place, `${alias.name} is specified more than once, first in line ${first.line}`, ONCE)
    seen.set(alias.name, alias.place)
    return alias
  })
}

/** @param code `invalid-input` when absent */
export function aliasError(
  {file, line, column}: Place,
  message: string,
  hint = 'docs/dns.md describes the aliases file',
  code: HeadscaleError['code'] = 'invalid-input',
): HeadscaleError {
  return new HeadscaleError(code, `${file}:${line}:${column}: ${message}`, {hint, details: {file, line, column}})
}

/** The hint about anything that is specified twice. */
export const ONCE = 'remove one of them'
const EXAMPLE = 'for example: "grafana: web-1"'

async function parse(text: string, file: string): Promise<Document> {
  if (file.endsWith('.json')) return parseJsonTree(text, file)
  const {parseYamlTree} = await import('../../syntax/yaml.ts')
  return parseYamlTree(text, file)
}

function readAlias({key, value}: MapEntry, domain: string | null): Alias {
  const name = fullName(key, domain)
  if (value.kind !== 'map') return {name, place: key.place, nodes: nodesIn(value), type: null}
  let nodes: Alias['nodes'] | null = null
  let type: Alias['type'] = null
  const seen = new Set<string>()
  for (const field of value.entries) {
    const {text, place} = field.key
    if (seen.has(text)) throw aliasError(place, `${text} is specified more than once`, ONCE)
    seen.add(text)
    if (text === 'node') nodes = nodesIn(field.value)
    else if (text === 'type') type = {only: typeIn(field.value), place: field.value.place}
    else throw aliasError(place, `unknown field ${JSON.stringify(text)}`, 'expected node or type')
  }
  if (nodes === null) throw aliasError(key.place, `${name} has no node`, 'add node: NAME')
  return {name, place: key.place, nodes, type}
}

function fullName({text, place}: ScalarTree, domain: string | null): string {
  if (!text.includes('.') && text !== '' && domain === null) {
    throw aliasError(place, `${text} has no domain`, 'write the complete name, or add --domain DOMAIN')
  }
  const name = canonicalDnsName(text.includes('.') || text === '' ? text : `${text}.${domain}`)
  const problem = dnsNameProblem(name)
  if (problem === null) return name
  throw aliasError(place, `${JSON.stringify(text)} cannot be a DNS name: ${problem}`, DNS_NAME_HINT)
}

export const DNS_NAME_HINT = 'use letters a-z, digits and hyphens; of other letters the ASCII form (xn--…)'

function nodesIn(value: Tree): Alias['nodes'] {
  if (value.kind === 'list' && value.items.length === 0) throw aliasError(value.place, 'the list of nodes is empty')
  const items = value.kind === 'list' ? value.items : [value]
  return items.map((item) => ({ref: scalarText(item, 'a node'), place: item.place}))
}

function typeIn(value: Tree): RecordType {
  const text = scalarText(value, 'a record type')
  const type = RECORD_TYPES.find((known) => known === text.toUpperCase())
  if (type) return type
  throw aliasError(value.place, `invalid type ${JSON.stringify(text)}`, 'expected A or AAAA, all that clients read')
}

function scalarText(tree: Tree, what: string): string {
  if (tree.kind === 'scalar' && tree.text.trim() !== '') return tree.text
  throw aliasError(tree.place, `expected ${what}, got ${kindOf(tree)}`, EXAMPLE)
}

function kindOf(tree: Tree): string {
  if (tree.kind === 'scalar') return tree.text.trim() === '' ? 'nothing' : 'a text'
  return tree.kind === 'null' ? 'nothing' : `a ${tree.kind}`
}
