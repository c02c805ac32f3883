/**
 * Tags that a client requests itself, which headscale up to 0.27 keeps when an administrator sets other tags: the program
 * warns that they stay. The request is written into the database of a real server, as a client would leave it.
 */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {available, startHeadscale} from '../support/real-servers.ts'

const policyOf = (owner: string) =>
  JSON.stringify({
    tagOwners: {'tag:ci': [owner], 'tag:prod': [owner]},
    acls: [{action: 'accept', src: ['*'], dst: ['*:*']}],
  })

describe.for(['0.25.1', '0.26.1', '0.27.1'].filter((version) => available(version).ok))('headscale %s', (version) => {
  test('warns which tags stay', {timeout: 60_000}, async () => {
    const server = await startHeadscale({version})
    try {
      const env = {HEADSCALE_UNIX_SOCKET: server.socketPath}
      const run = (...argv: string[]) => runHere(argv, {env})
      await run('users', 'create', 'default')
      const {stdout} = await run('debug', 'create-node', '--name', 'n1', '-u', 'default', '-o', 'json')
      const {registrationKey} = JSON.parse(stdout) as {registrationKey: string}
      await run('nodes', 'register', '-u', 'default', '-k', registrationKey)
      const policy = join(server.folder, 'policy.hujson')
      writeFileSync(policy, policyOf(version === '0.25.1' ? 'default' : 'default@'))
      expect(await run('policy', 'set', '-f', policy)).toMatchObject({status: 0, stderr: ''})
      await server.halt()
      const database = new DatabaseSync(join(server.folder, 'db.sqlite'))
      database.exec(`UPDATE nodes SET host_info = '{"OS":"linux","Hostname":"n1","RequestTags":["tag:ci"]}'`)
      database.close()
      await server.start()

      const stays = 'warning: n1 keeps tag:ci: its client requests this and the policy allows it\n'
      const dry = await run('nodes', 'tag', '-i', '1', '-t', 'tag:prod', '--dry-run')
      expect([dry.status, dry.stderr]).toEqual([
        0,
        expect.stringMatching(`^${stays}would tag node n1 .*: tag:prod, tag:ci\n$`),
      ])
      expect(await run('nodes', 'tag', '-i', '1', '-t', 'tag:prod')).toMatchObject({status: 0, stderr: stays})
      expect(await run('nodes', 'tag', '-i', '1', '--clear', '--force')).toMatchObject({status: 0, stderr: stays})
      const {tags} = JSON.parse((await run('nodes', 'show', '1', '-o', 'json')).stdout) as {tags: string[]}
      expect(tags).toEqual(['tag:ci'])
    } finally {
      await server.stop()
    }
  })
})
