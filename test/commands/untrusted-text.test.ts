/**
 * Text from a server that tries to control a terminal: names, a policy and error messages with control characters,
 * terminal sequences and characters that reorder a line. Tables, reports, messages and one-line output show them as
 * escapes; JSON and YAML escape them too, and parse to the original text.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const NAME = 'n1\u001b]0;owned\u0007\u001b[2K\r\u009b31m\u202egnp\u2028x'
const SHOWN = 'n1\\x1b]0;owned\\x07\\x1b[2K\\r\\x9b31m\\u202egnp\\u2028x'
/** Characters that must not reach a terminal. Line feeds may: the program prints them itself. */
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const POLICY = '// \u001b[2J\u202e hidden\r\n{\n\t"groups": {"group:\u202ea": []}\n}\n'

describe.for(['0.15', '0.29'])('sandbox %s', (release) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({
      release,
      seed: {users: [{name: 'bob'}], nodes: [{name: NAME, user: 'bob'}]},
    })
  })
  afterAll(() => server.close())
  const run = (argv: string[], answer?: boolean) =>
    runHere(argv, {env: server.env, terminal: true, ...(answer !== undefined && {answer})})

  test.for([
    ['nodes', 'list'],
    ['nodes', 'show', '1'],
    ['routes', 'list'],
    ['nodes', 'expire', '-i', '1'],
  ])('prints nothing a terminal would obey: %s', async (argv) => {
    const {status, stdout, stderr} = await run(argv)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).not.toMatch(UNSAFE)
  })

  test('the list and the report show the name as escapes', async () => {
    expect((await run(['nodes', 'list'])).stdout).toContain(SHOWN)
    expect((await run(['nodes', 'show', '1'])).stdout).toContain(SHOWN)
  })

  test.for(['json', 'json-line', 'yaml'])('%s escapes them and parses to the original text', async (format) => {
    const {stdout} = await run(['nodes', 'show', '1', '-o', format])
    expect(stdout).not.toMatch(UNSAFE)
    expect(parse(stdout)).toMatchObject({name: NAME})
  })

  test('an error message with the text is one line', async () => {
    const {stderr} = await run(['nodes', 'show', `x${NAME}`])
    expect(stderr).not.toMatch(UNSAFE)
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
  })
})

describe('policy get', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({release: '0.29', seed: {policy: POLICY}})
  })
  afterAll(() => server.close())

  test('shows escapes on a terminal', async () => {
    const {stdout} = await runHere(['policy', 'get'], {env: server.env, terminal: true})
    expect(stdout).toBe('// \\x1b[2J\\u202e hidden\r\n{\n\t"groups": {"group:\\u202ea": []}\n}\n')
  })

  test('writes the policy unchanged to a file or a pipe', async () => {
    expect((await runHere(['policy', 'get'], {env: server.env})).stdout).toBe(POLICY)
  })
})
