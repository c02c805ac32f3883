/** CHANGELOG.md: the changesets since the last release as one section, by kind. The changesets themselves stay. */
import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {type Part, type Release, ROOT, VERSION} from './release.ts'

interface Change {
  kind: 'major' | 'minor' | 'patch'
  text: string
}

const HEADINGS: readonly [Change['kind'], string][] = [
  ['major', 'Incompatible changes'],
  ['minor', 'New and changed'],
  ['patch', 'Fixed'],
]

export const changelogPart: Part = {
  name: 'changelog',
  what: 'CHANGELOG.md, from .changeset/',
  needs: [],
  build: ({folder, time}) => writeFileSync(join(folder, 'CHANGELOG.md'), changelog(time)),
}

/** The text of CHANGELOG.md. */
export function changelog(time: Release['time']): string {
  const changes = readChanges()
  const sections = HEADINGS.flatMap(([kind, heading]) => {
    const texts = changes.filter((change) => change.kind === kind).map(({text}) => listItem(text))
    return texts.length === 0 ? [] : [`### ${heading}\n\n${texts.join('\n')}`]
  })
  const date = new Date(time * 1000).toISOString().slice(0, 10)
  return `# Changes\n\n## ${VERSION} (${date})\n\n${sections.join('\n')}`
}

/** In order of the file names. @throws Error for a file that is not a changeset of this package */
function readChanges(): Change[] {
  const folder = join(ROOT, '.changeset')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => {
      const found = /^---\n'headscale-ts': (major|minor|patch)\n---\n([^]*)$/.exec(
        readFileSync(join(folder, name), 'utf8'),
      )
      if (!found)
        throw new Error(`.changeset/${name}: expected "'headscale-ts': minor" between two lines "---", and a text`)
      return {kind: found[1] as Change['kind'], text: found[2]!.trim()}
    })
}

function listItem(text: string): string {
  return `- ${text.replaceAll('\n', '\n  ').replaceAll(/^ +$/gm, '')}\n`
}
