/** The filters of docs/migrating.md, run by jq: the one for headscale selects every node, the one for this program the right ones. */
import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'
import {runScript} from '../support/program.ts'
import {startTestSandbox} from '../support/servers.ts'

const text = readFileSync(join(ROOT, 'docs/migrating.md'), 'utf8')
const lines = [...text.matchAll(/^> (headscale.* \| jq .*)$/gm)].map(([, line]) => line!)

function hasJq(): boolean {
  try {
    return execFileSync('jq', ['--version']).length > 0
  } catch {
    return false
  }
}

test('docs/migrating.md warns before its first table', () => {
  const [start] = text.split('\n| ')
  expect(start).toContain('can select every object')
  expect(lines).toHaveLength(2)
})

test.skipIf(!hasJq())('only the second filter selects the nodes that were offline for a day (needs jq)', async () => {
  const seen = (id: number, lastSeen?: string) => ({
    name: `n${id}`,
    user: 'default',
    ...(lastSeen && {online: false, lastSeen}),
  })
  const seed = {users: [{name: 'default'}], nodes: [seen(1), seen(2), seen(3, '2026-01-01T00:00:00Z')]}
  const {env, close} = await startTestSandbox({release: '0.29', seed})
  /** What the list and the filter of a line select; the change behind them is left out. */
  const selected = async (line: string) => {
    const script = line.replace(/^headscale /, 'headscale-ts ').replace(/ \| xargs.*$/, '')
    return (await runScript('npm program', script, {env})).stdout.trim().split('\n')
  }
  try {
    expect(await selected(lines[0]!)).toEqual(['1', '2', '3'])
    expect(await selected(lines[1]!)).toEqual(['3'])
  } finally {
    await close()
  }
})
