/**
 * Questions of both programs on a real terminal: what is asked, what each answer does, what Ctrl-C does, and when
 * nothing is asked. Each test then checks what has changed on the server.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {type ProgramName, PROGRAMS, scratchFolder, withPrograms} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {openTerminal, type Terminal} from '../support/terminal.ts'

const SEED = {
  users: [{name: 'default'}, {name: 'spare'}],
  nodes: [{name: 'router', user: 'default', routes: ['10.0.0.0/24', '10.0.1.0/24'], approved: ['10.0.0.0/24']}],
}

const CTRL_C = '\u0003'
const NODE = 'router (id 1, default, 10.1.0.1, online)'
const DELETE = `Do you want to remove the node ${NODE}?`

/** The program as a shell calls it. */
const called = (program: ProgramName) => PROGRAMS[program].map((word) => `'${word}'`).join(' ')

describe.for(withPrograms([{release: '0.15'}, {release: '0.29'}]))(
  'the $program at sandbox $release',
  ({program, release}) => {
    let server: TestServer
    beforeEach(async () => {
      server = await startTestSandbox({release, seed: SEED})
    })
    afterEach(() => server.close())

    const open = (line: string): Terminal => openTerminal(line.replaceAll('headscale-ts', called(program)), server.env)
    async function left() {
      const {api, close} = await server.connect()
      const nodes = await api.nodes.list()
      const routes = await api.routes.list(nodes)
      const users = await api.users.list()
      close()
      return {
        nodes: nodes.map(({hostName}) => hostName),
        approved: routes.filter(({approved}) => approved).map(({prefix}) => prefix),
        users: users.map(({name}) => name),
      }
    }
    const ALL = {nodes: ['router'], approved: ['10.0.0.0/24'], users: ['default', 'spare']}

    test.for([
      ['y', 'y\r', 0, 'Node deleted'],
      ['yes', 'yes\r', 0, 'Node deleted'],
      ['n', 'n\r', 9, 'error: declined; nothing was changed\nhint: run the command again and answer y, or add --force'],
      [
        'Enter',
        '\r',
        9,
        'error: declined; nothing was changed\nhint: run the command again and answer y, or add --force',
      ],
      [
        'Ctrl-C',
        CTRL_C,
        130,
        'error: interrupted; nothing was changed\nhint: run the command again and answer y, or add --force',
      ],
    ] as const)('nodes delete, answered with %s', async ([, keys, status, answer]) => {
      const terminal = open('headscale-ts nodes delete -i router')
      await terminal.shows(`${DELETE} (y/N)`)
      expect(await left()).toEqual(ALL)
      terminal.type(keys)
      expect(await terminal.ended).toBe(status)
      const [question, ...rest] = (await terminal.screen()).split('\n')
      expect(question).toContain(DELETE)
      expect(rest.join('\n').trim()).toBe(answer)
      expect(await left()).toEqual(status === 0 ? {...ALL, nodes: [], approved: []} : ALL)
    })

    test.for(['--force', '-y'])('nodes delete %s asks nothing', async (flag) => {
      const terminal = open(`headscale-ts nodes delete -i 1 ${flag}`)
      expect(await terminal.ended).toBe(0)
      expect(await terminal.screen()).toBe('Node deleted')
    })

    test('a question shows a name with control sequences as escapes', async () => {
      const hostile = 'n1\u001b]0;owned\u0007\u001b[2K\rDo you want to remove harmless?'
      const other = await startTestSandbox({
        release,
        seed: {users: [{name: 'bob'}], nodes: [{name: hostile, user: 'bob'}]},
      })
      try {
        const line = `${called(program)} nodes delete -i 1`
        const terminal = openTerminal(line, other.env)
        await terminal.shows('n1\\x1b]0;owned\\x07\\x1b[2K\\rDo you want to remove harmless?')
        terminal.type('n\r')
        expect(await terminal.ended).toBe(9)
      } finally {
        await other.close()
      }
    })

    test('a dry run asks nothing', async () => {
      const terminal = open('headscale-ts nodes delete -i 1 --dry-run')
      expect(await terminal.ended).toBe(0)
      expect(await terminal.screen()).toBe(`would delete node ${NODE}`)
      expect(await left()).toEqual(ALL)
    })

    test('without a terminal to read from there is no question', async () => {
      const terminal = open('headscale-ts nodes delete -i 1 </dev/null')
      expect(await terminal.ended).toBe(9)
      // The first line is longer than the terminal is wide.
      expect((await terminal.screen()).replaceAll('\n', '')).toBe(
        `error: confirmation needed ("${DELETE}"), but there is no terminal` +
          'hint: add --force to skip the confirmation, or --dry-run to see what would change',
      )
      expect(await left()).toEqual(ALL)
    })

    test('redirected output does not contain the question', async () => {
      const file = join(scratchFolder(), 'answer')
      const terminal = open(`headscale-ts nodes delete -i 1 >'${file}'`)
      await terminal.shows(`${DELETE} (y/N)`)
      terminal.type('y\r')
      expect(await terminal.ended).toBe(0)
      expect(readFileSync(file, 'utf8')).toBe('Node deleted\n')
    })

    test('users destroy asks', async () => {
      const word = release === '0.15' ? 'namespace' : 'user'
      const terminal = open(`headscale-ts ${word}s destroy spare`)
      await terminal.shows(`Do you want to remove the ${word} spare (id 2) and any associated preauthkeys? (y/N)`)
      terminal.type('y\r')
      expect(await terminal.ended).toBe(0)
      expect(await terminal.screen()).toMatch(/(Namespace|User) destroyed$/)
      expect(await left()).toEqual({...ALL, users: ['default']})
    })

    test('nodes approve-routes asks before it removes all routes, and only then', async () => {
      const asked = open('headscale-ts nodes approve-routes -i 1 -r ""')
      await asked.shows('Do you want to remove all approved routes of node router (id 1, default,')
      asked.type('n\r')
      expect(await asked.ended).toBe(9)
      expect(await left()).toEqual(ALL)

      const replacing = open('headscale-ts nodes approve-routes -i 1 -r 10.0.1.0/24')
      expect(await replacing.ended).toBe(0)
      expect(await replacing.screen()).toMatch(/^warning: router loses 10\.0\.0\.0\/24\n(Machine|Node) updated$/)
      expect(await left()).toEqual({...ALL, approved: ['10.0.1.0/24']})

      const removing = open('headscale-ts nodes approve-routes -i 1 -r ""')
      await removing.shows('(y/N)')
      removing.type('y\r')
      expect(await removing.ended).toBe(0)
      expect(await left()).toEqual({...ALL, approved: []})
    })
  },
)
