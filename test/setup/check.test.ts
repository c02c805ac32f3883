/** Every fault that `setup check` finds, one test and one golden file each: the whole run. */
import {describe, expect, test} from 'vitest'

import {CASES} from './cases.ts'
import {folderOf, transcript} from './support.ts'

describe.each(CASES)('case $number: $title', (given) => {
  test(`${given.verdict}, ${given.code ?? 'nothing found'}`, async () => {
    const words = ['check', 'config.yaml', '--for', given.release, ...given.flags]
    const run = await transcript(folderOf(given), words, {env: given.env})
    await expect(`# ${given.title}\n${run}`).toMatchFileSnapshot(
      `golden/check/${String(given.number).padStart(3, '0')}.txt`,
    )
    const found = [...run.matchAll(/: (error|warning) ([a-z-]+): /g)].map(([, severity, code]) => ({severity, code}))
    const verdict = found.some(({severity}) => severity === 'error') ? 'error' : found.length > 0 ? 'warning' : 'ok'
    expect({verdict, codes: found.map(({code}) => code)}).toEqual({
      verdict: given.verdict,
      codes: given.code === null ? [] : expect.arrayContaining([given.code]),
    })
    expect(run.endsWith(`--- exit ${given.verdict === 'error' ? 6 : 0}\n`), run).toBe(true)
  })
})
