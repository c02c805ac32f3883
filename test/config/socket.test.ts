import {chmodSync, mkdirSync} from 'node:fs'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {createWorld, refusal, socket, type World} from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.remove())

/** As an ordinary user: root sees through closed folders. */
const ORDINARY = process.getuid?.() === 0 ? {uid: 65_534} : {}

describe('the usual places', () => {
  const today = socket('~/run/headscale/headscale.sock', 'the usual place')
  const old = socket('~/run/headscale.sock', 'the usual place')

  test('the first that exists, else the first', async () => {
    expect(await world.resolve()).toEqual(today)
    world.write('run/headscale.sock', '')
    expect(await world.resolve()).toEqual(old)
    world.write('run/headscale/headscale.sock', '')
    expect(await world.resolve()).toEqual(today)
  })

  test('behind a closed folder: taken for there, unless another one is', () => {
    mkdirSync(`${world.root}/run/headscale`)
    chmodSync(`${world.root}/run/headscale`, 0o000)
    expect(world.resolveApart({}, {}, ORDINARY)).toEqual(today)
    world.write('run/headscale.sock', '')
    expect(world.resolveApart({}, {}, ORDINARY)).toEqual(old)
    chmodSync(`${world.root}/run/headscale`, 0o755)
  })
})

describe('a relative path', () => {
  test('of a flag or a variable starts in the working directory', async () => {
    expect(await world.resolve({socket: './a.sock'})).toEqual(socket('~/cwd/a.sock', '--socket'))
    expect(await world.resolve({}, {HEADSCALE_UNIX_SOCKET: '../a.sock'})).toEqual(
      socket('~/a.sock', 'HEADSCALE_UNIX_SOCKET'),
    )
  })

  test('in a config file: where one is, from the working directory over the file’s folder to the server’s', async () => {
    world.write('etc/config.yaml', 'unix_socket: ./headscale.sock')
    const source = 'unix_socket in ~/etc/config.yaml'
    expect(await world.resolve()).toEqual({
      ...socket('~/cwd/headscale.sock', source),
      warnings: [`${source} is relative to the folder the server was started in; trying ~/cwd/headscale.sock`],
    })
    for (const folder of ['lib', 'etc', 'cwd']) {
      world.write(`${folder}/headscale.sock`, '')
      expect(await world.resolve()).toEqual(socket(`~/${folder}/headscale.sock`, source))
    }
  })
})

describe('a path the system cannot take', () => {
  const hint = 'make a symbolic link to its folder from a shorter path'

  test.runIf(process.platform === 'linux')('more than 107 bytes', async () => {
    const fits = `/${'é'.repeat(53)}`
    expect(await world.resolve({socket: fits})).toEqual(socket(fits, '--socket'))
    expect(await world.resolve({socket: `${fits}s`})).toEqual(
      refusal(`the socket path from --socket is longer than 107 bytes: ${fits}s`, hint),
    )
  })

  test('a control character', async () => {
    world.write('etc/config.yaml', 'unix_socket: "/a\\0b"')
    expect(await world.resolve()).toEqual(
      refusal('the socket path from unix_socket in ~/etc/config.yaml contains a control character', null),
    )
  })
})
