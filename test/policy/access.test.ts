/** Lists of access, compared with what clients do with the rules that `policy compile` prints. */
import {describe, expect, test} from 'vitest'
import {type AccessRow, compareAccess, listAccess} from '../../src/policy/access/access.ts'
import {checkPolicy} from '../../src/policy/check/check-policy.ts'
import {type CompiledNode, compilePolicy} from '../../src/policy/compile/compile.ts'
import {contains, parseAddress, rangeOf} from '../../src/policy/compile/ip-set.ts'
import type {Principal} from '../../src/policy/compile/ssh-rule.ts'
import type {Tailnet, TailnetNode} from '../../src/policy/compile/tailnet.ts'
import {type PolicyRelease, policyRelease} from '../../src/policy/releases.ts'

const RULES = policyRelease('0.29')

const node = (name: string, userId: string | null, tags: string[], addresses: string[], routes: string[] = []) => {
  return {name, userId, tags, addresses, routes}
}
const TAILNET: Tailnet = {
  users: [
    {id: '1', name: 'anna', email: '', providerId: null},
    {id: '2', name: 'ben', email: 'ben@example.com', providerId: null},
  ],
  nodes: [
    node('laptop', '1', [], ['100.64.0.1', 'fd7a:115c:a1e0::1']),
    node('phone', '1', [], ['100.64.0.3']),
    node('desk', '2', [], ['100.64.0.5']),
    node('web', '2', ['tag:web'], ['100.64.0.7', 'fd7a:115c:a1e0::7']),
    node('router', null, ['tag:router'], ['100.64.0.9'], ['10.0.0.0/24']),
    node('exit', null, ['tag:exit'], ['100.64.0.11', 'fd7a:115c:a1e0::b'], ['0.0.0.0/0', '::/0']),
  ],
}
/** Addresses behind nodes, as rows name them. */
const BEHIND = [
  {address: '10.0.0.9', through: 'router'},
  {address: '10.0.0.77', through: 'router'},
  {address: '9.9.9.9', through: 'exit'},
  {address: '2620:fe::fe', through: 'exit'},
]

/** anna and ben, as rules of the release name them. */
function usersOf({engine, usersHaveEmail}: PolicyRelease): string[] {
  return [engine === 1 ? 'anna' : 'anna@', usersHaveEmail ? 'ben@example.com' : 'ben']
}

function policyOf(rules: object, release = RULES) {
  const head = {
    groups: {'group:dev': usersOf(release)},
    hosts: {printer: '10.0.0.9', lan: '10.0.0.0/24', laptop6: 'fd7a:115c:a1e0::1'},
    tagOwners: {'tag:web': [], 'tag:router': [], 'tag:exit': []},
  }
  const {policy, findings} = checkPolicy(JSON.stringify({...head, ...rules}), 'policy', release)
  expect(findings.filter(({severity}) => severity === 'error')).toEqual([])
  return policy!
}

