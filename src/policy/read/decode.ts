/**
 * HuJSON or YAML → Policy, with findings about keys and types. Names, selectors and ports are not looked at (../check).
 *
 * Go's readers of JSON ignore the case of keys. Up to 0.26 they ignore unknown keys too and of a key that is specified twice the
 * last value counts; later releases reject both. The reader of YAML (up to 0.22) does not ignore the case, and rejects a key that is
 * specified twice.
 */
import type {Findings} from '../../diagnostics/finding.ts'
import {plainValue} from '../../syntax/json.ts'
import {editDistance} from '../../text/edit-distance.ts'
import type {MapTree, Tree} from '../../syntax/tree.ts'
import type {Acl, Grant, Located, NamedList, NodeAttr, Policy, Ssh, SshTest, Test, Text} from '../policy.ts'
import type {PolicyRelease} from '../releases.ts'

/** Sections and keys of Tailscale's policies that no release of headscale has. */
const TAILSCALE_ONLY = new Set([
  'postures',
  'defaultsrcposture',
  'srcposture',
  'ipsets',
  'derpmap',
  'disableipv4',
  'onecgnatroute',
  'extradnsrecords',
])

const GRANT_KEYS = ['src', 'dst', 'ip', 'app', 'via']
const NODE_ATTR_KEYS = ['target', 'attr', 'ipPool']
const TEST_KEYS = ['src', 'proto', 'accept', 'deny']
const SSH_TEST_KEYS = ['src', 'dst', 'accept', 'deny', 'check']

/** @returns the policy; with findings of severity error, of what could be read */
export function decodePolicy(
  root: Tree,
  rules: PolicyRelease,
  findings: Findings,
  {isYaml = false}: {isYaml?: boolean} = {},
): Policy {
  return new Decoder(rules, findings, isYaml).policy(root)
}

type Fields = ReadonlyMap<string, Tree>

const NO_KEYS: ReadonlyMap<string, string> = new Map()

class Decoder {
  readonly #rules: PolicyRelease
  readonly #findings: Findings
  readonly #isYaml: boolean
  /** By their spelling in #fold, for each list of known keys. */
  readonly #names = new Map<readonly string[], ReadonlyMap<string, string>>()

  constructor(rules: PolicyRelease, findings: Findings, isYaml: boolean) {
    this.#rules = rules
    this.#findings = findings
    this.#isYaml = isYaml
  }

