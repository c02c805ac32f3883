import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {behaviourOf} from '../../src/derp/releases.ts'
import {countFindings, countText, findingText} from '../../src/diagnostics/report.ts'
import {validateConfig, validateTexts} from '../../src/derp/lint/validate.ts'
import {CASES} from './cases.ts'
import type {Finding} from '../../src/diagnostics/finding.ts'
import type {ValidateCase} from './cases.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'derp-validate-'))
})
afterAll(() => rm(folder, {recursive: true}))

async function findingsOf({files, release, config, as, number}: ValidateCase): Promise<Finding[]> {
  const behaviour = behaviourOf(release)
  if (config === undefined) {
    const texts = files.map((file) => ({...file, status: null}))
    return (await validateTexts(texts, {behaviour, as: as ?? null})).findings
  }
  const cwd = await mkdtemp(join(folder, `${number}-`))
  for (const {name, text} of files) await writeFile(join(cwd, name), text)
  const options = {behaviour, as: null, fetch: false, cwd}
  return (await validateConfig({name: 'config.yaml', text: config, status: null}, options)).findings
}

describe.each(CASES)('case $number: $title', (given) => {
  test(`${given.verdict}, ${given.code ?? 'nothing found'}`, async () => {
    const findings = await findingsOf(given)
    const {errors, warnings} = countFindings(findings)
    const verdict = errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'ok'
    const report = `# ${given.title} (headscale ${behaviourOf(given.release).release})\n${findings.map(findingText).join('')}${countText(findings)}\n`
    await expect(report).toMatchFileSnapshot(`golden/validate/${String(given.number).padStart(3, '0')}.txt`)
    expect({verdict, codes: findings.map(({code}) => code)}).toEqual({
      verdict: given.verdict,
      codes: given.code === null ? [] : expect.arrayContaining([given.code]),
    })
  })
})