describe('a list of access', () => {
  test('has equal sources, destinations and services together', () => {
    const policy = policyOf({
      acls: [
        {action: 'accept', src: ['group:dev'], dst: ['tag:web:80,443', 'printer:631', 'autogroup:internet:*']},
        {action: 'accept', proto: 'udp', src: ['*'], dst: ['tag:web:53']},
        {action: 'accept', src: ['autogroup:member'], dst: ['autogroup:self:22']},
        {action: 'accept', proto: 'icmp', src: ['tag:web'], dst: ['100.64.0.5:*']},
      ],
      grants: [{src: ['anna@'], dst: ['lan'], ip: ['tcp:443'], via: ['tag:router']}],
      ssh: [
        {action: 'accept', src: ['autogroup:member'], dst: ['autogroup:self'], users: ['autogroup:nonroot']},
        {action: 'check', src: ['group:dev'], dst: ['tag:web'], users: ['root']},
      ],
    })
    const texts = listAccess(policy, TAILNET, RULES).map(
      ({sources, destinations, access}) => `${sources.join(', ')} -> ${destinations.join(', ')}: ${access.join(' ')}`,
    )
    expect(texts).toEqual([
      'laptop -> IPv6 internet (exit): *',
      'laptop, phone -> laptop, phone: 22 ssh:*',
      'laptop, phone -> 10.0.0.0-10.0.0.8 (router), 10.0.0.10-10.0.0.255 (router): tcp:443',
      'laptop, phone -> 10.0.0.9 (router): tcp:443,631 udp:631',
      'laptop, phone, desk -> web: tcp:80,443 udp:53,80,443',
      'laptop, phone, desk -> IPv4 internet (exit): *',
      'desk -> 10.0.0.9 (router): 631',
      'web -> desk: icmp:*',
      'router, exit, 10.0.0.0/24 (router) -> web: udp:53',
    ])
  })

  test('is the same for policies that say the same', () => {
    const one = policyOf({acls: [{action: 'accept', src: ['group:dev'], dst: ['tag:web:80-82', 'tag:web:83']}]})
    const other = policyOf({grants: [{src: ['autogroup:member'], dst: ['tag:web'], ip: ['80-83']}]})
    expect(compareAccess(one, other, TAILNET, RULES)).toEqual({gained: [], lost: []})
    expect(listAccess(one, TAILNET, RULES)).toEqual(listAccess(other, TAILNET, RULES))
  })

  test('has everything without a policy, and nothing without rules', () => {
    expect(listAccess(policyOf({acls: []}), TAILNET, RULES)).toEqual([])
    expect(compareAccess(null, policyOf({acls: []}), TAILNET, RULES)).toEqual({
      gained: [],
      lost: listAccess(null, TAILNET, RULES),
    })
  })

  const PORTS = [1, 22, 53, 80, 443, 631, 60_000]

  /** Each connection that could be, as a text. */
  function expand(rows: readonly AccessRow[]): Set<string> {
    const all = new Set<string>()
    for (const {sources, destinations, access} of rows) {
      for (const from of TAILNET.nodes.filter(({name}) => sources.includes(name))) {
        const behind = BEHIND.filter(
          ({address, through}) => through !== from.name && covers(destinations, address, through),
        )
        const names = [...destinations, ...behind.map(({address}) => address)]
        for (const to of names.filter((name) => !name.includes('('))) {
          if (to === from.name) continue
          for (const service of access) for (const one of expandService(service)) all.add(`${from.name} ${to} ${one}`)
        }
      }
    }
    return all
  }

  function covers(destinations: readonly string[], address: string, through: string): boolean {
    return destinations.some((text) => {
      const [, what, nodes] = /^(.*) \((.*)\)$/.exec(text) ?? []
      if (what === undefined || !nodes!.split(', ').includes(through)) return false
      if (what === 'internet') return true
      if (what.endsWith(' internet')) return what.startsWith(address.includes(':') ? 'IPv6' : 'IPv4')
      const [first, last] = what.split('-')
      if (last === undefined) return contains(rangeOf(first!), parseAddress(address))
      return contains([parseAddress(first!), parseAddress(last)], parseAddress(address))
    })
  }

  function expandService(service: string): string[] {
    if (service.startsWith('ssh')) return [service]
    const [proto, ports] = service.includes(':') ? service.split(':') : ['', service]
    const wanted = proto === '' ? ['tcp', 'udp'] : proto === 'icmp' ? [] : [proto!]
    const within = PORTS.filter((port) =>
      ports!.split(',').some((range) => {
        const [first, last = first] = range === '*' ? ['0', '65535'] : range.split('-')
        return Number(first) <= port && port <= Number(last)
      }),
    )
    return ['icmp', ...wanted.flatMap((one) => within.map((port) => `${one}:${port}`))]
  }

  function isIn(texts: readonly string[], wanted: string): boolean {
    return texts.some((text) => {
      if (text === '*') return true
      const [first, last] = text.split('-')
      const range = last === undefined ? rangeOf(first!) : ([parseAddress(first!), parseAddress(last)] as const)
      return contains(range, parseAddress(wanted))
    })
  }

  /** Whether one has a rule to an address of the other, or to the first address of one of its routes. */
  function sees(compiled: readonly CompiledNode[], from: TailnetNode, to: TailnetNode): boolean {
    const wanted = [...to.addresses, ...to.routes.map((route) => route.replace(/\/.*/, ''))]
    const {packetFilter} = compiled.find(({node: name}) => name === to.name)!
    return packetFilter.some(
      ({SrcIPs, DstPorts = []}) =>
        from.addresses.some((address) => isIn(SrcIPs, address)) &&
        DstPorts.some(({IP}) => wanted.some((address) => isIn([IP], address))),
    )
  }

  /** The same, from the rules of each node, as a client reads them. */
  function simulate(compiled: readonly CompiledNode[], release: PolicyRelease): Set<string> {
    const all = new Set<string>()
    for (const from of TAILNET.nodes) {
      for (const to of TAILNET.nodes) {
        const {packetFilter, sshPolicy} = compiled.find(({node: name}) => name === to.name)!
        const isKnown = !release.hidesRouters || sees(compiled, from, to) || sees(compiled, to, from)
        const behind = BEHIND.filter(({through}) => through === to.name && isKnown)
        const targets = [
          ...(from === to ? [] : to.addresses.map((address) => ({name: to.name, address}))),
          ...(from === to ? [] : behind.map(({address}) => ({name: address, address}))),
        ]
        for (const {name, address} of targets) {
          const source = from.addresses.find((own) => own.includes(':') === address.includes(':'))
          if (source === undefined) continue
          for (const {SrcIPs, DstPorts = [], IPProto = [6, 17, 1, 58]} of packetFilter) {
            if (!isIn(SrcIPs, source)) continue
            for (const {Ports} of DstPorts.filter(({IP}) => isIn([IP], address))) {
              all.add(`${from.name} ${name} icmp`)
              for (const [number, proto] of [
                [6, 'tcp'],
                [17, 'udp'],
              ] as const) {
                if (!IPProto.includes(number)) continue
                const open = PORTS.filter((port) => Ports.First <= port && port <= Ports.Last)
                for (const port of open) all.add(`${from.name} ${name} ${proto}:${port}`)
              }
            }
          }
        }
        if (from === to || !all.has(`${from.name} ${to.name} tcp:22`)) continue
        for (const user of ['root', 'deploy', '*']) {
          const rule = sshPolicy.rules.find(
            ({principals, sshUsers}) =>
              principals.some((one) => isPrincipal(one, from)) && (sshUsers[user] ?? sshUsers['*'] ?? '') !== '',
          )
          if (rule) all.add(`${from.name} ${to.name} ${rule.action.accept ? 'ssh' : 'ssh-check'}:${user}`)
        }
      }
    }
    return all
  }

  function isPrincipal(one: Principal, {addresses, userId}: TailnetNode): boolean {
    if ('any' in one) return true
    if ('nodeIP' in one) return addresses.includes(one.nodeIP)
    return TAILNET.users.some(({id, name, email}) => id === userId && [name, email].includes(one.userLogin))
  }

  /** A name that "*" includes is not listed beside it. */
  function withNames(found: ReadonlySet<string>): string[] {
    const names = [...found].flatMap((text) => {
      const star = /^(\S+ \S+) (ssh(?:-check)?):\*$/.exec(text)
      const hasOther = star && ['ssh', 'ssh-check'].some((kind) => found.has(`${star[1]} ${kind}:deploy`))
      return star && !hasOther ? [text, `${star[1]} ${star[2]}:deploy`] : [text]
    })
    return names.toSorted()
  }

  const random = (seed: number) => () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed / 2 ** 31
  }

  function randomPolicy(next: () => number, release: PolicyRelease) {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
    const some = <T>(list: readonly T[]): T[] => Array.from({length: 1 + Math.floor(next() * 2)}, () => pick(list))
    const member = release.autogroups.includes('autogroup:member') ? ['autogroup:member'] : []
    const named = usersOf(release)
    const sources = ['*', ...named, 'group:dev', 'tag:web', ...member, '100.64.0.3', 'lan']
    const users = [...named, 'group:dev', ...member]
    const destinations = [...sources, 'tag:exit', 'printer', 'laptop6', 'autogroup:internet', '9.9.9.9', '10.0.0.64/26']
    const ports = ['*', '22', '80,443', '20-60', '600-65535', '53']
    const acls = Array.from({length: 3}, () => ({
      action: 'accept',
      ...(next() < 0.4 && {proto: pick(['tcp', 'udp'])}),
      src: some(sources),
      dst: some(destinations).map((text) => `${text}:${pick(ports)}`),
    }))
    const self = {action: 'accept', src: some(users), dst: [`autogroup:self:${pick(ports)}`]}
    const via = {src: some(sources), dst: [pick(['autogroup:internet', 'lan'])], ip: [pick(ports)]}
    const grants = [{...via, via: [pick(['tag:router', 'tag:exit'])]}]
    const ssh = Array.from({length: 3}, () => ({
      action: pick(['accept', 'check']),
      ...(release.engine === 1 && {checkPeriod: '1h'}),
      src: release.engine === 1 ? some([...users, '*', 'tag:web', '100.64.0.3']) : some(users),
      dst:
        release.engine === 1
          ? some(users)
          : [pick(['tag:web', 'tag:exit', ...(member.length > 0 ? ['autogroup:self'] : [])])],
      users: some(['root', 'deploy', release.engine === 1 ? '*' : 'autogroup:nonroot']),
    }))
    const hasSelf = member.length > 0 && next() < 0.5
    const hasGrants = release.sections.includes('grants') && next() < 0.5
    return policyOf({acls: hasSelf ? [...acls, self] : acls, ...(hasGrants && {grants}), ssh}, release)
  }

  test.for([
    ['0.29', 60],
    ['0.28', 30],
    ['0.26', 30],
    ['0.25', 30],
    ['0.23', 30],
  ] as const)('has what clients do with the rules of each node, for policies at random: %s', ([name, rounds]) => {
    const next = random(29)
    const release = policyRelease(name)
    for (let round = 0; round < rounds; round++) {
      const [before, after] = [randomPolicy(next, release), randomPolicy(next, release)]
      const [old, current] = [before, after].map((policy) =>
        simulate(compilePolicy(policy, TAILNET, release, ''), release),
      )
      // To 0.26 autogroup:nonroot is the name of a user.
      const known = (found: readonly string[]) => found.filter((text) => name !== '0.26' || !text.includes('ssh'))
      const listed = withNames(expand(listAccess(after, TAILNET, release)))
      expect(known(listed)).toEqual(known([...current!].toSorted()))
      const {gained, lost} = compareAccess(before, after, TAILNET, release)
      // SSH also changes with port 22, and a name is not listed beside the "*" that includes it.
      const packets = (found: ReadonlySet<string>, known: ReadonlySet<string>) =>
        [...found].filter((text) => !known.has(text) && !text.includes('ssh')).toSorted()
      expect(packets(expand(gained), old!)).toEqual(packets(current!, old!))
      expect(packets(expand(lost), current!)).toEqual(packets(old!, current!))
    }
  })
})
