/** Unified diffs: what other programs read as one, `patch` among them. */
import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {unifiedDiff} from '../../src/text/line-diff.ts'
import {scratchFolder} from '../support/program.ts'

test('names both texts, and shows a missing newline at the end', () => {
  expect(unifiedDiff('a\nb', 'a\nb\n', 'old', 'new')).toBe(
    '--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n',
  )
  expect(unifiedDiff('a\n', 'a\n', 'old')).toBe('')
})

test.for([
  ['', 'a\n'],
  ['a\nb\n', ''],
  ['a', 'b'],
  ['a\nb', 'a\nb\nc\n'],
  ['1\n2\n3\n4\n5\n6\n7\n8\n9\n', '1\n2\n3\n4\n5\n6\n7\n8\nnine\n'],
  ['1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n', '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n11\n12'],
])('patch makes the new text of %j: %j', ([before, after]) => {
  const folder = scratchFolder()
  writeFileSync(join(folder, 'file'), before!)
  execFileSync('patch', ['-s', 'file'], {cwd: folder, input: unifiedDiff(before!, after!, 'file')})
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe(after)
})
