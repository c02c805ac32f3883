/**
 * headscale's own CLI against the sandbox: the same lines on the real server of a release and on our simulator of it must
 * print the same, on stdout and on stderr and with the same status. Times and key material differ from run to run and
 * are replaced by their kind; ids do not differ, since both start empty.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {configYaml} from '../../../src/sandbox/config-file.ts'
import {startSandbox, type Sandbox} from '../../../src/sandbox/index.ts'
import {guide} from '../../../src/sandbox/seed/guide.ts'
import {run} from '../../servers/process.ts'
import {CLI_LINES, KEYS_BY_ID} from './cli-lines.ts'
import {available, startHeadscale, type RealHeadscale} from '../../support/real-servers.ts'

const KEY_17 = `nodekey:${'ab'.repeat(32)}`
const OTHER_17 = `nodekey:${'cd'.repeat(32)}`
const KEY_29 = 'hskey-authreq-abcdefghijklmnopqrstuvwx'
const OTHER_29 = 'hskey-authreq-000000000000000000000000'
const LONG = 'a'.repeat(64)

/**
 * Lines of the 0.17.1 CLI. The machine with the highest id goes last: the real server would give its id again, the
 * sandbox never does. One line is one process; words are separated by one space, `''` is the empty word.
 */
const LINES_17 = `
namespaces list
namespaces create default
namespaces create default
namespaces create other
namespaces create Bad
namespaces create a_b
namespaces create ${LONG}
namespaces list
namespaces list -o json-line
namespaces rename other default
namespaces rename other third
namespaces rename nope x
namespaces rename third Bad
namespaces destroy nope --force
-n default nodes register --key ${KEY_17}
-n default nodes register --key nodekey:12
-n default nodes register --key nodekey:${'xy'.repeat(32)}
-n default nodes register --key foo
debug create-node --name Na_Me.x -n default -k ${KEY_17} -r 10.0.0.0/24 -r 10.0.0.5/24,0.0.0.0/0 -o json-line
debug create-node --name y -n nope -k ${OTHER_17}
debug create-node --name y -n default -k ${OTHER_17} -r nope
debug create-node --name y -n default -k ${OTHER_17} -r 10.0.0.300/8
debug create-node --name y -n default -k ${OTHER_17} -r 10.0.0.0/33
debug create-node --name y -n default -k ${OTHER_17} -r FD00::1:0:0/64 -o json-line
-n nope nodes register --key ${KEY_17}
-n third nodes register --key ${KEY_17}
-n default nodes register --key ${KEY_17} -o json-line
-n default nodes register --key ${OTHER_17} -o json-line
nodes list
nodes list -o json-line
nodes list -n default -o json-line
nodes list -n third -o json-line
nodes list -n nope
nodes list -n Bad
routes list -i 1
routes list -i 9
routes list -i 1 -o json-line
routes enable -i 1 -r 10.0.0.0/24
routes enable -i 1 -r 10.0.0.0/24,0.0.0.0/0 -o json-line
routes enable -i 1 -r 192.168.0.0/24
routes enable -i 1 -r nope
routes enable -i 1
routes enable -i 1 -a
routes enable -i 0 -r 10.0.0.5/24
routes enable -i 9 -r 10.0.0.0/24
routes list -i 3
nodes rename -i 1 fresh
nodes rename -i 1 Fresh
nodes rename -i 9 fresh
nodes rename -i 1
nodes tag -i 1 -t tag:a,tag:b,tag:a -o json-line
nodes tag -i 1 -t a
nodes tag -i 1 -t tag:A
nodes tag -i 9 -t tag:a
nodes tag -i 1 -o json-line
nodes expire -i 1
nodes expire -i 9
nodes move -i 1 -n third -o json-line
nodes move -i 1 -n nope
nodes move -i 9 -n third
nodes delete -i 9 --force
namespaces destroy default --force
nodes delete -i 1 --force
nodes delete -i 2 --force -o json-line
nodes list -o json-line
nodes list
debug create-node --name z -n third -k ${OTHER_17} -o json-line
-n third nodes register --key ${OTHER_17} -o json-line
nodes delete -i 3 --force
nodes delete -i 4 --force
preauthkeys -n default create
preauthkeys -n default create --reusable --ephemeral --expiration 30d --tags tag:x,tag:y -o json-line
preauthkeys -n default create --tags x
preauthkeys -n nope create
preauthkeys -n default list
preauthkeys -n default list -o json-line
preauthkeys -n third list
preauthkeys -n nope list
preauthkeys -n default expire nope
apikeys create
apikeys list
apikeys expire -p nope
namespaces destroy default --force
namespaces destroy third --force
namespaces list
`

