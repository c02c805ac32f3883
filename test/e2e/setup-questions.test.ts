/** The questions of `setup render` on a real terminal: a text, its default, the end of input, Ctrl-C. */
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'

import {MATRIX_PROGRAMS, PROGRAMS, scratchFolder} from '../support/program.ts'
import {openTerminal} from '../support/terminal.ts'

describe.each(MATRIX_PROGRAMS)('the %s', (program) => {
  const open = (folder: string) => {
    const called = PROGRAMS[program].map((word) => `'${word}'`).join(' ')
    return openTerminal(`cd '${folder}' && ${called} setup render > config.yaml`, {})
  }

  test('asks, and takes Enter for the default', async () => {
    const folder = scratchFolder()
    const terminal = open(folder)
    await terminal.shows('URL that clients use (server-url):')
    terminal.type('https://hs.example.com\r')
    await terminal.shows('Who serves https: proxy, acme or manual (tls):')
    terminal.type('\r')
    expect(await terminal.ended).toBe(0)
    const text = readFileSync(join(folder, 'config.yaml'), 'utf8')
    expect(text).toContain("server_url: 'https://hs.example.com'\n")
    expect(text).toContain('trusted_proxies:\n')
  })

  test.each([
    ['Ctrl-C', '\u0003', 130],
    ['an empty line', '\r', 2],
  ])('%s writes nothing', async (_, keys, status) => {
    const folder = scratchFolder()
    const terminal = open(folder)
    await terminal.shows('URL that clients use (server-url):')
    terminal.type(keys)
    expect(await terminal.ended).toBe(status)
    // The shell has made the file, and nothing is in it.
    expect(existsSync(join(folder, 'config.yaml')) && readFileSync(join(folder, 'config.yaml'), 'utf8')).toBe('')
  })
})
