/** Every selector with a value, and the objects of the tailnet that it chooses. */
import type {Capabilities} from '../../../src/api/capabilities.ts'
import type {Facts} from './tailnet.ts'

const DAY = 86_400_000

export interface Row {
  flag: string
  value: string | null
  /** Nodes by name, keys and users by id. */
  matching: readonly string[]
  /** Objects of which the server does not report the fact: neither the flag nor its opposite chooses them. */
  unknown?: readonly string[]
  /** The release does not report it of any object. */
  rejected?: boolean
  /** The time of the run; now if absent. */
  now?: Date
}

const rowsOf = (rows: readonly (readonly [string, string | null, readonly string[], Partial<Row>?])[]): Row[] =>
  rows.map(([flag, value, matching, more]) => ({flag, value, matching, ...more}))

/** Facts about a node, which also choose its routes. */
export function nodeRows(facts: Facts, {givenNames, nodeTags}: Capabilities): Row[] {
  return rowsOf([
    ['user', 'bob', facts.ofBob],
    ['user', 'id:1', ['web-1']],
    ['name', 'WEB-?', ['web-1', 'web-2']],
    ['name', '*4', ['db-4']],
    ['name', 'gate', givenNames ? ['db-4'] : []],
    ['offline', null, facts.nodes.filter((node) => !facts.online.includes(node))],
    ['offline-for', '30d', ['web-2', 'db-3']],
    ['offline-for', '45d', ['db-3']],
    ['expired', null, ['db-3']],
    ['expires-within', '7d', ['db-4']],
    ['ephemeral', null, ['db-3']],
    ['older-than', '90d', ['web-1']],
    ['older-than', '55d', ['web-1', 'db-3']],
    ['tag', 'tag:ci', ['web-2'], {rejected: !nodeTags}],
    ...(facts.sso.length > 0
      ? ([
          ['user', 'https://idp.example.com/u/4', facts.sso],
          ['user', 'id:5', facts.otherAlice],
        ] as const)
      : []),
  ])
}

/** Facts about a node's routes. */
export const ROUTES_OF_NODE_ROWS = rowsOf([
  ['route', '10.0.0.99/24', ['web-1', 'web-2']],
  ['route', '10.2.0.0/24', ['web-2']],
  ['pending-routes', null, ['web-2']],
])

export function preAuthKeyRows({recordsReusableKeyUse, preAuthKeyTags}: Capabilities): Row[] {
  return rowsOf([
    ['user', 'bob', ['2', '3']],
    ['user', 'id:3', ['1']],
    ['expired', null, ['2']],
    ['expires-within', '7d', ['3']],
    ['ephemeral', null, ['1']],
    ['used', null, ['2'], {unknown: recordsReusableKeyUse ? [] : ['1']}],
    ['older-than', '90d', ['1']],
    ['older-than', '5d', ['1', '2']],
    ['tag', 'tag:ci', ['3'], {rejected: !preAuthKeyTags}],
  ])
}

/** In two days the short one has expired. */
export function apiKeyRows({apiKeys: {all, short, long}}: Facts): Row[] {
  const now = new Date(Date.now() + 2 * DAY)
  const others = all.filter((id) => id !== short && id !== long)
  return rowsOf([
    ['expired', null, [short], {now}],
    ['expires-within', '390d', others, {now}],
    ['expires-within', '2y', [...others, long], {now}],
    ['older-than', '1d', all, {now}],
    ['older-than', '1d', []],
  ])
}

export function userRows({otherAlice}: Facts): Row[] {
  return rowsOf([
    ['name', 'a*', ['1', ...(otherAlice.length > 0 ? ['5'] : [])]],
    ['name', 'Alice', []],
    ['older-than', '90d', ['2']],
  ])
}

/** The opposite of a flag. */
export const opposite = (flag: string) => (flag === 'offline' ? 'online' : `not-${flag}`)

/** The first row of each flag. */
export const firstRows = (rows: readonly Row[]) =>
  rows.filter(({flag}, i) => rows.findIndex((other) => other.flag === flag) === i)
