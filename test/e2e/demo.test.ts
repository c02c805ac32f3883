/** The whole output of `npm run demo` after its build. It must contain nothing about the machine it runs on. */
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'
import {maskTimes, runCommand} from '../support/program.ts'

test('the demo shows the first steps and nothing about this machine', {timeout: 60_000}, async () => {
  const {status, stdout, stderr} = await runCommand([process.execPath, join(ROOT, 'scripts/demo.ts')])
  const shown = maskTimes(stdout).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'YYYY-MM-DDTHH:MM:SS.sssZ')
  await expect(shown).toMatchFileSnapshot('../golden/demo.txt')
  expect([status, stderr]).toEqual([
    0,
    'error: namespace default (id 1) already exists\nhint: use another name, or use the existing one\n',
  ])
  expect(stdout).not.toMatch(/\/tmp|\/home|\/root|\/work/)
})
