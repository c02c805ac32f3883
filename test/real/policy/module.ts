/** headscale's module in the module cache of Go: its source, with the cases that its own tests replay. */
import {spawnSync} from 'node:child_process'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {FilterRule} from '../../../src/policy/compile/filter.ts'
import type {SshRule} from '../../../src/policy/compile/ssh-rule.ts'
import type {Tailnet} from '../../../src/policy/compile/tailnet.ts'
import {parseHuJson} from '../../../src/syntax/json.ts'

const MODULE = join(import.meta.dirname, '../../servers/headscale-0.29.3')

/** A policy that was given to Tailscale's own control plane, and what that answered. */
export interface RecordedCase {
  /** Folder and name: `acl_results/acl-a01`. */
  id: string
  policy: string
  taken: boolean
  /** The answer to a policy that was not taken. */
  message: string
  tailnet: Tailnet
}

interface Capture {
  input: {full_policy: unknown; api_response_code: number; api_response_body?: {message?: string}}
  topology: {
    nodes: Record<
      string,
      {
        user?: string
        tags?: string[] | null
        ipv4: string
        ipv6: string
        routable_ips?: string[] | null
        approved_routes?: string[] | null
      }
    >
  }
}

interface CompleteCapture extends Capture {
  captures: Record<string, {packet_filter_rules?: FilterRule[] | null; ssh_rules?: SshRule[] | null}>
}

/** A case that was taken, with what each node received. */
export interface RecordedRules {
  id: string
  policy: string
  tailnet: Tailnet
  captures: ReadonlyMap<string, {packetFilter: FilterRule[]; sshRules: SshRule[]}>
}

/** The users of all cases. */
const USERS = [
  {id: '1', name: 'odin', email: 'odin@example.com', providerId: null},
  {id: '2', name: 'thor', email: 'thor@example.org', providerId: null},
  {id: '3', name: 'freya', email: 'freya@example.com', providerId: null},
]

/** The cases of the module; null without Go, or before the module was downloaded. */
export function recordedCases(): RecordedCase[] | null {
  return files()?.map(([id, path]) => readCase(id, path)) ?? null
}

/** The cases that were taken, one after the other, since together they are large; null as recordedCases. */
export function recordedRules(): Iterable<RecordedRules> | null {
  const found = files()
  return found && readRules(found)
}

function files(): [id: string, path: string][] | null {
  const folder = moduleFolder()
  if (folder === null) return null
  const data = join(folder, 'hscontrol/policy/v2/testdata')
  return readdirSync(data).flatMap((group) =>
    readdirSync(join(data, group))
      .filter((name) => name.endsWith('.hujson'))
      .map((name): [string, string] => [`${group}/${name.slice(0, -'.hujson'.length)}`, join(data, group, name)]),
  )
}

function readCase(id: string, path: string): RecordedCase {
  const text = readFileSync(path, 'utf8')
  // What the nodes received is most of the file, and comes last.
  const {input, topology} = parseHuJson(`${text.slice(0, text.search(/\n\t"captures":/))}}`) as Capture
  return {
    id,
    policy: policyOf(input),
    taken: input.api_response_code === 200,
    message: input.api_response_body?.message ?? '',
    tailnet: tailnetOf(id, topology),
  }
}

function policyOf({full_policy: policy}: Capture['input']): string {
  return typeof policy === 'string' ? policy : JSON.stringify(policy)
}

function tailnetOf(id: string, topology: Capture['topology']): Tailnet {
  const nodes = Object.entries(topology.nodes).map(([name, node]) => {
    const tags = node.tags ?? []
    const approved = node.approved_routes ?? []
    // In the cases of ACLs a node without an owner is odin's, as in headscale's test.
    const owner = USERS.find((user) => user.name === node.user)?.id ?? (id.startsWith('acl_') ? '1' : null)
    return {
      name,
      userId: tags.length > 0 ? null : owner,
      tags,
      addresses: [node.ipv4, node.ipv6].filter(Boolean),
      routes: (node.routable_ips ?? []).filter((route) => approved.includes(route)),
    }
  })
  return {users: USERS, nodes}
}

function* readRules(found: readonly [id: string, path: string][]): Generator<RecordedRules> {
  for (const [id, path] of found) {
    // Plain JSON below a few lines of comment.
    const text = readFileSync(path, 'utf8').replace(/^(?:\/\/.*\n)+/, '')
    const {input, topology, captures} = JSON.parse(text) as CompleteCapture
    if (input.api_response_code !== 200) continue
    yield {
      id,
      policy: policyOf(input),
      tailnet: tailnetOf(id, topology),
      captures: new Map(
        Object.entries(captures).map(([name, {packet_filter_rules: rules, ssh_rules: ssh}]) => [
          name,
          {packetFilter: rules ?? [], sshRules: ssh ?? []},
        ]),
      ),
    }
  }
}

function moduleFolder(): string | null {
  const {status, stdout} = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', 'github.com/juanfont/headscale'], {
    cwd: MODULE,
    encoding: 'utf8',
    env: {...process.env, GOFLAGS: '-mod=readonly', GOWORK: 'off'},
  })
  const folder = stdout?.trim() ?? ''
  return status === 0 && existsSync(join(folder, 'hscontrol/policy/v2/testdata')) ? folder : null
}