const ROUTE_LINES_22 = `
routes list
routes list -i 1
routes list -i 9
routes enable -r 1
routes disable -r 1
routes delete -r 1`

/** The same with the commands of 0.22, whose routes have ids; a debug registration has no routes. */
const LINES_22 = LINES_17.replaceAll(/\bnamespaces /g, 'users ')
  .replaceAll(/ -n (?=default|third|nope|Bad)/g, ' -u ')
  .replaceAll(/^-n /gm, '-u ')
  .replaceAll(/^routes (list|enable) -i .*\n/gm, '')
  .replace(/^nodes rename -i 1 fresh$/m, (line) => `${ROUTE_LINES_22}\n${line}`)

/** Lines of the 0.29.3 CLI. POLICY, BROKEN and STRANGE stand for files. */
const LINES_29 = `
users list
users create alice
users create alice
users create bob -d Bob -e bob@example.com -o json-line
users create ''
users list -o json-line
users list -n bob
users list -i 2
users list -e bob@example.com
users list -i 9
users rename -i 2 -r alice
users rename -i 2 -r robert -o json-line
users rename -i 2 -r bob
users rename -i 3 -r ''
users rename -i 9 -r x
users destroy -i 3 --force
users destroy -i 9 --force
auth register -u alice --auth-id ${KEY_29}
auth register -u alice --auth-id nope
auth register -u alice --auth-id hskey-authreq-x
debug create-node --name Na_Me.x -u alice -k ${KEY_29} -r 10.0.0.0/24 -o json-line
debug create-node --name x -u nope -k ${OTHER_29}
debug create-node --name x -u alice -k ${OTHER_29} -r nope
debug create-node --name Na_Me.x -u alice -k ${OTHER_29}
auth register -u nope --auth-id ${KEY_29}
auth register -u alice --auth-id ${KEY_29} -o json-line
auth register -u alice --auth-id ${KEY_29}
nodes register -u bob -k ${OTHER_29}
nodes list
nodes list -o json-line
nodes list -u alice
nodes list -u nope
nodes rename -i 1 fresh
nodes rename -i 2 fresh
nodes rename -i 2 a.b
nodes rename -i 2 -- -x
nodes rename -i 2 x-
nodes rename -i 2 ${LONG}
nodes rename -i 2
nodes rename -i 9 other
nodes tag -i 1 -t tag:x
nodes tag -i 1 -t x
nodes tag -i 1 -t tag:X
nodes tag -i 1
nodes tag -i 9 -t tag:x
policy get
policy check -f BROKEN
policy set -f BROKEN
policy set -f LIST
policy set -f STRANGE
policy set -f NOTAG
policy set -f NOGROUP
policy set -f BADTAG
policy set -f BADGROUP
policy set -f BADACTION
policy set -f POLICY
policy check -f POLICY
policy get
nodes tag -i 1 -t tag:y,tag:x,tag:x -o json-line
nodes tag -i 1 -t tag:x,tag:z,tag:w
nodes list -o json-line
nodes list -u alice -o json-line
nodes list
nodes approve-routes -i 2 -r 10.9.0.5/24,10.0.0.0/8,::/0,10.0.0.0/8 -o json-line
nodes approve-routes -i 2 -r nope
nodes approve-routes -i 9 -r 10.0.0.0/8
nodes list-routes
nodes list-routes -i 2
nodes list-routes -i 9
nodes approve-routes -i 2 -r ''
nodes list-routes
nodes expire -i 9
nodes expire -i 2
nodes expire -i 2 -e 2040-01-01T00:00:00Z -o json-line
nodes expire -i 2 -d -o json-line
nodes expire -i 9 -d
nodes backfillips --force
nodes delete -i 9 --force
users destroy -n bob --force
nodes delete -i 2 --force
debug create-node --name z -u bob -k ${OTHER_29}
auth register -u bob --auth-id ${OTHER_29} -o json-line
auth approve --auth-id ${OTHER_29}
auth reject --auth-id ${OTHER_29}
auth approve --auth-id nope
debug create-node --name z -u bob -k ${OTHER_29}
auth approve --auth-id ${OTHER_29}
${KEYS_BY_ID}
apikeys create
apikeys list
apikeys list -o json-line
apikeys expire -i 9
apikeys expire -i 1
apikeys expire -p nope
apikeys delete -p hskey-api-short
apikeys delete -i 9
apikeys delete -i 1
apikeys list
users destroy -n alice --force
preauthkeys list
health
health -o json-line
`

