/**
 * Map → text: headscale's YAML (`derp.paths`), JSON (`derp.urls`) and the `derp:` block of config.yaml.
 *
 * Regions by ascending id, fields in tailcfg's order, zero values left out as Go leaves them out, no dates: the same
 * map gives the same bytes. The YAML is written here and not by a library, because go-yaml reads it: keys in lower case,
 * region keys as plain numbers.
 */
import {comment, yamlText} from '../../deploy/yaml.ts'
import {NODE_FIELDS, REGION_FIELDS, regionEntries} from '../map.ts'
import type {DerpMap, DerpNode, DerpRegion, Field} from '../map.ts'
import type {DerpMapDocument} from '../map-schemas.ts'

/** A file for `derp.paths`. */
export function renderYaml(map: DerpMap, header: readonly string[] = []): string {
  const lines = [...comment(header), 'regions:']
  for (const [key, region] of allEntries(map)) {
    if (region === null) {
      lines.push(`  ${key}: null`)
      continue
    }
    lines.push(`  ${key}:`, ...yamlFields(region, REGION_FIELDS).map((line) => `    ${line}`))
    if (region.nodes.length === 0) lines.push('    nodes: []')
    else lines.push('    nodes:')
    for (const node of region.nodes) {
      const [first, ...rest] = yamlFields(node, NODE_FIELDS)
      lines.push(`      - ${first}`, ...rest.map((line) => `        ${line}`))
    }
  }
  if (lines.at(-1) === 'regions:') lines[lines.length - 1] = 'regions: {}'
  return `${lines.join('\n')}\n`
}

/** A document for `derp.urls`, as Go's encoding/json names things. */
export function renderJson(map: DerpMap): string {
  return `${JSON.stringify(toJson(map), null, 2)}\n`
}

/** The map as plain data under tailcfg's JSON names: what a client receives. */
export function toJson(map: DerpMap): DerpMapDocument {
  const regions = allEntries(map).map(
    ([key, region]) => [String(key), region === null ? null : regionJson(region)] as const,
  )
  return {Regions: Object.fromEntries(regions)}
}

type RegionJson = NonNullable<DerpMapDocument['Regions'][string]>

function regionJson(region: DerpRegion): RegionJson {
  const nodes = region.nodes.map((node) => jsonFields<DerpNode, RegionJson['Nodes'][number]>(node, NODE_FIELDS))
  return {...jsonFields<DerpRegion, Omit<RegionJson, 'Nodes'>>(region, REGION_FIELDS), Nodes: nodes}
}

/** Where headscale finds its maps. */
export interface ConfigBlock {
  paths: readonly string[]
  urls: readonly string[]
}

/** The `derp:` block of config.yaml. */
export function renderConfig({paths, urls}: ConfigBlock, header: readonly string[] = []): string {
  const list = (key: string, items: readonly string[]) =>
    items.length === 0 ? [`  ${key}: []`] : [`  ${key}:`, ...items.map((item) => `    - ${yamlText(item)}`)]
  const lines = [
    ...comment(header),
    'derp:',
    '  server:',
    '    enabled: false',
    ...list('urls', urls),
    ...list('paths', paths),
    '  auto_update_enabled: true',
    // A number without a unit is nanoseconds.
    '  update_frequency: 3h',
  ]
  return `${lines.join('\n')}\n`
}

function allEntries(map: DerpMap): [number, DerpRegion | null][] {
  const nulls = [...map.regions].filter(([, region]) => region === null)
  return [...regionEntries(map), ...nulls].sort(([a], [b]) => a - b)
}

function written<T>(target: T, fields: readonly Field<T>[]): [Field<T>, unknown][] {
  return fields
    .map((field): [Field<T>, unknown] => [field, target[field.key]])
    .filter(([{always}, value]) => always || (value !== 0 && value !== '' && value !== false))
}

function yamlFields<T>(target: T, fields: readonly Field<T>[]): string[] {
  return written(target, fields).map(([{go}, value]) => {
    return `${go.toLowerCase()}: ${typeof value === 'string' ? yamlText(value) : String(value)}`
  })
}

/** The field tables and the published type name the same fields; a test compares them. */
function jsonFields<T, Json>(target: T, fields: readonly Field<T>[]): Json {
  return Object.fromEntries(written(target, fields).map(([{go}, value]) => [go, value])) as Json
}
