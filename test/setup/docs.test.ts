/** docs/setup.md lists every finding code of setup check, and no other. */
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