  policy(root: Tree): Policy {
    const {sections} = this.#rules
    const found = this.#fields(root, '', sections, this.#rules.laterSections)
    // 0.15 writes some of them with capitals.
    const fields = new Map(
      [...found].map(([name, value]) => [name === 'ACLs' ? 'acls' : name[0]!.toLowerCase() + name.slice(1), value]),
    )
    for (const name of this.#rules.unusedSections) {
      const value = fields.get(name)
      if (value && value.kind !== 'null') {
        this.#findings.warning('unused-section', value.place, name, {
          message: `headscale ${this.#rules.release} does not evaluate "${name}"`,
          reason: 'headscale reads this section and does nothing with it',
          fix: 'Remove it, or use headscale 0.29 or later',
        })
      }
    }
    const sshRules = fields.get('ssh')
    if (this.#rules.sshIsExperiment && sshRules && sshRules.kind !== 'null') {
      this.#findings.warning('unused-section', sshRules.place, 'ssh', {
        message: `SSH rules are an experiment of headscale ${this.#rules.release}`,
        reason: 'without HEADSCALE_EXPERIMENTAL_FEATURE_SSH=1 in its environment headscale does nothing with them',
        fix: 'Set the variable, or use headscale 0.23 or later',
      })
    }
    const approvers = fields.get('autoApprovers')
    const approverFields = approvers
      ? this.#fields(approvers, 'autoApprovers', ['routes', 'exitNode'])
      : new Map<string, Tree>()
    const flag = fields.get('randomizeClientPort')
    if (flag && flag.kind !== 'null' && !(flag.kind === 'scalar' && flag.style === 'bool')) {
      this.#wrongType(flag, 'randomizeClientPort', 'true or false')
    }
    const evaluates = !this.#rules.unusedSections.includes('tests')
    return {
      place: root.place,
      path: '',
      isYaml: this.#isYaml,
      groups: this.#groups(fields.get('groups')),
      hosts: this.#entries(fields.get('hosts'), 'hosts').flatMap(([name, value]) => {
        const address =
          value.kind === 'null' ? {text: '', place: value.place, path: name.path} : this.#string(value, name.path)
        return address ? [{name, address}] : []
      }),
      tagOwners: this.#lists(fields.get('tagOwners'), 'tagOwners'),
      hasAcls: isPresent(fields.get('acls')),
      acls: this.#items(fields.get('acls'), 'acls').map(([tree, path]) => this.#acl(tree, path)),
      hasGrants: isPresent(fields.get('grants')),
      grants: this.#items(fields.get('grants'), 'grants').map(([tree, path]) => this.#grant(tree, path)),
      ssh: this.#items(fields.get('ssh'), 'ssh').map(([tree, path]) => this.#ssh(tree, path)),
      routes: this.#lists(approverFields.get('routes'), 'autoApprovers.routes'),
      exitNode: this.#strings(approverFields.get('exitNode'), 'autoApprovers.exitNode'),
      nodeAttrs: this.#items(fields.get('nodeAttrs'), 'nodeAttrs').map(([tree, path]) => this.#nodeAttr(tree, path)),
      tests: this.#items(fields.get('tests'), 'tests')
        .map(([tree, path]) => this.#test(tree, path))
        .filter(() => evaluates),
      sshTests: this.#items(fields.get('sshTests'), 'sshTests').map(([tree, path]) => this.#sshTest(tree, path)),
    }
  }

  #acl(tree: Tree, path: string): Acl {
    const {aclKeys} = this.#rules
    const [action, ...others] = aclKeys as [string, ...string[]]
    const [src, dst] = others.slice(-2) as [string, string]
    const fields = this.#fields(tree, path, aclKeys, NO_KEYS, this.#rules.strictKeys)
    return {
      ...located(tree, path),
      action: this.#typed(fields.get(action), `${path}.${action}`),
      proto: this.#typed(fields.get('proto'), `${path}.proto`),
      src: this.#strings(fields.get(src), `${path}.${src}`),
      dst: this.#strings(fields.get(dst), `${path}.${dst}`),
    }
  }

  #grant(tree: Tree, path: string): Grant {
    const fields = this.#fields(tree, path, GRANT_KEYS)
    const app = this.#entries(fields.get('app'), `${path}.app`)
    for (const [name, value] of app) {
      this.#duplicatesIn(value, name.path)
      if (value.kind !== 'list' && value.kind !== 'null') this.#wrongType(value, name.path, 'a list')
    }
    return {
      ...located(tree, path),
      src: this.#strings(fields.get('src'), `${path}.src`),
      dst: this.#strings(fields.get('dst'), `${path}.dst`),
      ip: this.#strings(fields.get('ip'), `${path}.ip`),
      app: app.map(([name, value]) => ({...name, values: value.kind === 'list' ? value.items.map(plainValue) : null})),
      hasApp: isPresent(fields.get('app')),
      via: this.#strings(fields.get('via'), `${path}.via`),
    }
  }

  #ssh(tree: Tree, path: string): Ssh {
    const fields = this.#fields(tree, path, this.#rules.sshKeys, new Map([['acceptEnv', '0.29']]))
    const period = fields.get('checkPeriod')
    return {
      ...located(tree, path),
      action: this.#typed(fields.get('action'), `${path}.action`),
      src: this.#strings(fields.get('src'), `${path}.src`),
      dst: this.#strings(fields.get('dst'), `${path}.dst`),
      users: this.#strings(fields.get('users'), `${path}.users`),
      checkPeriod: this.#period(period, `${path}.checkPeriod`),
      acceptEnv: this.#strings(fields.get('acceptEnv'), `${path}.acceptEnv`),
    }
  }

  #nodeAttr(tree: Tree, path: string): NodeAttr {
    const fields = this.#fields(tree, path, NODE_ATTR_KEYS)
    return {
      ...located(tree, path),
      target: this.#strings(fields.get('target'), `${path}.target`),
      attr: this.#strings(fields.get('attr'), `${path}.attr`),
      ipPool: this.#strings(fields.get('ipPool'), `${path}.ipPool`),
    }
  }

  #test(tree: Tree, path: string): Test {
    // Up to 0.25 tests have no protocol.
    const isUnused = this.#rules.unusedSections.includes('tests')
    const fields = this.#fields(tree, path, isUnused ? TEST_KEYS.filter((key) => key !== 'proto') : TEST_KEYS)
    return {
      ...located(tree, path),
      src: this.#string(fields.get('src'), `${path}.src`),
      proto: this.#typed(fields.get('proto'), `${path}.proto`),
      accept: this.#strings(fields.get('accept'), `${path}.accept`),
      deny: this.#strings(fields.get('deny'), `${path}.deny`),
    }
  }

  #sshTest(tree: Tree, path: string): SshTest {
    const fields = this.#fields(tree, path, SSH_TEST_KEYS)
    return {
      ...located(tree, path),
      src: this.#string(fields.get('src'), `${path}.src`),
      dst: this.#strings(fields.get('dst'), `${path}.dst`),
      accept: this.#strings(fields.get('accept'), `${path}.accept`),
      deny: this.#strings(fields.get('deny'), `${path}.deny`),
      check: this.#strings(fields.get('check'), `${path}.check`),
    }
  }

  /** The value of each known key. */
  #fields(
    tree: Tree,
    path: string,
    known: readonly string[],
    later: ReadonlyMap<string, string> = NO_KEYS,
    allowsComments = false,
  ): Fields {
    const fields = new Map<string, Tree>()
    if (tree.kind === 'null') return fields
    if (tree.kind !== 'map') {
      this.#wrongType(tree, path, 'an object')
      return fields
    }
    const comments = new Set<string>()
    for (const {key, value} of tree.entries) {
      const name = known.includes(key.text) ? key.text : this.#namesOf(known).get(this.#fold(key.text))
      const at = path === '' ? key.text : `${path}.${key.text}`
      // Keys of headscale-admin.
      if (name === undefined && allowsComments && key.text.startsWith('#')) {
        if (comments.has(key.text)) this.#duplicate(key, at)
        comments.add(key.text)
        this.#duplicatesIn(value, at)
      } else if (name === undefined) this.#unknownKey(key, at, known, later)
      else {
        if (fields.has(name)) this.#duplicate(key, at)
        fields.set(name, value)
      }
    }
    return fields
  }

  #namesOf(known: readonly string[]): ReadonlyMap<string, string> {
    const names = this.#names.get(known) ?? new Map(known.map((name) => [this.#fold(name), name]))
    this.#names.set(known, names)
    return names
  }

  /** In JSON keys match without regard to case; the reader of 0.27 and later also ignores _ and -. */
  #fold(name: string): string {
    if (this.#isYaml) return name
    return this.#rules.strictKeys ? name.toLowerCase().replaceAll(/[_-]/g, '') : name.toLowerCase()
  }

  #unknownKey(
    key: Text | {text: string; place: Located['place']},
    path: string,
    known: readonly string[],
    later: ReadonlyMap<string, string>,
  ): void {
    const {strictKeys, release} = this.#rules
    const since = [...later].find(([name]) => this.#fold(name) === this.#fold(key.text))
    const near = nearest(key.text, known)
    const message = since
      ? `"${key.text}" needs headscale ${since[1]} or later`
      : TAILSCALE_ONLY.has(key.text.toLowerCase())
        ? `headscale does not have Tailscale's "${key.text}"`
        : `unknown key "${key.text}"`
    const fix = near && !since ? `Write "${near}"` : `Remove it, or use one of: ${known.join(', ')}`
    const report = strictKeys ? this.#findings.error : this.#findings.warning
    report.call(this.#findings, 'unknown-key', key.place, path, {
      message,
      reason: strictKeys ? rejects(release) : `headscale ${release} ignores it, with everything in it`,
      fix: since ? `Remove it, or use headscale ${since[1]} or later` : fix,
    })
  }

  #duplicate(key: {text: string; place: Located['place']}, path: string): void {
    const {strictKeys, release} = this.#rules
    const isRejected = strictKeys || this.#isYaml
    const report = isRejected ? this.#findings.error : this.#findings.warning
    report.call(this.#findings, 'duplicate-key', key.place, path, {
      message: `"${key.text}" is specified more than once`,
      reason: isRejected ? rejects(release) : `headscale ${release} merges them, and the last value counts`,
      fix: 'Remove one of them',
    })
  }

  /** Keys that are specified twice in a value that headscale passes on. */
  #duplicatesIn(tree: Tree, path: string): void {
    if (tree.kind === 'list') for (const [i, item] of tree.items.entries()) this.#duplicatesIn(item, `${path}[${i}]`)
    if (tree.kind !== 'map') return
    const seen = new Set<string>()
    for (const {key, value} of tree.entries) {
      const at = `${path}.${key.text}`
      if (seen.has(key.text)) this.#duplicate(key, at)
      seen.add(key.text)
      this.#duplicatesIn(value, at)
    }
  }

  /** The entries of an object with names of the author's choice. */
  #entries(tree: Tree | undefined, path: string): [Text, Tree][] {
    if (!isPresent(tree)) return []
    if (tree.kind !== 'map') {
      this.#wrongType(tree, path, 'an object')
      return []
    }
    const entries = new Map<string, [Text, Tree]>()
    for (const {key, value} of (tree as MapTree).entries) {
      const at = `${path}.${key.text}`
      if (entries.has(key.text)) this.#duplicate(key, at)
      entries.set(key.text, [{text: key.text, place: key.place, path: at}, value])
    }
    return [...entries.values()]
  }

  #lists(tree: Tree | undefined, path: string): NamedList[] {
    return this.#entries(tree, path).map(([name, value]) => ({name, items: this.#strings(value, name.path)}))
  }

  /** Since 0.27 the list of a group may not be null. */
  #groups(tree: Tree | undefined): NamedList[] {
    return this.#entries(tree, 'groups').map(([name, value]) => {
      if (this.#rules.strictKeys && value.kind === 'null') this.#wrongType(value, name.path, 'a list of users')
      return {name, items: this.#strings(value, name.path)}
    })
  }

  #items(tree: Tree | undefined, path: string): [Tree, string][] {
    return this.#listOf(tree, path).map((item, i) => [item, `${path}[${i}]`])
  }

  #listOf(tree: Tree | undefined, path: string): readonly Tree[] {
    if (!isPresent(tree)) return []
    if (tree.kind === 'list') return tree.items
    this.#wrongType(tree, path, 'a list')
    return []
  }

  #strings(tree: Tree | undefined, path: string): Text[] {
    const texts: Text[] = []
    for (const [i, item] of this.#listOf(tree, path).entries()) {
      const at = `${path}[${i}]`
      const text = item.kind === 'null' ? {text: '', place: item.place, path: at} : this.#string(item, at)
      if (text) texts.push(text)
    }
    return texts
  }

  #string(tree: Tree | undefined, path: string): Text | null {
    if (!isPresent(tree)) return null
    if (tree.kind === 'scalar' && tree.style === 'quoted') return {text: tree.text, place: tree.place, path}
    this.#wrongType(tree, path, 'a string')
    return null
  }

  /** A field with a reader of its own since 0.27: it takes the spelling of any value, null included. */
  #typed(tree: Tree | undefined, path: string): Text | null {
    if (!this.#rules.typedFields || tree === undefined) return this.#string(tree, path)
    if (tree.kind === 'null') return {text: 'null', place: tree.place, path}
    if (tree.kind === 'scalar') return {text: tree.text, place: tree.place, path}
    this.#wrongType(tree, path, 'a string')
    return null
  }

  #period(tree: Tree | undefined, path: string): Text | null {
    const {checkPeriod} = this.#rules
    if (checkPeriod === 'prometheus' && tree?.kind === 'null') return {text: '', place: tree.place, path}
    if (checkPeriod === 'go-with-limits' && tree?.kind === 'scalar') return {text: tree.text, place: tree.place, path}
    return this.#string(tree, path)
  }

  #wrongType(tree: Tree, path: string, expected: string): void {
    this.#findings.error('wrong-type', tree.place, path, {
      message: `expected ${expected}, got ${kindOf(tree)}`,
      reason: rejects(this.#rules.release),
      fix: `Write ${expected}`,
    })
  }
}

/** The reason of a finding that makes the server refuse the policy. */
export function rejects(release: string): string {
  return `headscale ${release} rejects the whole policy`
}

/** The known word within two edits (one for short words), or null. */
export function nearest(word: string, known: readonly string[]): string | null {
  const reach = Math.min(2, Math.floor(word.length / 3))
  const near = known
    .filter((candidate) => Math.abs(candidate.length - word.length) <= reach)
    .map((candidate) => ({candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase())}))
    .filter(({edits}) => edits <= reach)
    .toSorted((a, b) => a.edits - b.edits)
  return near[0]?.candidate ?? null
}

function isPresent(tree: Tree | undefined): tree is Tree {
  return tree !== undefined && tree.kind !== 'null'
}

function located(tree: Tree, path: string): Located {
  return {place: tree.place, path}
}

function kindOf(tree: Tree): string {
  if (tree.kind === 'map') return 'an object'
  if (tree.kind === 'list') return 'a list'
  if (tree.kind === 'null') return 'null'
  return tree.style === 'quoted' ? `the string ${JSON.stringify(tree.text)}` : tree.text
}
