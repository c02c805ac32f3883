/** Tables fitted to a terminal, with wide and missing characters, and the order of values. */
import stringWidth from 'string-width'
import {describe, expect, test} from 'vitest'
import type {Node} from '../../src/domain/node.ts'
import {findColumn, tableColumns} from '../../src/render/columns/column.ts'
import {NODES, shownNodeColumns} from '../../src/render/columns/nodes.ts'
import {fitColumns} from '../../src/render/fit.ts'
import {nameReference} from '../../src/render/reference.ts'
import {sortItems} from '../../src/render/sort.ts'
import {tableLines, textColumn} from '../../src/render/table.ts'
import {tableTime} from '../../src/render/time.ts'
import {GUIDE, node, NOW, ODD, TODAY} from './values.ts'

async function fitted(items: readonly Node[], width: number) {
  const shown = shownNodeColumns({tags: true})
  const columns = tableColumns(NODES.columns, shown, {now: NOW, ownerWord: 'user', time: tableTime})
  const texts = await Promise.all(columns.map((column) => textColumn(column, items)))
  const {columns: kept, leftOut} = await fitColumns(texts, items, {width, header: true, leaveOut: true})
  const text = [...tableLines(kept, items, (_, cell) => cell)].join('')
  return {lines: text.trimEnd().split('\n'), leftOut}
}

describe('a fitted table', () => {
  test.for([34, 40, 60, 80, 100, 120, 160])('is at most %s columns wide', async (width) => {
    for (const items of [GUIDE, TODAY, ODD, []]) {
      const {lines} = await fitted(items, width)
      expect(lines).toHaveLength(items.length + 1)
      expect(lines.filter((line) => stringWidth(line) > width)).toEqual([])
    }
  })

  test('makes each text once', async () => {
    const made: string[] = []
    const counted = (header: string, texts: string[], short?: string) => ({
      header,
      cell: (item: number) => (made.push(`${header} ${item}`), texts[item]!),
      narrow: {cut: true as const, ...(short !== undefined && {short: () => short})},
    })
    const columns = [counted('A', ['a'.repeat(30), 'b']), counted('B', ['c'.repeat(30), '服务器'], 'd')]
    const texts = await Promise.all(columns.map((column) => textColumn(column, [0, 1])))
    const {columns: kept} = await fitColumns(texts, [0, 1], {width: 12, header: true, leaveOut: true})
    expect([...tableLines(kept, [0, 1], (_, cell) => cell)].join('')).toBe('A        | B\naaaaaaa… | d\nb        | d\n')
    expect(made.toSorted()).toEqual(['A 0', 'A 1', 'B 0', 'B 1'])
  })

  test('that has room is not changed', async () => {
    expect((await fitted(GUIDE, 124)).leftOut).toEqual([])
    expect((await fitted(GUIDE, 100)).leftOut).toEqual(['NodeKey', 'Ephemeral'])
  })

  test('cuts between characters as people see them', async () => {
    const family = '👩‍👩‍👧‍👦'
    const names = [`${family}${family}${family}${family}`, 'cafe\u0301'.repeat(8), '服务器服务器服务器'].map(
      (hostName) => node({hostName}),
    )
    const {lines} = await fitted(names, 40)
    const cells = lines.slice(1).map((line) => line.split(' | ')[1]!.trim())
    expect(cells.every((cell) => cell.endsWith('…'))).toBe(true)
    expect(cells[0]!.replaceAll(family, '')).toBe('…')
    expect(cells[1]).not.toMatch(/e…$/)
  })
})

describe('sorting', () => {
  const ids = (column: string, items: readonly Node[], descending = false) =>
    sortItems(items, findColumn(NODES.columns, column)!, {descending, now: NOW}).map(({id}) => id)

  test('of addresses is by number, IPv4 first, none last', () => {
    const addresses = ['fd7a::1:0', '100.64.0.10', '', '100.64.0.9', 'fd7a::ffff', '10.200.0.1', 'fd7a:0:0::2']
    const items = addresses.map((ip, i) => node({id: String(i), ipAddresses: ip === '' ? [] : [ip]}))
    expect(ids('ip', items)).toEqual(['5', '3', '1', '6', '4', '0', '2'])
    expect(ids('ip', items, true)).toEqual(['0', '4', '6', '1', '3', '5', '2'])
  })

  test('of prefixes is by number and length', () => {
    const prefixes = ['10.0.0.0/16', '10.0.0.0/8', '9.0.0.0/24', '::/0', '0.0.0.0/0']
    const items = prefixes.map((prefix, i) =>
      node({id: String(i), routes: {available: [prefix], approved: [], serving: []}}),
    )
    expect(ids('available-routes', items)).toEqual(['4', '2', '1', '0', '3'])
  })

  test('of ids and names is natural, and equal values keep their order', () => {
    const items = ['9', '10', '18446744073709551615', '18446744073709551614'].map((id) => node({id}))
    expect(ids('id', items)).toEqual(['9', '10', '18446744073709551614', '18446744073709551615'])
    expect(ids('name', items)).toEqual(items.map(({id}) => id))
    expect(ids('name', items, true)).toEqual(items.map(({id}) => id))
  })
})

test.for([
  ['web-1', 'web-1'],
  ['Web.1', 'Web.1'],
  ['42', 'name:42'],
  ['10.0.0.1', 'name:10.0.0.1'],
  ['fd7a::1', 'name:fd7a::1'],
  ['id:3', 'name:id:3'],
  ['name:x', 'name:name:x'],
  ['-i', 'name:-i'],
  ['', 'id:7'],
  ['two words', 'id:7'],
  ["Carson's Mac", 'id:7'],
  ['a\\b', 'id:7'],
  ['\u001b[31m', 'id:7'],
  ['\u202eexe', 'id:7'],
] as const)('the node named %j is called %s on a command line', ([name, word]) => {
  expect(nameReference({id: '7', name})).toBe(word)
})
