/**
 * Completion in real shells on a terminal: a line is typed, TAB is pressed, and the line is then run by a function that shows
 * its words. A shell that is not installed is left out. `npm run test:matrix` types all lines, `npm test` some of them.
 */
import {copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {type AddressInfo, connect, createServer} from 'node:net'
import {dirname, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {MATRIX, MATRIX_PROGRAMS, PROGRAMS, runChild, runHere, scratchFolder} from '../support/program.ts'
import {isShellInstalled} from '../support/shells.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'
import {openTerminal, type Terminal} from '../support/terminal.ts'

const trap = join(scratchFolder(), 'trap')

const SEED = {
  users: [{name: 'ops'}, {name: 'default'}, {name: "o'brien"}],
  nodes: [
    {name: 'web-1', user: 'ops', routes: ['10.0.0.0/24', 'fd7a:115c::/48'], tags: ['tag:web']},
    {name: 'my node', user: 'default', tags: ['tag:database']},
    {name: `$(touch ${trap})`, user: 'default'},
    {name: `b\`touch ${trap}\``, user: 'default'},
    {name: 'c"d\'e', user: 'default'},
    {name: 'f:g\\h', user: 'default'},
    {name: 'line\nbreak', user: 'default'},
    {name: '-rf', user: 'default'},
    {name: '%F{red}x', user: 'default'},
  ],
}

/** The lines of `npm test`: one for each way in which a word can be completed. */
const LINES: [line: string, completed: string][] = [
  ['nodes delete my', '<nodes><delete><my node>'],
  ['nodes delete "my', '<nodes><delete><my node>'],
  ['nodes delete \\$', `<nodes><delete><$(touch ${trap})>`],
  ['-n default machines delete my\\ node we', '<-n><default><machines><delete><my node><web-1>'],
  ['nodes tag -i web-1 --tags=tag:web,tag:d', '<nodes><tag><-i><web-1><--tags=tag:web,tag:database>'],
  ['routes enable -i web-1 -r fd7a:', '<routes><enable><-i><web-1><-r><fd7a:115c::/48>'],
  ['nodes list --output=cs', '<nodes><list><--output=csv>'],
  ['nodes list --columns id,na', '<nodes><list><--columns><id,name>'],
  ['users list /etc/hostna', '<users><list></etc/hostna>'],
]

const MORE_LINES: [line: string, completed: string][] = [
  ["nodes delete 'my", '<nodes><delete><my node>'],
  ["nodes delete '$", `<nodes><delete><$(touch ${trap})>`],
  ['nodes delete b', `<nodes><delete><b\`touch ${trap}\`>`],
  ['nodes delete c', '<nodes><delete><c"d\'e>'],
  ['nodes delete f', '<nodes><delete><f:g\\h>'],
  ['nodes delete %', '<nodes><delete><%F{red}x>'],
  ['nodes tag -i web-1 -t tag:w', '<nodes><tag><-i><web-1><-t><tag:web>'],
  ['nodes list --not-tag=tag:d', '<nodes><list><--not-tag=tag:database>'],
  ['nodes list --namespace=def', '<nodes><list><--namespace=default>'],
  ['nodes list --user=', '<nodes><list><--user=>'],
  ["nodes list -u o\\'", "<nodes><list><-u><o'brien>"],
  ['nodes delete "b', `<nodes><delete><b\`touch ${trap}\`>`],
  ['nodes show 10.1.0.2', '<nodes><show><10.1.0.2>'],
  ['nodes list --sort -last', '<nodes><list><--sort><-last-seen>'],
  ['machines routes li', '<machines><routes><list>'],
  ['users des', '<users><destroy>'],
  ['nodes list --config /etc/hostna', '<nodes><list><--config></etc/hostname>'],
]

interface Shell {
  name: 'bash' | 'zsh' | 'fish'
  /**
   * The command that starts it, with the completion script and a function that shows the words of a line.
   * @param how the script is read by the start file, or is found where a package installs it
   */
  start(folder: string, script: string, how: 'sourced' | 'installed'): string
}

const SHOW = `show() { printf '<%s>' "$@"; echo " $1."; }`

/** As bash-completion does it: the file with the name of the command, when that is first completed. */
const LAZY = (folder: string) => `lazy() { source ${folder}/completions/"$1" && return 124; }\ncomplete -D -F lazy\n`

const SHELLS: Shell[] = [
  {
    name: 'bash',
    start(folder, script, how) {
      const load = how === 'sourced' ? `source ${script}` : LAZY(folder)
      if (how === 'installed') install(script, join(folder, 'completions/headscale-ts'))
      writeFileSync(join(folder, 'rc'), `PS1='> '\nbind 'set bell-style none'\n${SHOW}\n${load}\n`)
      return `bash --noprofile --rcfile ${folder}/rc -i`
    },
  },
  {
    name: 'zsh',
    start(folder, script, how) {
      if (how === 'installed') install(script, join(folder, 'vendor/_headscale-ts'))
      const load = how === 'sourced' ? `source ${script}` : ''
      const rc = `PS1='> '\nunsetopt BEEP\nfpath=(${folder}/vendor $fpath)\nautoload -Uz compinit\ncompinit -u -D\n${SHOW}\n${load}\n`
      writeFileSync(join(folder, '.zshrc'), rc)
      return `ZDOTDIR=${folder} zsh -d -i`
    },
  },
  {
    name: 'fish',
    start(folder, script, how) {
      if (how === 'installed') install(script, join(folder, 'fish/vendor_completions.d/headscale-ts.fish'))
      const load = how === 'sourced' ? `source ${script}` : `set fish_complete_path ${folder}/fish/vendor_completions.d`
      const rc = `function fish_prompt; echo -n '> '; end\nset fish_greeting\nset fish_autosuggestion_enabled 0\nfunction show; printf '<%s>' $argv; echo " $argv[1]."; end\n${load}\n`
      writeFileSync(join(folder, 'rc'), rc)
      return `fish --no-config -i -C 'source ${folder}/rc'`
    },
  },
]

/** Puts the script where a package installs it. */
function install(script: string, path: string): void {
  mkdirSync(dirname(path), {recursive: true})
  copyFileSync(script, path)
}

/** Removes what is typed, and clears the screen. */
const CLEAR = '\u0001\u000b\u000c'

describe.for(SHELLS)('$name', ({name, start}) => {
  describe.skipIf(!isShellInstalled(name))('on a terminal', () => {
    let server: TestServer
    let terminal: Terminal
    beforeAll(async () => {
      server = await startTestSandbox({release: '0.27', seed: SEED})
      terminal = await open('sourced')
    })
    afterAll(async () => {
      await close(terminal)
      await server.close()
    })

    async function open(how: 'sourced' | 'installed'): Promise<Terminal> {
      const folder = scratchFolder()
      const bin = join(folder, 'bin')
      mkdirSync(bin)
      symlinkSync(PROGRAMS.executable[0], join(bin, 'headscale-ts'))
      const script = join(folder, 'script')
      writeFileSync(script, (await runHere(['completion', name])).stdout)
      const env = {...server.env, HEADSCALE_TS_COMPLETION_TIMEOUT: '20s', LC_ALL: 'C.UTF-8'}
      const opened = openTerminal(`cd ${folder}; PATH=${bin}:$PATH ${start(folder, script, how)}`, env)
      await opened.shows('>')
      return opened
    }

    async function close(opened: Terminal): Promise<void> {
      opened.type(`${CLEAR}exit\r`)
      await opened.ended
    }

    let run = 0
    test.for(MATRIX ? [...LINES, ...MORE_LINES] : LINES)('%s', async ([line, words]) => {
      run++
      terminal.type(`${CLEAR}headscale-ts ${line}\t\u0001show ${run} \r`)
      await terminal.shows(`> ${run}.`)
      expect(shownLine(await terminal.screen(), run)).toBe(`<${run}><headscale-ts>${words} ${run}.`)
    })

    test('completes at the first TAB when the script is installed as a file', async () => {
      const opened = await open('installed')
      opened.type('headscale-ts nodes delete my\t\u0001show 1 \r')
      await opened.shows('> 1.')
      expect(shownLine(await opened.screen(), 1)).toBe('<1><headscale-ts><nodes><delete><my node> 1.')
      await close(opened)
    })

    test('lists what fits, and in zsh and fish what it is', async () => {
      terminal.type(CLEAR)
      await expect.poll(() => terminal.screen(), {timeout: 15_000}).toBe('>')
      terminal.type('headscale-ts nodes delete \t\t')
      const shown = name === 'bash' ? 'web-1' : 'id 9, default, 10.1.0.9, online'
      await terminal.shows(shown)
      // The control characters of a name are not printed, and what cannot be an argument is offered by its id.
      await expect.poll(() => terminal.screen(), {timeout: 15_000}).toMatch(/(?:^|\s)7\s/m)
      expect(await terminal.screen()).not.toMatch(/^break/m)
    })

    test('runs nothing that is part of a name', () => {
      expect(existsSync(trap)).toBe(false)
    })
  })
})

test.for(MATRIX_PROGRAMS)(
  'the %s waits in the background for a late server, and the next TAB has its names',
  async (program) => {
    const server = await startTestSandbox({release: '0.27', via: 'REST', seed: SEED})
    const url = new URL(server.env.HEADSCALE_CLI_ADDRESS!)
    const late = createServer((client) => {
      const there = connect(Number(url.port), url.hostname)
      client.on('error', () => {}).on('data', (bytes) => setTimeout(() => there.write(bytes), 400))
      there.on('error', () => {}).on('data', (bytes) => client.write(bytes))
      client.on('close', () => there.end())
    })
    await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve))
    const {port} = late.address() as AddressInfo
    const env = {...server.env, HEADSCALE_CLI_ADDRESS: `http://127.0.0.1:${port}`, XDG_CACHE_HOME: scratchFolder()}
    const tab = () => runChild(program, ['__complete', 'bash', '=web', 'nodes', 'delete'], {env})
    const silence = {status: 0, stdout: '', stderr: ''}

    expect(await tab()).toEqual(silence)
    const names = {...silence, stdout: 'web-1\n'}
    await expect.poll(tab, {timeout: 20_000, interval: 200}).toEqual(names)
    // One process waited for it, so the server was not asked by each TAB.
    await server.close()
    expect(await tab()).toEqual(names)
    late.close()
  },
)

function shownLine(screen: string, run: number): string | undefined {
  return screen.split('\n').find((text) => text.startsWith(`<${run}>`))
}
