/** headscale's module in the module cache of Go: its source, with the cases that its own tests replay. */
import {spawnSync} from 'node:child_process'
import {existsSync, globSync, readdirSync, readFileSync} from 'node:fs'
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

/** The names of the cases that headscale's own tests skip, from the lists in their source; null as recordedCases. */
export function skippedByHeadscale(): string[] | null {
  const folder = moduleFolder()
  if (folder === null) return null
  const sources = globSync('hscontrol/policy/v2/*_test.go', {cwd: folder}).map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  )
  const lists = sources.flatMap((text) => [
    ...text.matchAll(/^var \w+(?:SkipReasons|Divergences) = map\[string\]string\{(.*?)\}/gms),
  ])
  return lists.flatMap(([, entries]) => [...entries!.matchAll(/^\s*"([\w-]+)":/gm)].map(([, name]) => name!))
}

/** Blocks of JSON and HuJSON in headscale's documentation, with where they are; null as recordedCases. */
export function documentedExamples(): [place: string, text: string][] | null {
  const folder = moduleFolder()
  if (folder === null) return null
  return globSync('{docs/**/,}*.md', {cwd: folder}).flatMap((name) => {
    const blocks = readFileSync(join(folder, name), 'utf8').matchAll(
      /^( *)```(?:json|jsonc|json5|hujson)\b.*\n([^]*?)^\1```/gm,
    )
    return [...blocks].map(([, indent, text]): [string, string] => [
      name,
      text!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    ])
  })
}

/** The text of each recorded case but for what the nodes received, which is most of it; null as recordedCases. */
export function recordedTexts(): [id: string, text: string][] | null {
  return files()?.map(([id, path]) => [id, withoutCaptures(readFileSync(path, 'utf8'))]) ?? null
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
  const {input, topology} = parseHuJson(withoutCaptures(readFileSync(path, 'utf8'))) as Capture
  return {
    id,
    policy: policyOf(input),
    taken: input.api_response_code === 200,
    message: input.api_response_body?.message ?? '',
    tailnet: tailnetOf(id, topology),
  }
}

/** What the nodes received comes last. */
function withoutCaptures(text: string): string {
  return `${text.slice(0, text.search(/\n\t"captures":/))}}`
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
