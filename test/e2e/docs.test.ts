/**
 * Every block of commands in README.md and docs/*.md runs as it is typed: in a shell, in a folder with the files that it reads,
 * on a simulated server with a tailnet that has what it names. What a block needs beyond that is in SETTINGS; the blocks that
 * cannot run here are in NOT_RUN, with the reason. A new block needs neither, as long as it works.
 *
 * A person at a terminal answers "yes" to questions, and ends what runs until Ctrl-C. Absolute paths are below the folder.
 */
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {startSandbox} from '../../src/sandbox/index.ts'
import type {SeedData} from '../../src/tailnet-file/tailnet-data.ts'
import {ROOT} from '../support/paths.ts'
import {MATRIX, PROGRAMS, runCommand, scratchFolder} from '../support/program.ts'
import {openTerminal} from '../support/terminal.ts'

/** Blocks by file and first line. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'README.md: npm ci': '.ci/run runs these lines in a clone',
  'README.md: npm run release:build': 'npm run test:release',
  'README.md: npm ci && npm run demo     # the first steps of the guide, run on a simulated server':
    '.ci/run runs these lines',
  'docs/install.md: npm ci': '.ci/run; npm run test:release',
  'docs/install.md: npm run release:build -- --only linux-x64': 'npm run test:release',
  'docs/install.md: npm install -g ./release/headscale-ts-0.1.0.tgz':
    'npm run test:release, with a folder of its own as prefix',
  'docs/install.md: sudo apt install ./release/headscale-ts_0.1.0_amd64.deb':
    'needs root; npm run test:release installs it with dpkg --root',
  'docs/install.md: sudo install -m 755 release/headscale-ts-linux-x64 /usr/local/bin/headscale-ts':
    'needs root; npm run test:release runs the file',
  'docs/install.md: docker build -f release/Containerfile -t headscale-ts release':
    'needs a container engine and a registry',
  'docs/install.md: docker run --rm --user 0 -v /var/run/headscale:/var/run/headscale headscale-ts nodes list':
    'needs a container engine',
  'docs/derp.md: headscale-ts derp validate --config /etc/headscale/config.yaml':
    'needs a relay; test/derp-check, and test/real/derp with real ones',
  'docs/join.md: headscale-ts setup join --user anna                                  # a Linux machine':
    'needs server_url in a config file, and a host; test/commands/setup-join.test.ts, test/real/setup-join.test.ts',
  'docs/join.md: headscale-ts setup join --user anna --hostname nas --subnet 192.168.100.0/24': 'the same',
  'docs/policy.md: headscale-ts policy apply policy.hujson            # check, show what changes, ask, replace':
    'opens an editor; test/commands/policy-apply.test.ts',
  'docs/policy.md: headscale-ts policy diff policy.hujson                                     # from the policy of the server to the file':
    'exits with 1, since the policies differ; test/commands/policy-diff.test.ts',
  'docs/setup.md: headscale-ts setup check                                          # the file of this machine, where headscale looks for it':
    'exits with 6 for the files of this test; test/setup/output.test.ts',
  'docs/setup.md: headscale-ts setup check old-config.yaml --for 0.29 --fix --dry-run   # shows the difference':
    'test/setup/fix.test.ts',
  'docs/upgrade.md: headscale-ts upgrade plan --to 0.29                      # reads config.yaml and the server of this machine':
    'test/setup/upgrade, and test/real/setup with real servers',
  'docs/derp.md: systemctl edit tailscaled        # [Service]': 'changes the services of the machine',
  'docs/waiting.md: systemctl restart headscale && headscale-ts health --wait 60s':
    'needs a service; test/commands/waiting.test.ts waits for a server that starts',
  "docs/migrating.md: headscale nodes list -o json | jq -r '.[] | select(.last_seen.seconds < (now - 86400)) | .id' | xargs -n1 headscale nodes expire -i":
    'shows what not to do; test/e2e/migrating.test.ts runs its filter',
  'docs/migrating.md: # before, with 0.22: exit 0 in any case':
    "its first line needs headscale's own program; test/commands has the second",
}

interface Setting {
  /** The server's address in the block; the key is in ~/.headscale/key. */
  address?: string
  /** Questions are asked, and answered with yes. */
  asks?: true
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  'README.md: headscale-ts --address https://headscale.example.com --api-key-file ~/.headscale/key nodes list': {
    address: 'https://headscale.example.com',
  },
  'docs/bulk.md: headscale-ts nodes expire web-1 web-2 17': {asks: true},
  'docs/ensure.md: headscale-ts users ensure ci': {asks: true},
  'docs/sandbox.md: headscale-ts export tailnet.yaml': {asks: true},
  'docs/keys.md: headscale-ts apikeys create --output-file ~/.headscale-api-key': {address: 'https://vpn.example.com'},
  'docs/keys.md: headscale-ts --api-key-file key apikeys rotate --output-file key.new && mv key.new key': {address: ''},
}

/** Users, nodes, routes and keys that the pages name. */
const SEED: SeedData = {
  users: ['default', 'ops', 'anna', 'ci'].map((name) => ({name})),
  nodes: [
    {name: 'router', user: 'ops', routes: ['10.0.0.0/8', '192.168.7.0/24'], approved: ['10.0.0.0/8']},
    {name: 'web-1', user: 'anna'},
    {name: 'web-2', user: 'anna'},
    {name: 'old', user: 'anna', online: false, lastSeen: '2026-01-01T00:00:00Z', createdAt: '2025-01-01T00:00:00Z'},
    {name: 'web-3', user: 'ops', tags: ['tag:web']},
    ...Array.from({length: 12}, (_, i) => ({name: `laptop-${i + 1}`, user: 'default'})),
  ],
  preAuthKeys: [{user: 'ci', reusable: true}, {user: 'ci'}],
  policy: JSON.stringify({tagOwners: {'tag:web': [], 'tag:router': [], 'tag:server': [], 'tag:ci': []}}),
}

