/** The published JSON: every field on every release, null for what a release lacks, in all three formats. */
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {formatDocument} from '../../src/render/document/format.ts'
import {nodeDocument} from '../../src/render/document/node.ts'
import {userDocument} from '../../src/render/document/user.ts'
import {GUIDE, ODD, TODAY, user} from './values.ts'

describe.for(['json', 'json-line', 'yaml'] as const)('%s', (format) => {
  test.for([
    ['nodes-0.15', GUIDE.map(nodeDocument)],
    ['nodes-today', TODAY.map(nodeDocument)],
    ['users', [userDocument(user()), userDocument(user({displayName: 'Carson: "C"', email: ''}))]],
    ['none', []],
  ] as const)('%s', async ([name, document]) => {
    const text = [...(await formatDocument(document, format))].join('')
    await expect(text).toMatchFileSnapshot(`../golden/documents/${name}.${format}.txt`)
    expect(format === 'yaml' ? parse(text) : JSON.parse(text)).toEqual(document)
  })

  test('parses unusual names back to the same values', async () => {
    const names = ODD.map(({hostName}) => hostName)
    const text = [...(await formatDocument(names, format))].join('')
    expect(format === 'yaml' ? parse(text) : JSON.parse(text)).toEqual(names)
    if (format === 'json-line') expect(text.match(/\n/g)).toHaveLength(1)
  })
})

test('has the same fields on every release', () => {
  const fields = [...GUIDE, ...TODAY].map((node) => Object.keys(nodeDocument(node)).join())
  expect(new Set(fields).size).toBe(1)
  expect(Object.values(nodeDocument(GUIDE[0]!))).not.toContain(undefined)
})

test.for([0, 1, 999, 1000, 1001, 2000, 2500])('a list of %i items has the text of the whole list', async (length) => {
  const list = Array.from({length}, (_, id) => ({id, names: ['a', {b: []}]}))
  const text = async (format: 'json' | 'json-line') => [...(await formatDocument(list, format))].join('')
  expect(await text('json')).toBe(`${JSON.stringify(list, null, 2)}\n`)
  expect(await text('json-line')).toBe(`${JSON.stringify(list)}\n`)
})
