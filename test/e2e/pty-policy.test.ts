/** `policy edit` on a real terminal: the editor has the terminal, questions come after it, and Ctrl-C in it is its own. */
import {readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {type Env, PROGRAMS, scratchFolder, withPrograms} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {openTerminal, type Terminal} from '../support/terminal.ts'

const POLICY = '{\n  "acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}],\n}\n'
const CTRL_C = '\u0003'

/** The first time it makes a mistake, then it corrects it. It ignores Ctrl-C, as editors do. */
const EDITOR = `#!/bin/sh
trap 'echo ignored' INT
echo editing; until read line; do :; done
if grep -q deny "$1"; then sed -i 's/deny/accept/' "$1"; else sed -i 's/accept/deny/; s/:22/:443/' "$1"; fi
`

describe.for(withPrograms([{release: '0.29'}]))('the $program', ({program, release}) => {
  let server: TestServer
  let env: Env
  let home: string
  beforeEach(async () => {
    const seed = {
      users: [{name: 'ann'}],
      nodes: [
        {name: 'laptop', user: 'ann', ip: ['100.64.0.1']},
        {name: 'nas', user: 'ann', ip: ['100.64.0.2']},
      ],
      policy: POLICY,
    }
    server = await startTestSandbox({release, seed})
    home = scratchFolder()
    const editor = join(home, 'editor')
    writeFileSync(editor, EDITOR, {mode: 0o755})
    env = {...server.env, HOME: home, VISUAL: editor}
  })
  afterEach(() => server.close())

  const edit = (): Terminal =>
    openTerminal(`${PROGRAMS[program].map((word) => `'${word}'`).join(' ')} policy edit`, env, 220)
  const stored = async () => {
    const {api, close} = await server.connect()
    const {text} = await api.policy.get()
    close()
    return text
  }

  test('corrects a draft, asks, and replaces the policy', {timeout: 30_000}, async () => {
    const terminal = edit()
    await terminal.shows('editing')
    terminal.type(CTRL_C)
    await terminal.shows('ignored')
    terminal.type('\r')
    await terminal.shows('Edit the draft again?')
    expect(await terminal.screen()).toContain('error invalid-action')
    terminal.type('y\r')
    await terminal.shows('Yes\nediting')
    terminal.type('\r')
    await terminal.shows('Replace the policy of')
    expect(await terminal.screen()).toContain('access lost:')
    terminal.type('y\r')
    expect(await terminal.ended).toBe(0)
    expect(await terminal.screen()).toContain('Policy updated.')
    expect(await stored()).toBe(POLICY.replace('22', '443'))
  })

  test('Ctrl-C at the question changes nothing, and keeps the draft', {timeout: 30_000}, async () => {
    writeFileSync(join(home, 'editor'), '#!/bin/sh\nsed -i \'s/:22/:443/\' "$1"\n')
    const terminal = edit()
    await terminal.shows('Replace the policy of')
    terminal.type(CTRL_C)
    expect(await terminal.ended).toBe(130)
    expect(await terminal.screen()).toContain('note: the draft is kept; to apply it: headscale-ts policy apply ')
    expect(readdirSync(join(home, '.local/state/headscale-ts/drafts'))).toHaveLength(1)
    expect(await stored()).toBe(POLICY)
  })
})
