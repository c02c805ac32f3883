/**
 * Our decoding compared with Go's: the results of go-yaml 2.4.0 (headscale to 0.21), go-yaml 3.0.1 (from 0.22) and
 * encoding/json for several hundred texts, recorded by fixtures/go-decoder.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {parseSource} from '../../src/derp/read/parse.ts'
import {behaviourOf} from '../../src/derp/releases.ts'
import {NODE_FIELDS, REGION_FIELDS} from '../../src/derp/map.ts'
import {GO_TEXTS} from './go-texts.ts'
import type {DerpMap, Field} from '../../src/derp/map.ts'

type Recorded = Record<string, {v2?: unknown; v3?: unknown; json?: unknown}>
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/go-decoding.json'), 'utf8')) as Recorded

/** Known differences: numbers too large for JavaScript, YAML tags, and rare line breaks. */
const EXOTIC = /9223372036854775(?:807|808|809)|\.inf|\.nan|!!(?:int|bool) |binary|^nel$|^json dup nodes$/i
/** go-yaml v2 reads region 0, v3 nothing; both are an error here. */
const NULL_KEYS = /^(?:key (?:~|null|Null)|null key region)$/

const filled = (object: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== null &&
        value !== '' &&
        value !== 0 &&
        value !== false &&
        !(Array.isArray(value) && value.length === 0),
    ),
  )
const goNames = <T>(target: T, fields: readonly Field<T>[]) =>
  Object.fromEntries(fields.map(({key, go}) => [go, target[key] as unknown]))

/** The map in the form of the recording. */
function compact({regions, homeParams, omitDefaultRegions}: DerpMap): unknown {
  const all = [...regions].map(([key, region]) => {
    if (region === null) return [key, null]
    const nodes = region.nodes.map((node) => filled(goNames(node, NODE_FIELDS)))
    return [key, filled({...goNames(region, REGION_FIELDS), Nodes: nodes})]
  })
  const scores =
    homeParams === null || homeParams.regionScore.size === 0 ? null : Object.fromEntries(homeParams.regionScore)
  return filled({Regions: Object.fromEntries(all), HomeParams: scores, omitDefaultRegions})
}

describe.each([
  ['go-yaml 2.4.0', 'v2', 'yaml', '0.21'],
  ['go-yaml 3.0.1', 'v3', 'yaml', '0.29'],
  ['encoding/json', 'json', 'json', '0.29'],
] as const)('%s', (_, column, format, release) => {
  // The structs of the recording have every field.
  const behaviour = {...behaviourOf(release), newerFields: new Map<string, string>()}
  const names = Object.keys(GO_TEXTS).filter((name) => name.startsWith('json') === (format === 'json'))
  test.each(names.filter((name) => !EXOTIC.test(name) && !NULL_KEYS.test(name)))('%s', async (name) => {
    const parsed = await parseSource(GO_TEXTS[name] ?? '', 'derp', format, behaviour)
    expect(parsed.rejected ? null : compact(parsed.map)).toEqual(recorded[name]?.[column])
  })
})

test.each(['0.21', '0.29'])('a region under a null key is an error in %s', async (release) => {
  for (const name of Object.keys(GO_TEXTS).filter((known) => NULL_KEYS.test(known))) {
    const {findings} = await parseSource(GO_TEXTS[name] ?? '', 'derp', 'yaml', behaviourOf(release))
    expect(findings.map(({code}) => code)).toContain('region-without-id')
  }
})
