/** `setup check --fix`: what it renames, what it leaves, and the questions before. */
import {chmodSync, chownSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {BASE, BASE_22, DERP} from './cases.ts'
import {folderOf, setup, transcript} from './support.ts'

const files = {'derp.yaml': {text: DERP}}

/** A file of 0.22 as people have it: comments above, beside and below, quotes, several styles. */
const OLD = `---
# Our server.
server_url: http://127.0.0.1:18480
listen_addr: 127.0.0.1:18480 # behind nothing
metrics_listen_addr: 127.0.0.1:18490

noise:
  private_key_path: FOLDER/noise_private.key

# The pool of the guide.
ip_prefixes:
  - fd7a:115c:a1e0::/48
  - 100.64.0.0/10 # all of it

# SQLite is enough for us.
db_type: sqlite3
db_path: "FOLDER/db.sqlite" # backed up at night

ephemeral_node_inactivity_timeout: 30m

derp:
  paths: [FOLDER/derp.yaml]

acl_policy_path: ""

dns_config:
  # Ours first.
  nameservers:
    - 1.1.1.1
    # and one of last resort
    - 9.9.9.9
  restricted_nameservers:
    corp.example.com:
      - 10.0.0.1
  domains: []
  magic_dns: true
  override_local_dns: true
  base_domain: tailnet.example.com
unix_socket: FOLDER/headscale.sock
unix_socket_permission: "0770"
oidc:
  # Half a year.
  expiry: 180d
`

const read = (folder: string) => readFileSync(join(folder, 'config.yaml'), 'utf8')

describe('the file of an old release', () => {
  test.each(['0.23', '0.26', '0.29'])('is renamed for %s, with its comments', async (release) => {
    const folder = folderOf({config: OLD, files})
    const run = await transcript(folder, ['check', 'config.yaml', '--for', release, '--fix', '--force'])
    const file = read(folder).replaceAll(folder, 'FOLDER')
    await expect(`${run}--- config.yaml\n${file}`).toMatchFileSnapshot(`golden/fix/${release}.txt`)
    // A second run finds nothing to do.
    const again = await setup(folder, ['check', 'config.yaml', '--for', release, '--fix'])
    expect(again.stderr).toBe('note: no key can be renamed\n')
  })

  test('keeps its mode and its owner', async () => {
    const folder = folderOf({config: OLD, files})
    const path = join(folder, 'config.yaml')
    chmodSync(path, 0o604)
    if (process.getuid?.() === 0) chownSync(path, 12_345, 12_346)
    const before = statSync(path)
    await setup(folder, ['check', 'config.yaml', '--fix', '--force'])
    const after = statSync(path)
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid])
    expect(after.ino).not.toBe(before.ino)
  })
})

const one = {config: `${BASE}ephemeral_node_inactivity_timeout: 30m\n`, files}

describe('a change', () => {
  test('is asked for on a terminal', async () => {
    const folder = folderOf(one)
    await expect(await transcript(folder, ['check', 'config.yaml', '--fix'], {answer: true})).toMatchFileSnapshot(
      'golden/fix/asked.txt',
    )
    expect(read(folder)).toBe(`${BASE.replaceAll('FOLDER', folder)}node:\n  ephemeral:\n    inactivity_timeout: 30m\n`)
  })

  test('is not made after no', async () => {
    const folder = folderOf(one)
    const {status, stderr} = await setup(folder, ['check', 'config.yaml', '--fix'], {answer: false})
    expect(status).toBe(9)
    expect(stderr).toContain('? Rename 1 key in config.yaml?\n')
    expect(read(folder)).toContain('ephemeral_node_inactivity_timeout')
  })

  test('needs --force without a terminal', async () => {
    const folder = folderOf(one)
    const {status, stderr} = await setup(folder, ['check', 'config.yaml', '--fix'])
    expect(status).toBe(9)
    expect(stderr).toContain('add --force to skip the confirmation')
    expect(read(folder)).toContain('ephemeral_node_inactivity_timeout')
  })

  test('is only shown by --dry-run', async () => {
    const folder = folderOf(one)
    await expect(await transcript(folder, ['check', 'config.yaml', '--fix', '--dry-run'])).toMatchFileSnapshot(
      'golden/fix/dry-run.txt',
    )
    expect(read(folder)).toContain('ephemeral_node_inactivity_timeout')
  })
})

describe('keys stay where only a person can rename them', () => {
  test.each([
    ['a block in braces', BASE.replace(/dns:\n(?: .*\n)+/, 'dns_config: {magic_dns: false}\n')],
    [
      'two prefixes of one family',
      BASE.replace(/prefixes:\n(?: .*\n)+/, 'ip_prefixes: [100.64.0.0/11, 100.96.0.0/11]\n'),
    ],
    ['a block without keys', `${BASE}policy:\nacl_policy_path: ""\n`],
  ])('%s', async (_, config) => {
    const folder = folderOf({config, files})
    const before = read(folder)
    const {status, stderr} = await setup(folder, ['check', 'config.yaml', '--fix', '--force'])
    expect(stderr).toBe('note: no key can be renamed\n')
    expect(status).toBe(6)
    expect(read(folder)).toBe(before)
  })
})

test('standard input cannot be fixed', async () => {
  const {status, stderr} = await setup(folderOf({config: BASE_22, files}), ['check', '-', '--fix'])
  expect(status).toBe(2)
  expect(stderr).toContain('--fix cannot write to standard input')
})
