/** docs/setup.md lists every finding code of setup check, docs/upgrade.md those of upgrade plan, and no other. */
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'

import {ROOT} from '../support/paths.ts'

test('docs/setup.md lists the codes of findings', () => {
  const sources = globSync('src/setup/{check,beside}/*.ts', {cwd: ROOT}).map((name) =>
    readFileSync(join(ROOT, name), 'utf8'),
  )
  const used = sources.flatMap((text) =>
    [...text.matchAll(/(?:\.(?:error|warning)|\])\(\s*'([a-z-]+)',|code: '([a-z-]+)'/g)].map(
      (match) => match[1] ?? match[2],
    ),
  )
  // A code that depends on the kind of the key.
  used.push('removed-key', 'renamed-key')
  const docs = readFileSync(join(ROOT, 'docs/setup.md'), 'utf8')
  const table = docs.slice(docs.indexOf('| code | problem |'), docs.indexOf('Codes of the `derp` block'))
  const listed = [...table.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm)].flatMap(([, codes]) =>
    codes!.split(', ').map((code) => code.slice(1, -1)),
  )
  expect(listed).toEqual([...new Set(listed)])
  expect(new Set(listed)).toEqual(new Set(used))
})

test('docs/upgrade.md lists the codes of problems', () => {
  const source = readFileSync(join(ROOT, 'src/setup/upgrade/problems.ts'), 'utf8')
  const used = [...source.matchAll(/(?:\badd\(|code: )'([a-z-]+)'/g)].map(([, code]) => code!)
  const docs = readFileSync(join(ROOT, 'docs/upgrade.md'), 'utf8')
  const listed = [...docs.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code)
  expect(listed).toEqual([...new Set(used)].toSorted((a, b) => a.localeCompare(b)))
})