const POLICIES = {
  POLICY: '// tags\n{"tagOwners": {"tag:x": ["alice@"], "tag:y": [],},}',
  BROKEN: '{\n',
  LIST: '[]',
  RULES: '{"tagOwners": {"tag:x": []}, "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}',
  STRANGE: '{"foo": 1}',
  NOTAG: '{"acls":[{"action":"accept","src":["tag:nope"],"dst":["*:*"]}]}',
  NOGROUP: '{"acls":[{"action":"accept","src":["group:nope"],"dst":["*:*"]}]}',
  BADTAG: '{"tagOwners":{"x":["alice@"]}}',
  BADGROUP: '{"groups":{"admins":["alice@"]}}',
  BADACTION: '{"acls":[{"action":"drop","src":["*"],"dst":["*:*"]}]}',
}

/** Replaces values that differ between two runs of one line by their kind. */
function settled(text: string): string {
  return (
    text
      // A warning of 0.22 about a pool outside 100.64.0.0/10.
      .replaceAll(/^\S+ WRN .*\n/gm, '')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, (time) => (time.startsWith('0001') ? time : 'YYYY-MM-DD HH:MM:SS'))
      .replaceAll(/\{"seconds":\d+(,"nanos":\d+)?\}/g, '{TIME}')
      .replaceAll(/\b(mkey|nodekey):(?!(ab){32}|(cd){32})[0-9a-f]{64}\b/g, '$1:HEX')
      .replaceAll(/\[(?!Ew3RB|k7bzX|7LdVc)[A-Za-z0-9+/]{5}\]/g, '[.....]')
      .replaceAll(
        /hskey-(api|auth)-[\w-]{12}-(\*\*\*|[\w-]{64})/g,
        (_, kind, rest) => `hskey-${kind}-PREFIX-${rest.length}`,
      )
      .replaceAll(/\b[0-9a-f]{48}\b/g, 'HEX48')
      // Tags of a pre-auth key are in random order up to 0.26.
      .replaceAll('tag:y,tag:x', 'tag:x,tag:y')
      .replaceAll('"tag:y","tag:x"', '"tag:x","tag:y"')
      // Go's JSON library chooses one of two texts at random, once per process.
      .replaceAll('json: unable to unmarshal', 'json: cannot unmarshal')
      .replaceAll(/[\w-]{10}\.[\w-]{43}|(?<![\w-])[\w-]{7}\.[\w-]{32}$/gm, 'APIKEY')
      .replaceAll(/^(\d+ +\| )(?:[\w-]{10}|[\w-]{7})(?= \| \w{4}-\w\w-\w\w \S+ \| \w{4}-)/gm, '$1PREFIX....')
      .replaceAll(/(na-me\.x|name\.x)-[a-z0-9]{8}/g, '$1-SUFFIX')
      .replaceAll(/invalid-[a-z0-9]{8}/g, 'invalid-SUFFIX')
      .replaceAll(/^\S+(?= TRC )/gm, 'TIME')
  )
}

const GUIDE_LINES = `
namespaces create default
namespaces list
nodes list
routes list -i 6
routes enable -i 6 -r 192.168.100.0/24
`

