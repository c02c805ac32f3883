/**
 * The commands, keys and names of sections 1 and 2 of the guide, unchanged, on a sandbox with the guide's tailnet. Both
 * programs over both transports; all four share one golden file.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {guide} from '../../src/sandbox/seed/guide.ts'
import {maskTimes, MATRIX_PROGRAMS, runChild, runScript, withPrograms} from '../support/program.ts'
import {startTestSandbox, type TestServer, type Via} from '../support/servers.ts'
import {transcript} from '../support/transcript.ts'

const COREDNS = '905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846'
const CARSON = '21d7a3c10f5e94b8627c3d0a9be84f1563c2e7d09a8b4f7651e0c3d2b4a59687'

const CASES = withPrograms<{via: Via}>([{via: 'socket'}, {via: 'REST'}])

test.for(CASES)('the $program prints the tables of the guide over $via', async ({program, via}) => {
  const server = await startTestSandbox({via, seed: guide})
  try {
    const log = transcript((argv) => runChild(program, argv, {env: server.env}))
    await log.line('namespaces', 'create', 'default')
    await log.line('namespaces', 'list')
    await log.line('-n', 'default', 'nodes', 'register', '--key', COREDNS)
    await log.line('-n', 'default', 'nodes', 'register', '--key', CARSON)
    const {stdout} = await log.line('nodes', 'list')
    await expect(log.text()).toMatchFileSnapshot('../golden/walkthrough/guide-0.15.txt')
    // The short form of a node key is part of what the guide shows.
    expect(stdout.match(/\[.{5}\]/g)).toEqual(['[Ew3RB]', '[k7bzX]'])
  } finally {
    await server.close()
  }
})

describe.for(MATRIX_PROGRAMS)('in shell scripts the %s', (program) => {
  let server: TestServer
  beforeAll(async () => {
    const nodes = Array.from({length: 3000}, (_, i) => ({name: `node-${i + 1}`, user: 'default'}))
    server = await startTestSandbox({seed: {prefixes: ['10.1.0.0/16'], nodes}})
  })
  afterAll(() => server.close())

  test('ends without an error when the reader closes the pipe', async () => {
    const script = 'headscale-ts nodes list | head -1; echo "${PIPESTATUS[@]}"'
    expect(await runScript(program, script, {env: server.env})).toEqual({
      status: 0,
      stdout:
        'ID   | Name      | NodeKey | Namespace | IP addresses | Ephemeral | Last seen           | Online | Expired\n' +
        '0 0\n',
      stderr: '',
    })
  })

  test('does not read the standard input of a loop', async () => {
    const script = `printf '1\\n2\\n3\\n' | while read i; do headscale-ts namespaces list -o json-line; echo "$i"; done`
    const {status, stdout, stderr} = await runScript(program, script, {env: server.env})
    const list = /^\[\{"id":"1","name":"default",.*\}\]$/
    const lines = stdout.trimEnd().split('\n')
    expect([status, stderr, lines.filter((line) => !list.test(line)), lines.length]).toEqual([
      0,
      '',
      ['1', '2', '3'],
      6,
    ])
  })

  test('does not read the standard input of a loop if an argument is missing', async () => {
    const script = `printf '1\\n2\\n3\\n' | while read i; do headscale-ts namespaces create; echo "$i"; done`
    expect(await runScript(program, script, {env: server.env})).toMatchObject({stdout: '1\n2\n3\n'})
  })

  test('finds a node by grep on one line', async () => {
    const {stdout} = await runScript(program, "headscale-ts nodes list|grep 'node-2999 '", {env: server.env})
    expect(maskTimes(stdout).replace(/\[.{5}\]/, '[.....]')).toBe(
      '2999 | node-2999 | [.....] | default   | 10.1.11.183  | false     | YYYY-MM-DD HH:MM:SS | online | no\n',
    )
  })
})
