/**
 * Sections 1 and 2 of the documented walkthrough on every server: a namespace, two clients that join, the lists. The
 * clients are created by `debug create-node`, which every release has. Each release line has one golden transcript, for
 * the sandbox and for real servers, over the socket and over REST, with both programs.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {MATRIX_PROGRAMS, runChild} from '../support/program.ts'
import {LONG_SUITE_SERVERS, type TestServer} from '../support/servers.ts'
import {transcript} from '../support/transcript.ts'

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  describe.for(MATRIX_PROGRAMS)('%s', (program) => {
    let server: TestServer
    beforeAll(async () => {
      server = await spec.start()
    })
    afterAll(() => server?.close())

    test('prints the tables of the guide', async () => {
      const run = (argv: string[]) => runChild(program, argv, {env: server.env})
      const log = transcript(run)
      await log.line('namespaces', 'create', 'default')
      await log.line('namespaces', 'list')
      for (const name of ['coredns', 'carsondemacbook-pro']) {
        const made = await run(['debug', 'create-node', '--name', name, '--user', 'default', '-o', 'json'])
        expect(made.stderr).toBe('')
        const {registrationKey} = JSON.parse(made.stdout) as {registrationKey: string}
        log.mask(registrationKey, 'KEY')
        await log.line('-n', 'default', 'nodes', 'register', '--key', registrationKey)
      }
      await log.line('nodes', 'list')
      await expect(log.text()).toMatchFileSnapshot(`../golden/walkthrough/joined-${spec.line}.txt`)
    })
  })
})