const GUIDE_OUTPUT = `\
$ namespaces create default → 0
Cannot create namespace: Namespace already exists
$ namespaces list → 0
ID | Name    | Created           \x20
1  | default | YYYY-MM-DD HH:MM:SS
$ nodes list → 0
ID | Hostname            | Name | NodeKey | Namespace | IP addresses | Ephemeral | Last seen           | Online | Expired
1  | coredns             |      | [Ew3RB] | default   | 10.1.0.1,    | false     | YYYY-MM-DD HH:MM:SS | online | no    \x20
2  | carsondemacbook-pro |      | [k7bzX] | default   | 10.1.0.2,    | false     | YYYY-MM-DD HH:MM:SS | online | no    \x20
3  | gateway             |      | [.....] | default   | 10.1.0.3,    | false     | YYYY-MM-DD HH:MM:SS | online | no    \x20
4  | nas                 |      | [.....] | default   | 10.1.0.4,    | false     | YYYY-MM-DD HH:MM:SS | online | no    \x20
5  | phone               |      | [.....] | default   | 10.1.0.5,    | false     | YYYY-MM-DD HH:MM:SS | online | no    \x20
6  | openwrt             |      | [7LdVc] | default   | 10.1.0.6,    | false     | YYYY-MM-DD HH:MM:SS | online | no    \x20
$ routes list -i 6 → 0
Route            | Enabled
192.168.100.0/24 | false \x20
$ routes enable -i 6 -r 192.168.100.0/24 → 0
Route            | Enabled
192.168.100.0/24 | true  \x20
`

/** Runs lines of a CLI and returns a transcript: each line, its status, stdout, and stderr after `! `. */
async function transcript(server: RealHeadscale, configPath: string, lines: string): Promise<string> {
  const folder = dirname(configPath)
  const shown: string[] = []
  for (const line of lines.split('\n').filter((text) => text !== '')) {
    const words = line.split(' ').map((word) => (word === "''" ? '' : word in POLICIES ? join(folder, word) : word))
    const {code, stdout, stderr} = await run([server.bin, '-c', configPath, ...words], {cwd: folder, env: server.env})
    shown.push(`$ ${line} → ${code}\n${settled(stdout)}${settled(stderr).replace(/^(?=.)/gm, '! ')}`)
  }
  return shown.join('')
}

const SIMULATORS = [
  {version: '0.17.1', release: '0.17', lines: LINES_17},
  {version: '0.22.3', release: '0.22', lines: LINES_22},
  ...Object.entries(CLI_LINES).map(([version, lines]) => ({version, release: version.slice(0, 4), lines})),
  {version: '0.29.3', release: '0.29', lines: LINES_29},
]

describe.each(SIMULATORS.filter(({version}) => available(version).ok))('CLI $version', ({version, release, lines}) => {
  let folder: string
  let server: RealHeadscale
  let sandbox: Sandbox
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sb-'))
    server = await startHeadscale({version, prefixes: {v4: '10.1.0.0/16'}})
    for (const [name, policy] of Object.entries(POLICIES)) {
      for (const place of [folder, server.folder]) writeFileSync(join(place, name), policy)
    }
    const socketPath = join(folder, 'sandbox.sock')
    // The harness creates an API key on the real server at its start; here REST does the same.
    sandbox = await startSandbox({release, socketPath, listen: {host: '127.0.0.1', port: 0}})
    writeFileSync(join(folder, 'config.yaml'), configYaml(folder, socketPath))
  })
  afterAll(async () => {
    await sandbox?.close()
    await server?.stop()
    rmSync(folder, {recursive: true})
  })

  test('prints the same on both', {timeout: 300_000}, async () => {
    const ours = await transcript(server, join(folder, 'config.yaml'), lines)
    expect(ours).toBe(await transcript(server, server.configPath, lines))
  })

  test.runIf(version === '0.17.1')('runs the commands of the guide on the simulator of 0.15', async () => {
    const socketPath = join(folder, 'guide.sock')
    const configPath = join(folder, 'guide.yaml')
    writeFileSync(configPath, configYaml(folder, socketPath))
    const older = await startSandbox({release: '0.15', socketPath, seed: guide})
    const registering = guide.pending!.map(({key}) => `-n default nodes register --key ${key}`).join('\n')
    await transcript(server, configPath, `namespaces create default\n${registering}`)
    // This CLI prints given names, which 0.15 does not have, and a comma after the address of a node without IPv6.
    expect(await transcript(server, configPath, GUIDE_LINES)).toBe(GUIDE_OUTPUT)
    await older.close()
  })
})
