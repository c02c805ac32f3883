/**
 * What a sandbox starts with: the shape of seed data and how it becomes a tailnet.
 *
 * The shape is ours and the same for every release; docs/sandbox.md describes it. Reading it from a file is
 * seed-file.ts, so that a sandbox without a file loads no parser.
 */
import {usageError} from '../../errors.ts'
import type {ReleaseSimulator} from '../releases/shared/release-simulator.ts'
import {derivedKey, Tailnet, ZERO_TIME} from '../tailnet.ts'
import {addUsers, findOwner, type SeedUser} from './seed-users.ts'

export type {SeedUser} from './seed-users.ts'

export interface SeedNode {
  name: string
  /** Name, e-mail address or provider id of a user of this seed, or `id:N`; made when nobody has it. */
  user: string
  givenName?: string
  /** 64 hex digits; made up when absent, as are the next two. */
  nodeKey?: string
  machineKey?: string
  discoKey?: string
  /** One address per family; the next free ones when absent. */
  ip?: string | string[]
  /** Whether the client is connected; true when absent. */
  online?: boolean
  /** Prefixes the client offers. */
  routes?: string[]
  /** Those of them that are enabled. */
  approved?: string[]
  tags?: string[]
  /** RFC 3339; never when absent. */
  expiry?: string
  lastSeen?: string
  createdAt?: string
}

export interface SeedPending {
  /** The registration key without the prefix a release puts before it. */
  key: string
  name: string
  nodeKey?: string
  online?: boolean
  routes?: string[]
}

export interface SeedPreAuthKey {
  /** As for a node. Absent for a key of tags alone. */
  user?: string
  key?: string
  reusable?: boolean
  ephemeral?: boolean
  used?: boolean
  tags?: string[]
  /** RFC 3339; never when absent. */
  expiration?: string
}

export interface SeedData {
  /** Address pools; 10.1.0.0/16 when absent. */
  prefixes?: string[]
  users?: SeedUser[]
  nodes?: SeedNode[]
  pending?: SeedPending[]
  preAuthKeys?: SeedPreAuthKey[]
  /** Policy text of the database (0.23 and later). */
  policy?: string
}

/** Makes the tailnet a seed describes, as the given release would hold it. */
export function applySeed(seed: SeedData, simulator: ReleaseSimulator, now: () => Date): Tailnet {
  const tailnet = new Tailnet({
    now,
    prefixes: seed.prefixes ?? ['10.1.0.0/16'],
    reusesAddresses: simulator.reusesAddresses,
    keepsRouteRows: simulator.keepsRouteRows,
  })
  const moment = (text: string | undefined): Date | null => (text === undefined ? null : readTime(text))
  addUsers(tailnet, seed.users ?? [], simulator, readTime)

  for (const node of seed.nodes ?? []) {
    const online = node.online ?? true
    const client = simulator.seedPending(
      {
        machineKey: node.machineKey ?? derivedKey('machine', node.name),
        nodeKey: node.nodeKey ?? derivedKey('node', node.name),
        discoKey: node.discoKey ?? derivedKey('disco', node.name),
        name: node.name,
        givenName: null,
        routes: node.routes ?? [],
        online,
        expiry: moment(node.expiry),
        lastSeen: moment(node.lastSeen) ?? (online ? now() : ZERO_TIME),
        userId: null,
        forgetAt: null,
      },
      null,
    )
    tailnet.addNode({
      name: node.name,
      machineKey: client.machineKey,
      nodeKey: client.nodeKey,
      discoKey: client.discoKey,
      online,
      expiry: client.expiry,
      lastSeen: client.lastSeen,
      givenName: node.givenName ?? node.name,
      userId: simulator.taggedNodesHaveUsers || !node.tags?.length ? findOwner(tailnet, node.user).id : null,
      addresses: node.ip === undefined ? (tailnet.nextAddresses() ?? []) : [node.ip].flat(),
      ...(node.createdAt !== undefined && {createdAt: readTime(node.createdAt)}),
      tags: node.tags ?? [],
      advertised: client.routes,
      approved: node.approved ?? [],
      preAuthKeyId: null,
      registerMethod: 'REGISTER_METHOD_CLI',
    })
  }
  for (const {key, name, nodeKey, online, routes} of seed.pending ?? []) {
    tailnet.pending.set(
      simulator.pendingKey(key),
      simulator.seedPending(
        {
          machineKey: derivedKey('machine', key),
          nodeKey: nodeKey ?? derivedKey('node', key),
          discoKey: derivedKey('disco', key),
          name,
          givenName: null,
          routes: routes ?? [],
          online: online ?? true,
          expiry: null,
          lastSeen: null,
          userId: null,
          forgetAt: null,
        },
        key,
      ),
    )
  }
  for (const {user, expiration, ...key} of seed.preAuthKeys ?? []) {
    tailnet.addPreAuthKey({
      key: simulator.preAuthKey(derivedKey('preauthkey', `${user ?? ''}:${tailnet.preAuthKeys.length}`)),
      reusable: false,
      ephemeral: false,
      used: false,
      tags: [],
      ...key,
      userId: user === undefined ? null : findOwner(tailnet, user).id,
      expiration: moment(expiration),
    })
  }
  if (seed.policy !== undefined) tailnet.policy = {text: seed.policy, updatedAt: now()}
  return tailnet
}

function readTime(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) {
    throw usageError(`seed: ${JSON.stringify(text)} is not a time`, 'write it as 2022-03-20T09:08:58Z')
  }
  return date
}
