/** Columns of `routes check`: a line per prefix, with its nodes by what they do for it. */
import {nodeName} from '../../domain/node.ts'
import {type Candidate, canServe, type RouteCheck, type RouteState} from '../../domain/route-check.ts'
import {isExitRoute} from '../../domain/values/prefix.ts'
import type {Tone} from '../table.ts'
import type {ListColumn, ListSpec} from './column.ts'
import {PREFIX_COLUMN} from './routes.ts'

const TONES: Readonly<Record<RouteState, Tone>> = {
  ok: 'good',
  'no-primary': 'warning',
  'no-server': 'bad',
  pending: 'plain',
}

/** A column with the names of some of the nodes. */
function nodesColumn(
  id: string,
  header: string,
  description: string,
  belongs: (candidate: Candidate) => boolean,
): ListColumn<RouteCheck> {
  const names = ({candidates}: RouteCheck) => candidates.filter(belongs).map(({node}) => nodeName(node))
  return {
    id,
    header,
    description,
    value: names,
    text: (check) => names(check).join(', ') || '-',
    narrow: {cut: true},
  }
}

export const ROUTE_CHECKS: ListSpec<RouteCheck> = {
  name: ({prefix}) => prefix,
  id: () => null,
  columns: [
    PREFIX_COLUMN,
    {
      id: 'status',
      header: 'Status',
      description: 'ok, no-primary, no-server or pending',
      value: ({state}) => state,
      tone: ({state}) => TONES[state],
    },
    {
      id: 'primary',
      aliases: ['serving', 'is-primary'],
      header: 'Primary',
      description: 'the node that serves it now (headscale 0.18 or later; none for an exit route)',
      value: ({prefix, candidates}) => primaryOf(prefix, candidates),
      narrow: {cut: true},
    },
    nodesColumn('online', 'Online', 'nodes that can serve it: online, advertised and approved', canServe),
    nodesColumn(
      'offline',
      'Offline',
      'nodes that have it approved and are offline',
      (candidate) => candidate.approved && !candidate.online,
    ),
    nodesColumn('pending', 'Pending', 'nodes that advertise it without approval', ({approved}) => !approved),
    nodesColumn(
      'unadvertised',
      'Unadvertised',
      'nodes that have it approved and are online, but do not advertise it',
      ({approved, online, available}) => approved && online && !available,
    ),
  ],
}

export const SHOWN_ROUTE_CHECKS = ['prefix', 'status', 'primary', 'online', 'offline', 'pending'] as const

function primaryOf(prefix: string, candidates: readonly Candidate[]): string | null {
  if (isExitRoute(prefix)) return null
  const primary = candidates.find((candidate) => candidate.serving && canServe(candidate))
  return primary ? nodeName(primary.node) : null
}
