/** `version` prints the program's version, and the server's if there is a server. It succeeds without one. */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {ROOT} from '../support/paths.ts'
import {PROGRAM_NAMES, runChild} from '../support/program.ts'
import {startTestSandbox} from '../support/servers.ts'

const {version} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {version: string}

test.for(PROGRAM_NAMES)('the %s prints its own version without a server', async (program) => {
  expect(await runChild(program, ['--version'])).toEqual({status: 0, stdout: `headscale-ts ${version}\n`, stderr: ''})
})

test.for(PROGRAM_NAMES)('the %s prints its version and that of a server on a socket', async (program) => {
  const server = await startTestSandbox({release: '0.17'})
  const socket = server.env.HEADSCALE_UNIX_SOCKET!
  expect(await runChild(program, ['version'], {env: server.env})).toEqual({
    status: 0,
    stdout: `headscale-ts ${version}\nheadscale 0.17 (gRPC on ${socket})\n`,
    stderr: '',
  })
  await server.close()
})

test.for(PROGRAM_NAMES)('the %s prints the exact version of a server that reports it', async (program) => {
  const server = await startTestSandbox({release: '0.29', via: 'REST'})
  const address = server.env.HEADSCALE_CLI_ADDRESS!
  const {status, stdout} = await runChild(program, ['version', '-o', 'yaml'], {env: server.env})
  expect([status, stdout]).toEqual([
    0,
    `version: ${version}\nserver:\n  version: 0.29.3\n  releases: "0.29"\n  via: ${address}\n`,
  ])
  await server.close()
})

test.for(PROGRAM_NAMES)('the %s fails if the specified server cannot be reached', async (program) => {
  const env = {HEADSCALE_CLI_ADDRESS: 'http://127.0.0.1:1', HEADSCALE_CLI_API_KEY: 'abc.def'}
  expect(await runChild(program, ['version'], {env})).toEqual({
    status: 7,
    stdout: '',
    stderr:
      'error: connection refused: http://127.0.0.1:1\nhint: check that headscale is running there and that the port is right\n',
  })
})
