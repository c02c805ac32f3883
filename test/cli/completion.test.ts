/** Completion scripts, run by their own shells. A shell that is not installed is skipped. */
import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {runHere, scratchFolder} from '../support/program.ts'
import {isShellInstalled} from '../support/shells.ts'

async function scriptFor(shell: string): Promise<string> {
  const {status, stdout, stderr} = await runHere(['completion', shell])
  expect([status, stderr]).toEqual([0, ''])
  const path = join(scratchFolder(), `completion.${shell}`)
  writeFileSync(path, stdout)
  return path
}

/** The suggestions after a line, in every shell. */
const OFFERS: [line: string, offered: string[]][] = [
  ['headscale-ts po', ['policy']],
  ['headscale-ts nodes l', ['list', 'list-routes']],
  ['headscale-ts machines l', ['list', 'list-routes']],
  ['headscale-ts nodes list --us', ['--user']],
  ['headscale-ts machines ls --us', ['--user']],
  ['headscale-ts nodes show -o ', ['json', 'json-line', 'yaml']],
  ['headscale-ts nodes list -o ', ['json', 'json-line', 'yaml', 'wide', 'csv', 'tsv', 'name', 'id', 'jsonpath=EXPR']],
  ['headscale-ts apikeys list --columns ', ['help', 'id', 'prefix', 'expiration', 'created-at', 'last-seen']],
  ['headscale-ts nodes list --not-older-than ', ['1h', '1d', '7d', '30d', '90d']],
  ['headscale-ts nodes list --not-o', ['--not-offline-for', '--not-older-than']],
  ['headscale-ts derp check --expect ', ['works', 'restricted']],
  ['headscale-ts nodes wait --for ', ['online', 'offline', 'expired']],
  ['headscale-ts oauth-clients create --scope devices:r', ['devices:routes', 'devices:routes:read']],
  ['headscale-ts completion ', ['bash', 'zsh', 'fish', 'powershell']],
]

describe.skipIf(!isShellInstalled('bash'))('bash', () => {
  let script: string
  beforeAll(async () => void (script = await scriptFor('bash')))

  test.for(OFFERS)('%s', ([line, offered]) => {
    const words = line.split(' ').map((word) => `'${word}'`)
    const lines = [
      `source ${script}`,
      `COMP_WORDS=(${words.join(' ')}) COMP_CWORD=${words.length - 1} COMP_LINE='${line}' COMP_POINT=${line.length}`,
      '__headscale_ts; printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    const out = execFileSync('bash', ['-c', lines.join('\n')], {encoding: 'utf8'})
    expect(out.trim().split('\n').toSorted()).toEqual(offered.toSorted())
  })
})

describe.skipIf(!isShellInstalled('fish'))('fish', () => {
  let script: string
  beforeAll(async () => void (script = await scriptFor('fish')))

  test.for(OFFERS)('%s', ([line, offered]) => {
    const command = `source ${script}; complete -C ${JSON.stringify(line)}`
    const out = execFileSync('fish', ['-c', command], {encoding: 'utf8'})
    const names = out
      .trim()
      .split('\n')
      .map((text) => text.split('\t')[0]!)
    expect(names.toSorted()).toEqual(offered.toSorted())
  })
})

test.skipIf(!isShellInstalled('zsh'))('zsh reads its script', async () => {
  const script = await scriptFor('zsh')
  const check =
    'autoload -Uz compinit; compinit -u -D; source $1; print $_comps[headscale-ts]; __headscale_ts_name machines'
  const out = execFileSync('zsh', ['-f', '-c', check, 'zsh', script], {encoding: 'utf8'})
  expect(out).toBe('_headscale_ts\nnodes\n')
})

test('powershell has every command', async () => {
  const {stdout} = await runHere(['completion', 'powershell'])
  expect(stdout).toContain("$names['nodes ls'] = 'list'")
  expect(stdout).toContain("$values['nodes list --output'] = @(,@('json', 'json'); ,@('json-line', 'json-line');")
})

test('rejects an unknown shell', async () => {
  expect(await runHere(['completion', 'csh'])).toEqual({
    status: 2,
    stdout: '',
    stderr: 'error: unknown shell "csh"\nhint: expected one of: bash, zsh, fish, powershell\n',
  })
})
