import {chmodSync, mkdirSync} from 'node:fs'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createFakeHost, failure, socket, type FakeHost} from './fake-host.ts'

let host: FakeHost
beforeEach(() => {
  host = createFakeHost()
})
afterEach(() => host.remove())

/** As an ordinary user, since root can read every folder. */
const ORDINARY = process.getuid?.() === 0 ? {uid: 65_534} : {}

describe('the default locations', () => {
  const today = socket('~/run/headscale/headscale.sock', 'the default location')
  const old = socket('~/run/headscale.sock', 'the default location')

  test('the first that exists, otherwise the first', async () => {
    expect(await host.resolve()).toEqual(today)
    host.write('run/headscale.sock', '')
    expect(await host.resolve()).toEqual(old)
    host.write('run/headscale/headscale.sock', '')
    expect(await host.resolve()).toEqual(today)
  })

  test('in a folder without permission: assumed to exist, unless another one does', () => {
    mkdirSync(`${host.root}/run/headscale`)
    chmodSync(`${host.root}/run/headscale`, 0o000)
    expect(host.resolveApart({}, {}, ORDINARY)).toEqual(today)
    host.write('run/headscale.sock', '')
    expect(host.resolveApart({}, {}, ORDINARY)).toEqual(old)
    chmodSync(`${host.root}/run/headscale`, 0o755)
  })
})

describe('a relative path', () => {
  test('of a flag or a variable starts in the working directory', async () => {
    expect(await host.resolve({socket: './a.sock'})).toEqual(socket('~/cwd/a.sock', '--socket'))
    expect(await host.resolve({}, {HEADSCALE_UNIX_SOCKET: '../a.sock'})).toEqual(
      socket('~/a.sock', 'HEADSCALE_UNIX_SOCKET'),
    )
  })

  test('in a config file: where one is, from the working directory over the file’s folder to the server’s', async () => {
    host.write('etc/config.yaml', 'unix_socket: ./headscale.sock')
    const source = 'unix_socket in ~/etc/config.yaml'
    expect(await host.resolve()).toEqual({
      ...socket('~/cwd/headscale.sock', source),
      warnings: [`${source} is relative to the directory where the server was started; trying ~/cwd/headscale.sock`],
    })
    for (const folder of ['lib', 'etc', 'cwd']) {
      host.write(`${folder}/headscale.sock`, '')
      expect(await host.resolve()).toEqual(socket(`~/${folder}/headscale.sock`, source))
    }
  })
})

describe('rejects a path that the system does not accept', () => {
  const hint = 'create a symbolic link to its directory and use that shorter path'

  test.runIf(process.platform === 'linux')('more than 107 bytes', async () => {
    const fits = `/${'é'.repeat(53)}`
    expect(await host.resolve({socket: fits})).toEqual(socket(fits, '--socket'))
    expect(await host.resolve({socket: `${fits}s`})).toEqual(
      failure(`invalid socket path from --socket: it is longer than 107 bytes: ${fits}s`, hint),
    )
  })

  test('a control character', async () => {
    host.write('etc/config.yaml', 'unix_socket: "/a\\0b"')
    expect(await host.resolve()).toEqual(
      failure(
        'invalid socket path from unix_socket in ~/etc/config.yaml: it contains a control character',
        'remove that character',
      ),
    )
  })
})
