/** Complete lists as text: as documented, for each group of releases, with wide, malicious or missing names, and in colour. */
import stringWidth from 'string-width'
import {describe, expect, test} from 'vitest'
import {type ListSpec, type Shown, tableColumns} from '../../src/render/columns/column.ts'
import {NODES, shownNodeColumns} from '../../src/render/columns/nodes.ts'
import {SHOWN_NAMESPACES, SHOWN_USERS, USERS} from '../../src/render/columns/users.ts'
import {colourPainter} from '../../src/render/style.ts'
import {type Column, type Painter, renderTable} from '../../src/render/table.ts'
import {tableTime} from '../../src/render/time.ts'
import {GUIDE, node, NOW, ODD, TODAY, user} from './values.ts'

const plain: Painter = (_, text) => text

async function table<Item>(columns: readonly Column<Item>[], items: readonly Item[], paint = plain): Promise<string> {
  return [...(await renderTable(columns, items, paint))].join('')
}

function columnsOf<Item>({columns}: ListSpec<Item>, shown: readonly Shown[], ownerWord: 'namespace' | 'user' = 'user') {
  return tableColumns(columns, shown, {ownerWord, now: NOW, time: tableTime})
}

const nodes = (ownerWord: 'namespace' | 'user', tags = false) => columnsOf(NODES, shownNodeColumns({tags}), ownerWord)
const namespaceColumns = columnsOf(USERS, SHOWN_NAMESPACES)
const userColumns = columnsOf(USERS, SHOWN_USERS)

describe('nodes', () => {
  test('are as in the guide', async () => {
    expect(await table(nodes('namespace'), GUIDE)).toBe(
      [
        'ID | Name                | NodeKey | Namespace | IP addresses | Ephemeral | Last seen           | Online | Expired',
        '1  | coredns             | [Ew3RB] | default   | 10.1.0.1     | false     | 2022-03-20 09:08:58 | online | no',
        '2  | carsondemacbook-pro | [k7bzX] | default   | 10.1.0.2     | false     | 2022-03-20 09:48:30 | online | no',
        '',
      ].join('\n'),
    )
  })

  test.for([
    ['nodes-user', 'user', TODAY, false],
    ['nodes-tags', 'user', TODAY, true],
    ['nodes-odd-names', 'namespace', ODD, false],
    ['nodes-none', 'namespace', [], false],
  ] as const)('%s', async ([name, ownerWord, items, tags]) => {
    await expect(await table(nodes(ownerWord, tags), items)).toMatchFileSnapshot(`../golden/tables/${name}.txt`)
  })

  test('can have colours', async () => {
    const coloured = await table(nodes('user', true), TODAY, colourPainter())
    await expect(coloured.replaceAll('\u001b', '␛')).toMatchFileSnapshot('../golden/tables/nodes-colour.txt')
    // eslint-disable-next-line no-control-regex -- the colours themselves
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(await table(nodes('user', true), TODAY))
  })

  test('are aligned on a terminal with any names', async () => {
    const lines = (await table(nodes('namespace'), ODD)).trimEnd().split('\n')
    const starts = lines.map((line) => stringWidth(line.slice(0, line.indexOf(' | [') + 1)) || null)
    expect(new Set(starts.slice(1)).size).toBe(1)
    expect(lines).toHaveLength(ODD.length + 1)
  })

  test('contain no terminal control characters', async () => {
    const text = await table(nodes('namespace'), ODD)
    expect(text.replaceAll('\n', '').match(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g)).toBeNull()
  })

  test('take one line each in a list of thousands', async () => {
    const items = Array.from({length: 5000}, (_, i) => node({id: String(i + 1), hostName: `n${'x'.repeat(i % 300)}`}))
    const pieces = [...(await renderTable(nodes('namespace'), items, plain))]
    expect(pieces.length).toBeGreaterThan(10)
    const lines = pieces.join('').split('\n')
    expect([
      lines.length,
      new Set(
        lines
          .slice(0, -1)
          .map((line) => line.indexOf(' | [k'))
          .values(),
      ).size,
    ]).toEqual([5002, 1])
  })
})

describe('users', () => {
  const people = [
    user(),
    user({id: '2', name: '小明', displayName: 'Xiǎo Míng', email: 'm@example.com', createdAt: null}),
    user({id: '10', name: 'carson@example.com', displayName: '', email: ''}),
  ]

  test('are listed as namespaces up to 0.18', async () => {
    expect(await table(namespaceColumns, [user()])).toBe('ID | Name    | Created\n1  | default | 2022-03-09 06:12:06\n')
    await expect(await table(namespaceColumns, people)).toMatchFileSnapshot('../golden/tables/namespaces.txt')
  })

  test('are listed with their profiles', async () => {
    await expect(await table(userColumns, people)).toMatchFileSnapshot('../golden/tables/users.txt')
  })

  test('an empty list has only the header', async () => {
    expect(await table(userColumns, [])).toBe('ID | Name | Username | Email | Created\n')
  })
})
