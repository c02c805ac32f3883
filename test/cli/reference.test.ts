/** docs/commands and the man pages: as the commands are today, complete, and readable by every man. */
import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {manFiles} from '../../scripts/docs/man.ts'
import {markdownFiles} from '../../scripts/docs/markdown.ts'
import {pageGroups} from '../../scripts/docs/pages.ts'
import {COMMAND_TABLE} from '../../src/cli/command-table.ts'
import {commandPage} from '../../src/cli/help/command-page.ts'
import {ROOT} from '../support/paths.ts'
import {scratchFolder} from '../support/program.ts'

const groups = pageGroups()
const pages = manFiles(groups, '1.2.3')
const ids = Object.keys(COMMAND_TABLE)

test('docs/commands is up to date', () => {
  const folder = join(ROOT, 'docs/commands')
  const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  expect(files).toEqual(markdownFiles(groups))
})

test('the links of docs/commands lead to headings', () => {
  const files = markdownFiles(groups)
  const anchors = (name: string) =>
    [...files[name]!.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!.replaceAll(' ', '-').toLowerCase())
  for (const [name, text] of Object.entries(files)) {
    const links = [...text.matchAll(/\]\(([a-z-]+\.md)?(?:#([a-z-]+))?\)/g)]
    const broken = links.filter(
      ([, file = name, anchor]) => !(file in files) || (anchor !== undefined && !anchors(file).includes(anchor)),
    )
    expect(broken.map(([link]) => link)).toEqual([])
  }
})

test.for(ids)('a page describes %s with each flag, argument and example', (id) => {
  const topic = id.split(':')[0]!
  const markdown = markdownFiles(groups)[`${topic}.md`]!.replaceAll('\\|', '|')
  const man = unformatted(pages[`headscale-ts-${topic}.1`] ?? pages['headscale-ts.1']!)
  const {usage, args, flagGroups, examples} = commandPage(id)
  const names = [...args, ...flagGroups.flatMap(({flags}) => flags)].map(({name}) => name)
  const all = [usage, ...names, ...examples]
  expect(all.filter((text) => !markdown.includes(text))).toEqual([])
  expect(all.filter((text) => !man.includes(text))).toEqual([])
})

/** The text of a page as far as the test needs it, without fonts and escapes. */
function unformatted(roff: string): string {
  const characters: Record<string, string> = {
    e: '\\',
    '-': '-',
    '(aq': "'",
    '(dq': '"',
    '(ga': '`',
    '(ha': '^',
    '(ti': '~',
  }
  return roff
    .replace(/\\f[BIR]/g, '')
    .replace(/\\\[u([0-9A-F]+)\]/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/\\(e|-|\(..)/g, (_, name: string) => characters[name]!)
}

describe('the man pages', () => {
  const folder = scratchFolder()
  mkdirSync(join(folder, 'man1'))
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, 'man1', name), text)
  const installed = (program: string) => spawnSync(program, ['--version']).error === undefined

  const files = Object.keys(pages).map((name) => join(folder, 'man1', name))

  test.skipIf(!installed('mandoc'))('have no mistakes that mandoc knows', () => {
    const {stdout, stderr} = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', ...files], {encoding: 'utf8'})
    const findings = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.includes('missing date'))
    expect(findings).toEqual([])
  })

  test.skipIf(!installed('groff'))('have no mistakes that groff knows', () => {
    const {status, stderr} = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z', ...files], {encoding: 'utf8'})
    expect([status, stderr]).toEqual([0, ''])
  })
})
