/**
 * Sections 1 and 2 of the documented walkthrough on every server: a namespace, two clients that join, the lists. The
 * clients are created by `debug create-node`, which every release has. Each release line has one golden transcript, for
 * the sandbox and for real servers, over the socket and over REST, with both programs.
 */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {MATRIX_PROGRAMS, runChild} from '../support/program.ts'
import {LONG_SUITE_SERVERS, type TestServer} from '../support/servers.ts'
import {joinTwoNodes} from '../support/walkthrough.ts'

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  describe.for(MATRIX_PROGRAMS)('%s', (program) => {
    let server: TestServer
    beforeAll(async () => {
      server = await spec.start()
    })
    afterAll(() => server?.close())

    test('prints the tables of the guide', async () => {
      const text = await joinTwoNodes((argv) => runChild(program, argv, {env: server.env}))
      await expect(text).toMatchFileSnapshot(`../golden/walkthrough/joined-${spec.line}.txt`)
    })
  })
})
