/**
 * Users of single sign-on through headscale's own CLI: users without a name, with the name of another, with an e-mail
 * address or a provider id alone. The same users are written into the database of a real server and into a seed; both
 * must print the same for every line, errors included.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {describe, expect, test} from 'vitest'
import {configYaml} from '../../../src/sandbox/config-file.ts'
import {startSandbox, type SeedUser} from '../../../src/sandbox/index.ts'
import {run} from '../../servers/process.ts'
import {available, startHeadscale, type RealHeadscale} from '../../support/real-servers.ts'

const IDP = 'https://idp.example.com/u'
const CREATED = '2026-01-02T03:04:05Z'

/** Their ids are 1 to 6. */
const USERS: SeedUser[] = [
  {name: 'alice'},
  {displayName: 'Jane Roe', email: 'jane.roe@example.com', providerId: `${IDP}/2`},
  {providerId: `${IDP}/3`},
  {name: 'alice', email: 'alice@example.com', providerId: `${IDP}/4`},
  {name: 'bob', displayName: 'Bob', email: 'bob@example.com', providerId: `${IDP}/5`},
  {name: 'carol', email: 'carol@example.com'},
].map((user) => ({...user, createdAt: CREATED}))

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(24))

const lines = ({prefix, byName}: {prefix: string; byName: boolean}) => `
users list
users list -o json-line
users list -n alice -o json-line
users list -e jane.roe@example.com -o json-line
users list -i 3 -o json-line
users create bob
users create carol
debug create-node --name n1 -u carol -k ${prefix}${KEYS[0]}
debug create-node --name n2 -u alice -k ${prefix}${KEYS[1]}
debug create-node --name n2 -u '' -k ${prefix}${KEYS[1]}
debug create-node --name n2 -u jane.roe@example.com -k ${prefix}${KEYS[1]}
nodes register -u carol -k ${prefix}${KEYS[0]} -o json-line
nodes register -u '' -k ${prefix}${KEYS[0]}
nodes register -u alice -k ${prefix}${KEYS[0]}
nodes register -u jane.roe@example.com -k ${prefix}${KEYS[0]}
nodes register -u ${IDP}/3 -k ${prefix}${KEYS[0]}
nodes list -u '' -o json-line
nodes list -u alice
nodes list -u jane.roe@example.com
nodes list -u carol -o json-line
preauthkeys -u ${byName ? "''" : '2'} create
preauthkeys -u ${byName ? 'carol' : '6'} create
preauthkeys -u ${byName ? 'carol' : '2'} list -o json-line
preauthkeys -u ${byName ? "''" : '3'} list -o json-line
users rename -i 2 -r jane
users rename -i 5 -r carol
users rename -i 6 -r alice
users rename -i 6 -r robert -o json-line
users list -o json-line
users destroy -i 3 --force
users destroy -n alice --force
users destroy -i 1 --force
users destroy -i 6 --force
users list -o json-line
`

const RELEASES = [
  {version: '0.25.1', prefix: '', byName: true},
  {version: '0.26.1', prefix: '', byName: false},
  {version: '0.27.1', prefix: '', byName: false},
  {version: '0.28.0', prefix: '', byName: false},
  {version: '0.29.3', prefix: 'hskey-authreq-', byName: false},
]

describe.each(RELEASES.filter(({version}) => available(version).ok))('users of $version', ({version, ...words}) => {
  test('without a name, or with the name of another user, are treated alike by both', {timeout: 120_000}, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sb-'))
    const socketPath = join(folder, 'sandbox.sock')
    writeFileSync(join(folder, 'config.yaml'), configYaml(folder, socketPath))
    const sandbox = await startSandbox({release: version.slice(0, 4), socketPath, seed: {users: USERS}})
    const server = await startHeadscale({version, prefixes: {v4: '10.1.0.0/16'}})
    try {
      await addUsers(server)
      const ours = await transcript(server, join(folder, 'config.yaml'), lines(words))
      expect(ours).toBe(await transcript(server, server.configPath, lines(words)))
      expect(ours).toContain('"jane.roe@example.com"')
    } finally {
      await server.stop()
      await sandbox.close()
      rmSync(folder, {recursive: true})
    }
  })
})

async function addUsers(server: RealHeadscale): Promise<void> {
  await server.halt()
  const database = new DatabaseSync(join(server.folder, 'db.sqlite'))
  const insert = database.prepare(
    `INSERT INTO users (created_at, updated_at, name, display_name, email, provider_identifier, provider, profile_pic_url)
     VALUES (?, ?, ?, ?, ?, ?, ?, '')`,
  )
  const created = CREATED.replace('T', ' ').replace('Z', '+00:00')
  for (const {name = '', displayName = '', email = '', providerId = null} of USERS) {
    insert.run(created, created, name, displayName, email, providerId, providerId ? 'oidc' : '')
  }
  database.close()
  await server.start()
}

async function transcript(server: RealHeadscale, configPath: string, text: string): Promise<string> {
  const shown: string[] = []
  for (const line of text.trim().split('\n')) {
    const words = line.split(' ').map((word) => (word === "''" ? '' : word))
    const {code, stdout, stderr} = await run([server.bin, '-c', configPath, ...words], {
      cwd: dirname(configPath),
      env: server.env,
    })
    shown.push(`$ ${line} → ${code}\n${stdout}${stderr}`)
  }
  return settled(shown.join(''))
}

/** Replaces values that differ between two runs of one line by their kind. */
function settled(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, (time) => (time.startsWith('2026-01-02') ? time : 'TIME'))
    .replaceAll(/\{"seconds":\d+(,"nanos":\d+)?\}/g, (time) => (time === '{"seconds":1767323045}' ? time : '{TIME}'))
    .replaceAll(/\b(mkey|nodekey):[0-9a-f]{64}\b/g, '$1:HEX')
    .replaceAll(/hskey-auth-[\w-]{12}-(\*\*\*|[\w-]{64})/g, 'AUTHKEY')
    .replaceAll(/\b[0-9a-f]{48}\b/g, 'AUTHKEY')
    .replaceAll(/^\S+(?= TRC )/gm, 'TIME')
}
