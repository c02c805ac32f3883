/** What the executable contains. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {EXECUTABLE, ROOT} from '../support/paths.ts'

test('the executable does not depend on the folder it was built in', () => {
  const bytes = readFileSync(join(ROOT, EXECUTABLE))
  expect(bytes.indexOf('headscale-ts')).toBeGreaterThan(0)
  expect(bytes.indexOf(ROOT)).toBe(-1)
})
