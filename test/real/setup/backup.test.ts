/** The backup of `setup render`, made while a real server works, restores the same users and the same key of the server. */
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {run} from '../../servers/process.ts'
import {scratchFolder} from '../../support/program.ts'
import {available, startHeadscale} from '../../support/real-servers.ts'
import {setup} from '../../setup/support.ts'
import type {RealHeadscale} from '../../support/real-servers.ts'

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
    await setup(tree, ['render', '--server-url', server.url, '-d', tree])
    mkdirSync(join(folder, 'etc'))
    writeFileSync(join(folder, 'etc/policy.hujson'), '{}')
    const script = readFileSync(join(tree, 'usr/local/sbin/headscale-backup'), 'utf8')
      .replaceAll('/var/lib/headscale', folder)
      .replaceAll('/etc/headscale', join(folder, 'etc'))
      // The archive keeps the paths of a server.
      .replaceAll(`$work${folder}/etc`, '$work/etc/headscale')
      .replaceAll(`$work${folder}`, '$work/var/lib/headscale')
    const path = join(tree, 'backup.sh')
    writeFileSync(path, script)

    await server.cli(['users', 'create', 'before'])
    const target = join(tree, 'archives')
    const work = Array.from({length: 20}, (_, i) => server.cli(['users', 'create', `during-${i}`]))
    const backup = await run(['sh', path, target], {})
    await Promise.all(work)
    expect(backup.code, backup.stderr).toBe(0)
    const key = readFileSync(join(folder, 'noise.key'), 'utf8')

    await server.halt()
    for (const name of readdirSync(folder)) if (/^db\.sqlite|\.key$/.test(name)) rmSync(join(folder, name))
    const archive = join(target, readdirSync(target)[0]!)
    const files = 'var/lib/headscale'
    const restored = await run(['tar', '-xzpf', archive, '-C', folder, '--strip-components=3', files], {})
    expect(restored.code, restored.stderr).toBe(0)
    await server.start()
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
    await setup(tree, ['render', '--server-url', server.url, '-d', tree])
    const target = join(tree, 'archives')
    mkdirSync(target)
    for (let day = 10; day < 30; day++) writeFileSync(join(target, `headscale-202601${day}T000000Z.tar.gz`), '')
    const script = readFileSync(join(tree, 'usr/local/sbin/headscale-backup'), 'utf8')
      .replaceAll('/var/lib/headscale', server.folder)
      .replaceAll('/etc/headscale', join(server.folder, 'etc'))
      .replaceAll(`$work${server.folder}/etc`, '$work/etc/headscale')
      .replaceAll(`$work${server.folder}`, '$work/var/lib/headscale')
    writeFileSync(join(tree, 'backup.sh'), script)
    mkdirSync(join(server.folder, 'etc'), {recursive: true})
    const {code, stderr} = await run(['sh', join(tree, 'backup.sh'), target], {})
    expect(code, stderr).toBe(0)
    const names = readdirSync(target).sort()
    expect(names).toHaveLength(14)
    expect(names[0]).toBe('headscale-20260117T000000Z.tar.gz')
  })
})
