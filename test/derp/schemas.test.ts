/** The output of the commands with -o json matches the schemas, and the schemas have every field of the model. */
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'

import {NODE_FIELDS, REGION_FIELDS, createMap, createNode, createRegion} from '../../src/derp/map.ts'
import {toJson} from '../../src/derp/render/map-text.ts'
import {derpMap, differences, validation} from '../../src/derp/map-schemas.ts'

const here = import.meta.dirname

test.each(
  globSync('golden/**/*.txt', {cwd: here}).flatMap((name) => {
    const text = readFileSync(join(here, name), 'utf8')
    const [, command, body] = /^\$ headscale-ts derp (\w+) .*-o json\n([\s\S]*?)\n---/.exec(text) ?? []
    return body === undefined ? [] : [{name, command, body}]
  }),
)('$name', ({command, body}) => {
  const schema = command === 'validate' ? validation : command === 'diff' ? differences : derpMap
  expect(schema.safeParse(JSON.parse(body)).error?.issues ?? []).toEqual([])
})

test('the schema has every field of a map', () => {
  const values = {int: 7, float: 1.5, bool: true, string: 'text'}
  const filled = <T>(fields: readonly {key: keyof T & string; kind: keyof typeof values}[]) =>
    Object.fromEntries(fields.map(({key, kind}) => [key, values[kind]])) as Partial<T>
  const node = createNode(filled(NODE_FIELDS))
  const document = toJson(createMap([createRegion({...filled(REGION_FIELDS), nodes: [node]})]))
  expect(derpMap.safeParse(document).error?.issues ?? []).toEqual([])
  expect(Object.keys(document.Regions['7']?.Nodes[0] ?? {})).toHaveLength(NODE_FIELDS.length)
})
