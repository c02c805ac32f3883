/**
 * Commands warn about side effects of a release before they cause them: headscale 0.28.0 deletes all pre-auth keys with
 * any user, and since 0.28 a node that gets a tag permanently leaves its user.
 */
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const SEED = {
  users: [{name: 'default'}, {name: 'spare'}],
  nodes: [{name: 'router', user: 'default'}],
  preAuthKeys: [{user: 'default'}, {user: 'default'}, {user: 'spare'}],
  policy: '{"tagOwners": {"tag:router": ["default@"]}}',
}

const OWN = 'warning: 1 pre-auth key of spare will be deleted: id 3\n'
const LOSS = 'headscale 0.28.0 deletes the pre-auth keys of ALL users with any user: 2 keys of others will be lost'
const QUESTION = 'Do you want to remove the user spare (id 2) and any associated preauthkeys?'

describe('users destroy at sandbox 0.28', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await startTestSandbox({release: '0.28', seed: SEED})
  })
  afterEach(() => server.close())
  const destroy = (...more: string[]) => runHere(['users', 'destroy', 'spare', ...more], {env: server.env})
  async function keys(): Promise<number> {
    const {stdout} = await runHere(['preauthkeys', 'list', '-o', 'json'], {env: server.env})
    return (JSON.parse(stdout) as unknown[]).length
  }

  test("--force alone does not allow the loss of other users' keys", async () => {
    expect(await destroy('--force')).toEqual({
      status: 9,
      stdout: '',
      stderr: `error: ${LOSS}\nhint: upgrade the server to 0.29, or add --allow-key-loss to accept that\n`,
    })
    expect(await keys()).toBe(3)
  })

  test('deletes the user when the loss is accepted, with a warning', async () => {
    expect(await destroy('--force', '--allow-key-loss')).toEqual({
      status: 0,
      stdout: 'User destroyed\n',
      stderr: `${OWN}warning: ${LOSS}\n`,
    })
    expect(await keys()).toBe(0)
  })

  test('warns before it asks for confirmation', async () => {
    expect(await runHere(['users', 'destroy', 'spare'], {env: server.env, answer: false})).toMatchObject({
      status: 9,
      stderr: expect.stringContaining(`${OWN}warning: ${LOSS}\n? ${QUESTION}\n`),
    })
    expect(await keys()).toBe(3)
  })

  test('warns in a dry run too', async () => {
    expect(await destroy('--dry-run')).toEqual({
      status: 0,
      stdout: '',
      stderr: `${OWN}warning: ${LOSS}\nwould destroy user spare (id 2)\n`,
    })
    expect(await keys()).toBe(3)
  })
})

test('users destroy at sandbox 0.29 deletes only the keys of that user', async () => {
  const {env, close} = await startTestSandbox({release: '0.29', seed: SEED})
  try {
    expect(await runHere(['users', 'destroy', 'spare', '--force'], {env})).toEqual({
      status: 0,
      stdout: 'User destroyed\n',
      stderr: OWN,
    })
    const {stdout} = await runHere(['preauthkeys', 'list', '-o', 'json'], {env})
    expect((JSON.parse(stdout) as {user: {name: string}}[]).map(({user}) => user.name)).toEqual(['default', 'default'])
  } finally {
    await close()
  }
})

describe.for(['0.28', '0.29'])('nodes tag at sandbox %s', (release) => {
  test('says that the node leaves its user', async () => {
    const {env, close} = await startTestSandbox({release, seed: SEED})
    try {
      const note = 'warning: router permanently leaves user default: on this server a tagged node belongs to its tags\n'
      const line = ['nodes', 'tag', '-i', 'router', '-t', 'tag:router']
      expect(await runHere([...line, '--dry-run'], {env})).toEqual({
        status: 0,
        stdout: '',
        stderr: `${note}would tag node router (id 1, default, 10.1.0.1, online): tag:router\n`,
      })
      expect(await runHere(line, {env})).toEqual({status: 0, stdout: 'Node updated\n', stderr: note})
      // It has left already.
      expect((await runHere(line, {env})).stderr).toBe('')
    } finally {
      await close()
    }
  })
})
