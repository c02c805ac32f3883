/** Standard output that cannot be written (a full disk, a closed pipe), and a working folder that was removed. */
import {existsSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {PROGRAM_NAMES, runHere, runScript} from '../support/program.ts'
import {startTestSandbox} from '../support/servers.ts'

const FULL =
  'error: cannot write to standard output: no space left on device\nhint: the output is missing or incomplete\n'

describe.for(PROGRAM_NAMES)('%s', (program) => {
  test.skipIf(!existsSync('/dev/full'))('reports a full disk', async () => {
    expect(await runScript(program, 'headscale-ts --help > /dev/full')).toEqual({status: 1, stdout: '', stderr: FULL})
    const {stderr} = await runScript(program, 'headscale-ts version -o json > /dev/full')
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'failed', exitCode: 1}})
  })

  test('ends without an error when the reader closes the pipe', async () => {
    const {stdout, stderr} = await runScript(program, 'headscale-ts --help | head -1; echo "${PIPESTATUS[0]}"')
    expect([stdout, stderr]).toEqual(['Admin command line for headscale\n0\n', ''])
  })

  test('keeps its exit status when standard error cannot be written', async () => {
    const {status} = await runScript(program, 'headscale-ts nope 2>&-')
    expect(status).toBe(2)
    const {stdout} = await runScript(program, 'headscale-ts nope 2>&1 >/dev/null | true; echo "${PIPESTATUS[0]}"')
    expect(stdout).toBe('2\n')
  })
})

describe.for(['0.22', '0.29'])('a new key of sandbox %s that cannot be printed', (release) => {
  test.skipIf(!existsSync('/dev/full'))('is named in the error, with the command that expires it', async () => {
    const server = await startTestSandbox({release, seed: {users: [{name: 'default'}]}})
    for (const [create, list] of [
      ['apikeys create', 'apikeys list'],
      ['preauthkeys create -u default', 'preauthkeys list -u default'],
    ] as const) {
      for (const output of ['> /dev/full', '| true']) {
        const script = `headscale-ts ${create} ${output}; echo "\${PIPESTATUS[0]}"`
        const {stdout, stderr} = await runScript('npm program', script, {env: server.env})
        expect([stdout, stderr]).toEqual([
          '1\n',
          expect.stringMatching(/^error: .* was created, but it was not printed: /),
        ])
        const undo = stderr.match(/run: headscale-ts (.*)$/m)![1]!
        const expired = await runHere(undo.split(' '), {env: server.env})
        expect(expired).toMatchObject({status: 0, stdout: 'Key expired\n'})
      }
      const {stdout} = await runHere([...list.split(' '), '-o', 'json'], {env: server.env})
      const keys = JSON.parse(stdout) as {expiration: string}[]
      expect(keys.filter(({expiration}) => new Date(expiration) > new Date())).toEqual([])
    }
    await server.close()
  })
})

test('the npm program works in a folder that was removed', async () => {
  const {status, stdout, stderr} = await runScript(
    'npm program',
    'folder=$(mktemp -d); cd "$folder"; rmdir "$folder"; headscale-ts --version',
  )
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^headscale-ts \d/)
  const script =
    'folder=$(mktemp -d); cd "$folder"; rmdir "$folder"; headscale-ts policy check -f policy.hujson --socket /nowhere'
  expect((await runScript('npm program', script)).stderr).not.toContain('internal error')
})
