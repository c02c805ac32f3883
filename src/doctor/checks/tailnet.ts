/** What the server knows: users, routes, and how full its address pools are. */
import {BlockList} from 'node:net'
import type {ControlApi} from '../../api/control-api.ts'
import {nodeName} from '../../domain/node.ts'
import type {RouteCheck} from '../../domain/route-check.ts'
import {isExitRoute} from '../../domain/values/prefix.ts'
import {parsePrefix} from '../../setup/config/values.ts'
import type {Prefix} from '../../setup/config/values.ts'
import {checkedRoutes} from '../../usecases/routes/check-routes.ts'
import {error, skipped, warning} from '../result.ts'
import type {Problem, Verdict} from '../result.ts'
import type {ServerConfig} from '../server-config.ts'

export async function checkUsers(api: ControlApi): Promise<Verdict> {
  const users = await api.users.list()
  const byName = Map.groupBy(
    users.filter(({name}) => name !== ''),
    ({name}) => name,
  )
  const problems = [...byName]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => {
      const ids = same.map(({id}) => id)
      return warning('users-same-name', [
        `Users ${ids.slice(0, -1).join(', ')} and ${ids.at(-1)} have the same name, ${JSON.stringify(name)}`,
        'A policy that names the user is ambiguous, and headscale 0.29 does not start with it; commands need the id',
        `headscale-ts users rename id:${ids.at(-1)} NEW-NAME`,
      ])
    })
  return {seen: count(users.length, 'user'), problems}
}

export async function checkServedRoutes(api: ControlApi, now: Date): Promise<Verdict> {
  const checks = await checkedRoutes(api, {node: undefined, selector: null, now})
  const approved = checks.filter(({state}) => state !== 'pending')
  const dead = new Set(
    checks
      .filter(({state}) => state === 'no-server')
      .map(({prefix, candidates}) => `${candidates[0]!.node.id} ${prefix}`),
  )
  // Both exit routes of a node are one thing for its users.
  const isSecond = ({prefix, candidates}: RouteCheck) =>
    prefix === '::/0' && dead.has(`${candidates[0]!.node.id} 0.0.0.0/0`)
  const problems = checks.filter((check) => !isSecond(check)).flatMap(routeProblem)
  const pending = checks.length - approved.length
  const rest = pending > 0 ? `, ${pending} waiting for approval` : ''
  return {seen: checks.length === 0 ? 'no routes' : `${approved.length} approved${rest}`, problems}
}

function routeProblem({prefix, state, candidates}: RouteCheck): Problem[] {
  const approved = candidates.filter((candidate) => candidate.approved)
  const names = approved.map(({node}) => nodeName(node))
  if (state === 'no-primary') {
    return [
      warning('route-undecided', [
        `The server has chosen no node yet that serves ${prefix}`,
        'It does so within seconds; until then nobody reaches the addresses behind the route',
        'headscale-ts routes check',
      ]),
    ]
  }
  if (state !== 'no-server') return []
  const offline = approved.filter(({online}) => !online)
  const why =
    offline.length === approved.length
      ? `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} offline`
      : `no node that has it approved is online and advertises it (${names.join(', ')})`
  const route = isExitRoute(prefix) ? `The exit route ${prefix} of ${names[0]}` : `The route ${prefix}`
  return [
    error('route-unserved', [
      `${route} is approved and served by nobody: ${why}`,
      isExitRoute(prefix)
        ? 'Clients that use this exit node have no internet'
        : 'Nobody reaches the addresses behind it',
      `Start ${names.join(' or ')} and check that it advertises the route, or headscale-ts routes disable ${approved[0]!.node.id} ${prefix}`,
    ]),
  ]
}

/** The share of a pool from which on it is reported. */
const NEARLY_FULL = 0.9

/** Addresses that headscale never gives to a node: of Tailscale's own DNS, and of virtual machines on Chrome OS. */
const RESERVED: readonly [address: string, bits: number, count: number][] = [
  ['100.100.100.100', 32, 1],
  ['100.115.92.0', 23, 512],
]

export async function checkPool(api: ControlApi, config: ServerConfig | null): Promise<Verdict> {
  if (config === null) return skipped('no config file of the server, which has the prefixes')
  const {settings} = config
  const keys = ['prefixes.v4', 'prefixes.v6'].map((key) => settings.text(key))
  const texts = [...keys, ...settings.list('ip_prefixes').map(({text}) => text)].filter((text) => text !== '')
  const pools = [...new Set(texts)].map(parsePrefix).filter((pool) => pool !== null)
  if (pools.length === 0) return skipped('the config file has no prefixes', config.path)
  const addresses = (await api.nodes.list()).flatMap(({ipAddresses}) => ipAddresses)
  const fills = pools.map((pool) => fillOf(pool, addresses))
  return {
    seen: fills.map(({name, used, size}) => `${name}: ${usedText(used, size)} used`).join('; '),
    problems: fills.flatMap(poolProblem),
  }
}

interface Fill {
  name: string
  used: number
  size: number
}

function fillOf({address, family, bits}: Prefix, addresses: readonly string[]): Fill {
  const list = new BlockList()
  const type = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(address, bits, type)
  const used = addresses.filter((each) => each.includes(':') === (family === 6) && list.check(each, type)).length
  const length = (family === 4 ? 32 : 128) - bits
  // Without the first and the last address.
  const all = Math.max(1, 2 ** length - 2)
  const reserved = RESERVED.filter(([first, width]) => family === 4 && width >= bits && list.check(first, type))
  return {name: `${address}/${bits}`, used, size: all - reserved.reduce((sum, [, , each]) => sum + each, 0)}
}

function poolProblem({name, used, size}: Fill): Problem[] {
  const fix = `Delete nodes that are gone (headscale-ts nodes prune --offline-for 90d --dry-run), or change prefixes in the config file to a larger one that contains ${name}`
  if (used >= size) {
    return [error('pool-full', [`All ${size} addresses of ${name} are in use`, 'No node can join', fix])]
  }
  if (used < size * NEARLY_FULL) return []
  return [
    warning('pool-nearly-full', [
      `${used} of ${size} addresses of ${name} are in use`,
      `Only ${count(size - used, 'more node')} can join`,
      fix,
    ]),
  ]
}

function usedText(used: number, size: number): string {
  return size > 1e9 ? String(used) : `${used} of ${size}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
