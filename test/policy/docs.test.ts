/** docs/policy.md lists every finding code that occurs in the goldens, and no other. */
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'

const here = import.meta.dirname

/** They need a server, a tailnet, or more findings than a policy of the corpus has. */
const NOT_IN_CORPUS = [
  'rejected-by-server',
  'ambiguous-user',
  'failed-test',
  'outside-of-any',
  'tag-without-node',
  'unknown-user',
  'too-many-findings',
]

test('docs/policy.md lists the codes of findings', () => {
  const read = (pattern: string) =>
    globSync(pattern, {cwd: here})
      .map((name) => readFileSync(join(here, name), 'utf8'))
      .join('')
  const full = [...read('golden/corpus-0.29.txt').matchAll(/^policy:\d+:\d+: (?:error|warning) ([a-z-]+): /gm)]
  const short = [...read('golden/corpus-0.2[3-8].txt').matchAll(/(?:: |, )\(?([a-z]+(?:-[a-z]+)+|syntax)\)?(?=,|$)/gm)]
  const docs = readFileSync(join(here, '../../docs/policy.md'), 'utf8')
  const table = docs.slice(docs.indexOf('| code | problem |'), docs.indexOf('## Formatting'))
  const rows = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, codes]) => [...codes!.matchAll(/`([a-z-]+)`/g)])
  const listed = rows.map((match) => match[1]!)
  expect([...new Set(listed)].sort()).toEqual(
    [...new Set([...full, ...short].map((match) => match[1]!).concat(NOT_IN_CORPUS))].sort(),
  )
  expect(listed).toEqual([...new Set(listed)])
})
