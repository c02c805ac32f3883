/** docs/derp.md lists every finding code that occurs in the goldens, and no other. */
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'

const here = import.meta.dirname

test('docs/derp.md lists the codes of findings', () => {
  const goldens = globSync('golden/**/*.txt', {cwd: here}).map((name) => readFileSync(join(here, name), 'utf8'))
  const seen = goldens.flatMap((text) => [...text.matchAll(/^\S+:\d+:\d+: (?:error|warning) ([a-z0-9-]+): /gm)])
  const docs = readFileSync(join(here, '../../docs/derp.md'), 'utf8')
  const table = docs.slice(docs.indexOf('| code | problem |'), docs.indexOf('Known limits:'))
  const listed = [...table.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1])
  expect(new Set(listed)).toEqual(new Set(seen.map((match) => match[1])))
  expect(listed).toEqual([...new Set(listed)])
})
