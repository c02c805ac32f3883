/** What `setup check` prints in other formats, where it finds the file, and what counts as its environment. */
import {chownSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {configCheck} from '../../src/setup/schemas.ts'
import {BASE, DERP} from './cases.ts'
import {folderOf, setup, transcript} from './support.ts'

const files = {'derp.yaml': {text: DERP}}
const wrong = {config: `${BASE}log_levl: info\nacl_policy_path: FOLDER/policy.hujson\n`, files}

describe('output', () => {
  test.each([
    ['json', ['-o', 'json']],
    ['yaml', ['-o', 'yaml']],
    ['github', ['--format', 'github']],
  ])('as %s', async (name, flags) => {
    const run = await transcript(folderOf(wrong), ['check', 'config.yaml', ...flags])
    await expect(run).toMatchFileSnapshot(`golden/output/${name}.txt`)
  })

  test('has the published schema', async () => {
    const {stdout} = await setup(folderOf(wrong), ['check', 'config.yaml', '-o', 'json'])
    const document = configCheck.parse(JSON.parse(stdout))
    expect(document.findings.map(({code, fixable}) => [code, fixable])).toEqual([
      ['unknown-key', false],
      ['renamed-key', true],
    ])
  })

  test('warnings count with --strict', async () => {
    const folder = folderOf({config: `${BASE}log_levl: info\n`, files})
    expect((await setup(folder, ['check', 'config.yaml'])).status).toBe(0)
    expect((await setup(folder, ['check', 'config.yaml', '--strict'])).status).toBe(6)
  })
})

describe('the file', () => {
  test('is searched in the working folder and below the home folder', async () => {
    const folder = folderOf({config: BASE, files})
    expect((await setup(folder, ['check'], {home: folder})).stdout).toBe(
      'FOLDER/config.yaml: no errors, no warnings (headscale 0.29)\n',
    )
    const home = folderOf({config: BASE, files: {}})
    mkdirSync(join(home, '.headscale'))
    writeFileSync(join(home, '.headscale/config.yaml'), 'server_url: x\n')
    expect((await setup(folder, ['check'], {home})).stdout).toContain('.headscale/config.yaml: 8 errors')
  })

  test('can be missing', async () => {
    const folder = join(folderOf({config: BASE, files}), 'empty')
    mkdirSync(folder)
    await expect(await transcript(folder, ['check'])).toMatchFileSnapshot('golden/output/no-file.txt')
    expect((await setup(folder, ['check', 'none.yaml'])).status).toBe(3)
  })

  test('cannot be a URL', async () => {
    const {status, stderr} = await setup(folderOf(wrong), ['check', 'https://example.com/config.yaml'])
    expect(status).toBe(2)
    expect(stderr).toContain('the config file cannot be a URL')
  })

  test('is of a release from 0.15 to 0.30', async () => {
    const {status, stderr} = await setup(folderOf(wrong), ['check', 'config.yaml', '--for', '0.31'])
    expect(status).toBe(2)
    expect(stderr).toContain('expected a release from 0.15 to 0.30')
  })

  test('of another machine can name files that are not here', async () => {
    const config = `${BASE.replaceAll('FOLDER', '/nowhere/headscale')}policy:\n  path: /nowhere/policy.hujson\n`
    const folder = folderOf({config, files})
    expect((await setup(folder, ['check', 'config.yaml'])).stdout).toContain('no errors, no warnings')
    await expect(await transcript(folder, ['check', 'config.yaml', '--installed'])).toMatchFileSnapshot(
      'golden/output/installed.txt',
    )
  })
})

test.runIf(process.getuid?.() === 0)('a database of root in the folder of another user is reported', async () => {
  const folder = folderOf({config: BASE, files})
  writeFileSync(join(folder, 'db.sqlite'), '')
  chownSync(folder, 12_345, 12_345)
  await expect(await transcript(folder, ['check', 'config.yaml'])).toMatchFileSnapshot('golden/output/owner.txt')
})

test('secrets are never printed', async () => {
  const secrets = `oidc:\n  client_secret: [geheim1]\ncli:\n  api_key: $geheim2\ndatabase:\n  postgres:\n    pass: "$geheim3 {{geheim4}}"\n`
  const folder = folderOf({config: BASE.replace(/database:\n(?: .*\n)+/, '') + secrets, files})
  const {stdout, stderr} = await setup(folder, ['check', 'config.yaml', '-o', 'json'], {
    env: {HEADSCALE_OIDC_CLIENT_SECRET: 'geheim5'},
  })
  expect(stdout + stderr).not.toContain('geheim')
})
