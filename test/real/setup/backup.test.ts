/**
 * The backup of `setup render`, made while a real server works, restores the same users and the same key of the server; clients
 * that had joined go on.
 */
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {run} from '../../servers/process.ts'
import {scratchFolder} from '../../support/program.ts'
import {available, type RealHeadscale, startHeadscale} from '../../support/real-servers.ts'
import {startTailnet, type TailnetClient, tailnetAvailable} from '../../support/real-tailnet.ts'
import {setup} from '../../setup/support.ts'

const VERSION = '0.29.3'
const canRun = available(VERSION).ok && existsSync('/usr/bin/sqlite3')

describe.runIf(canRun)('the backup script', () => {
  let server: RealHeadscale
  beforeAll(async () => {
    server = await startHeadscale({version: VERSION})
  })
  afterAll(() => server?.stop())

  test('copies a database in use, which a server starts with', async () => {
    const {folder} = server
    const tree = scratchFolder()
    mkdirSync(join(folder, 'etc'))
    writeFileSync(join(folder, 'etc/policy.hujson'), '{}')
    const path = await backupScript(tree, server)

    await server.cli(['users', 'create', 'before'])
    const target = join(tree, 'archives')
    const work = Array.from({length: 20}, (_, i) => server.cli(['users', 'create', `during-${i}`]))
    const backup = await run(['sh', path, target], {})
    await Promise.all(work)
    expect(backup.code, backup.stderr).toBe(0)
    const key = readFileSync(join(folder, 'noise.key'), 'utf8')

    const archive = await restoreEmptied(server, target)
    expect(readFileSync(join(folder, 'noise.key'), 'utf8')).toBe(key)
    const {stdout} = await server.cli(['users', 'list', '-o', 'json'])
    const names = (JSON.parse(stdout) as {name: string}[]).map(({name}) => name)
    expect(names).toContain('before')
    // A backup has the users that were there at one moment.
    expect(names.filter((name) => name.startsWith('during-')).length).toBeLessThanOrEqual(20)
    const listed = await run(['tar', '-tzf', archive], {})
    expect(listed.stdout).toContain('etc/headscale/policy.hujson\n')
  })

  test('keeps the newest fourteen', async () => {
    const tree = scratchFolder()
    const target = join(tree, 'archives')
    mkdirSync(target)
    for (let day = 10; day < 30; day++) writeFileSync(join(target, `headscale-202601${day}T000000Z.tar.gz`), '')
    const path = await backupScript(tree, server)
    mkdirSync(join(server.folder, 'etc'), {recursive: true})
    const {code, stderr} = await run(['sh', path, target], {})
    expect(code, stderr).toBe(0)
    const names = readdirSync(target).sort()
    expect(names).toHaveLength(14)
    expect(names[0]).toBe('headscale-20260117T000000Z.tar.gz')
  })
})

test.runIf(canRun && tailnetAvailable(VERSION).ok)(
  'clients go on after a backup, made while others joined, is restored',
  {timeout: 180_000},
  async () => {
    const tailnet = await startTailnet({version: VERSION, clients: ['first', 'second', 'third', 'fourth']})
    const {headscale, clients, stop} = tailnet
    try {
      const target = scratchFolder()
      mkdirSync(join(headscale.folder, 'etc'))
      const path = await backupScript(target, headscale)
      await headscale.cli(['users', 'create', 'alice'])
      const made = await headscale.cli(['preauthkeys', 'create', '-u', '1', '--reusable', '-o', 'json'])
      const {key} = JSON.parse(made.stdout) as {key: string}
      const enter = async (client: TailnetClient) => {
        expect(await client.up(['--auth-key', key])).toBeNull()
        await client.joined()
      }
      const [first, second, ...others] = clients
      await enter(first!)
      await enter(second!)
      const [backup] = await Promise.all([run(['sh', path, join(target, 'archives')], {}), ...others.map(enter)])
      expect(backup.code, backup.stderr).toBe(0)

      await restoreEmptied(headscale, join(target, 'archives'))
      const online = async () => {
        const {stdout} = await headscale.cli(['nodes', 'list', '-o', 'json'])
        const nodes = JSON.parse(stdout) as {id: number; given_name: string; online?: boolean}[]
        return nodes.filter((node) => node.online).map(({id, given_name}) => `${id} ${given_name}`)
      }
      // The others are in the backup, or register again.
      await expect.poll(online, {timeout: 90_000}).toEqual(expect.arrayContaining(['1 first', '2 second']))
      const address = (await second!.status()).TailscaleIPs![0]!
      const ping = await first!.cli(['ping', '--timeout', '10s', '-c', '1', address])
      expect(ping.stdout, ping.stderr).toContain('pong from second')
    } finally {
      await stop()
    }
  },
)

/** Writes the rendered script, with the folder of a test server in place of /var/lib/headscale and /etc/headscale. */
async function backupScript(tree: string, {folder, url}: RealHeadscale): Promise<string> {
  await setup(tree, ['render', '--server-url', url, '-d', tree])
  const script = readFileSync(join(tree, 'usr/local/sbin/headscale-backup'), 'utf8')
    .replaceAll('/var/lib/headscale', folder)
    .replaceAll('/etc/headscale', join(folder, 'etc'))
    // The archive keeps the paths of a server.
    .replaceAll(`$work${folder}/etc`, '$work/etc/headscale')
    .replaceAll(`$work${folder}`, '$work/var/lib/headscale')
  const path = join(tree, 'backup.sh')
  writeFileSync(path, script)
  return path
}

/** Stops a server, removes its database and keys, restores the one archive of a folder, and starts it. */
async function restoreEmptied(server: RealHeadscale, archives: string): Promise<string> {
  const {folder} = server
  await server.halt()
  for (const name of readdirSync(folder)) if (/^db\.sqlite|\.key$/.test(name)) rmSync(join(folder, name))
  const archive = join(archives, readdirSync(archives)[0]!)
  const restored = await run(['tar', '-xzpf', archive, '-C', folder, '--strip-components=3', 'var/lib/headscale'], {})
  expect(restored.code, restored.stderr).toBe(0)
  await server.start()
  return archive
}