const FILES: Readonly<Record<string, string>> = {
  'ids.txt': '6\n7\n',
  'policy.hujson': '{"tagOwners": {"tag:router": []}} // of this tailnet\n',
  'tailnet.yaml': 'nodes: [{name: router, user: default}]\n',
  'aliases.yaml': 'grafana: web-1\n',
  'answers.yaml': 'server-url: https://hs.example.com\ntls: proxy\n',
  'my-change.sh': '#!/bin/sh\nexec headscale-ts users create new\n',
  'my-script.sh': '#!/bin/sh\nexec headscale-ts users list\n',
  'notify.sh': '#!/bin/sh\nexit 0\n',
  'etc/headscale/config.yaml': 'derp: {paths: [derp.yaml]}\n',
  'bin/npx': '#!/bin/sh\nexec "$@"\n',
  'bin/logger': '#!/bin/sh\nexit 0\n',
}

interface Block {
  file: string
  key: string
  lines: string[]
}

const FIRST_WORD = /^(?:KEY=|(?:headscale|headscale-ts|npm|npx|sudo|docker|systemctl) )/

/** Blocks without a language, or of the shell, that have a command in them; not pictures of a terminal, with `$ ` in front. */
function blocksOf(file: string): Block[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^> ?/gm, '')
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, language]) => language === '' || language === 'sh')
    .map(([, , block]) => block!.trimEnd().split('\n'))
    .filter((lines) => lines.some((line) => FIRST_WORD.test(line)))
    .map((lines) => ({file, key: `${file}: ${lines[0]}`, lines}))
}

const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const blocks = pages.flatMap(blocksOf)

test('the lists above have blocks that exist', () => {
  const keys = blocks.map(({key}) => key)
  expect([...Object.keys(NOT_RUN), ...Object.keys(SETTINGS)].filter((key) => !keys.includes(key))).toEqual([])
})

/** `npm run test:matrix` runs all of them, `npm test` those of the README. */
const run = blocks.filter(({file, key}) => !(key in NOT_RUN) && (MATRIX || file === 'README.md'))

describe.concurrent('the block', () => {
  test.for(run)('$key', async ({key, lines}, {expect: check}) => {
    const {address, asks} = SETTINGS[key] ?? {}
    const folder = scratchFolder()
    for (const name of [
      'bin',
      'tmp',
      'home/.headscale',
      'etc/headscale',
      'etc/derper/certs',
      'var/lib/node_exporter',
    ]) {
      mkdirSync(join(folder, name), {recursive: true})
    }
    const program = PROGRAMS.executable.map((argument) => `'${argument}'`).join(' ')
    const files = {...FILES, 'bin/headscale-ts': `#!/bin/sh\nexec ${program} "$@"\n`}
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, {mode: 0o755})

    const socketPath = join(folder, 'hs.sock')
    const sandbox = await startSandbox({
      release: '0.29',
      seed: SEED,
      socketPath,
      ...(address !== undefined && {listen: {host: '127.0.0.1', port: 0}}),
    })
    try {
      if (sandbox.apiKey) {
        for (const name of ['home/.headscale/key', 'key'])
          writeFileSync(join(folder, name), sandbox.apiKey, {mode: 0o600})
      }
      const script = lines
        .map(withCtrlC)
        .join('\n')
        .replaceAll(/(?<=[\s=])\/(?=(?:etc|var|tmp)\/)/g, `${folder}/`)
        .replaceAll(address || 'no address', sandbox.url ?? '')
      writeFileSync(join(folder, 'block.sh'), `set -e -o pipefail\ncd '${folder}'\n${script}\n`)
      const env = {
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
        HOME: join(folder, 'home'),
        XDG_CACHE_HOME: join(folder, 'cache'),
        ...(address === '' ? {HEADSCALE_CLI_ADDRESS: sandbox.url!} : {HEADSCALE_UNIX_SOCKET: socketPath}),
      }
      if (asks) check(await answerYes(join(folder, 'block.sh'), env)).toBe(0)
      else {
        const {status, stderr} = await runCommand(['bash', join(folder, 'block.sh')], {env})
        check(status, stderr).toBe(0)
      }
    } finally {
      await sandbox.close()
    }
  })
})

/** A line that runs until Ctrl-C gets it after a second, and must not have ended before. */
function withCtrlC(line: string): string {
  if (!/^headscale-ts (?:nodes watch|sandbox start)/.test(line)) return line
  return `timeout --signal=INT 1 ${line.replace(/\s+#.*$/, '')} || [ $? -eq 124 ]`
}

/** Runs a script on a terminal and answers each question. @returns its exit status */
async function answerYes(script: string, env: Record<string, string>): Promise<number> {
  const terminal = openTerminal(`bash ${script}`, env)
  let status: number | undefined
  void terminal.ended.then((code) => (status = code))
  for (const deadline = Date.now() + 30_000; status === undefined && Date.now() < deadline;) {
    if (/\(y\/N\)\s*$/.test(await terminal.screen())) terminal.type('y\r')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  if (status !== 0) throw new Error(`exit ${status}:\n${await terminal.screen()}`)
  return status
}
