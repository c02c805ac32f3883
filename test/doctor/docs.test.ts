/** docs/doctor.md lists every check and every code of doctor, and no other. */
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {CHECKS} from '../../src/doctor/result.ts'
import {ROOT} from '../support/paths.ts'

const docs = readFileSync(join(ROOT, 'docs/doctor.md'), 'utf8')

/** The first cells of the table under a heading. */
function firstCells(heading: string): string[] {
  const [section = ''] = docs
    .slice(docs.indexOf(`## ${heading}\n`))
    .split('\n## ')
    .slice(0, 1)
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| c'))
  return rows.flatMap((line) => line.split('|')[1]!.trim().split(', '))
}

test('docs/doctor.md lists the checks', () => {
  expect(firstCells('Checks')).toEqual(Object.values(CHECKS))
})

test('docs/doctor.md lists the codes', () => {
  const sources = globSync('src/doctor/**/*.ts', {cwd: ROOT}).map((name) => readFileSync(join(ROOT, name), 'utf8'))
  const called =
    /(?:\b(?:error|warning|build|problem)\(|\bas: |\bas = )\s*'([a-z-]+)'|'((?:socket|relay)-[a-z]+|not-a-socket)'/g
  const used = sources.flatMap((text) => [...text.matchAll(called)].map(([, code, other]) => code ?? other))
  const listed = firstCells('Codes').map((code) => code.replaceAll('`', ''))
  expect(listed).toEqual([...new Set(listed)])
  expect(new Set(listed.filter((code) => code !== 'relay-…'))).toEqual(new Set(used))
})
