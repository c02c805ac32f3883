/**
 * The published JSON of a check: every field always present, null for what was not seen, times in milliseconds.
 */
import {derpPortOf, stunPortOf} from '../map.ts'
import {formatNodeKey} from './keys.ts'
import type {
  CheckResult,
  Health,
  MeshResult,
  NodeResult,
  PathResult,
  RegionResult,
  Step,
  Verdict,
  VerdictCode,
} from './result.ts'

export interface VerdictDocument {
  code: VerdictCode
  health: Health
  message: string
  fix: string | null
  /** What clients demand of the certificate, and what was presented; null when that is not the matter. */
  expected: string | null
  found: string | null
}

export interface StepDocument {
  name: Step['name']
  outcome: Step['outcome']
  milliseconds: number | null
  detail: string | null
}

export interface PathDocument {
  family: 'ipv4' | 'ipv6'
  address: string
  verdict: VerdictDocument
  steps: StepDocument[]
  certificate: {
    pin: string
    subject: string
    altNames: string
    notBefore: string
    notAfter: string
    /** How many certificates came, the leaf included. */
    certificates: number
    protocol: string
    checked: boolean
  } | null
  serverKey: string | null
  mappedAddress: string | null
  openToAll: boolean | null
  notes: string[]
}

export interface NodeCheckDocument {
  name: string
  hostName: string
  derpPort: number
  stunPort: number | null
  stunOnly: boolean
  verdict: VerdictDocument
  dnsMilliseconds: number | null
  notes: string[]
  paths: PathDocument[]
}

export interface RegionCheckDocument {
  regionId: number
  regionCode: string
  regionName: string
  health: Health
  notes: string[]
  mesh: MeshResult[]
  nodes: NodeCheckDocument[]
}

export interface CheckDocument {
  target: string
  startedAt: string
  milliseconds: number
  health: Health
  regions: RegionCheckDocument[]
}

/** A check as plain JSON values. */
export function checkDocument(result: CheckResult): CheckDocument {
  return {
    target: result.target,
    startedAt: result.startedAt.toISOString(),
    milliseconds: tenths(result.ms)!,
    health: result.health,
    regions: result.regions.map(regionDocument),
  }
}

function regionDocument({region, health, notes, mesh, nodes}: RegionResult): RegionCheckDocument {
  const {regionId, regionCode, regionName} = region
  return {regionId, regionCode, regionName, health, notes, mesh, nodes: nodes.map(nodeDocument)}
}

function nodeDocument({node, verdict, dnsMs, notes, paths}: NodeResult): NodeCheckDocument {
  return {
    name: node.name,
    hostName: node.hostName,
    derpPort: derpPortOf(node),
    stunPort: stunPortOf(node),
    stunOnly: node.stunOnly,
    verdict: verdictDocument(verdict),
    dnsMilliseconds: tenths(dnsMs),
    notes,
    paths: paths.map(pathDocument),
  }
}

function pathDocument(path: PathResult): PathDocument {
  const {certificate, serverKey} = path
  return {
    family: path.family === 4 ? 'ipv4' : 'ipv6',
    address: path.address,
    verdict: verdictDocument(path.verdict),
    steps: path.steps.map(({name, outcome, ms, detail}) => ({
      name,
      outcome,
      milliseconds: tenths(ms),
      detail: detail || null,
    })),
    certificate: certificate && {
      ...certificate,
      notBefore: certificate.notBefore.toISOString(),
      notAfter: certificate.notAfter.toISOString(),
    },
    serverKey: serverKey === null ? null : formatNodeKey(Buffer.from(serverKey, 'hex')),
    mappedAddress: path.mapped,
    openToAll: path.openToAll,
    notes: path.notes,
  }
}

function verdictDocument({code, health, message, fix, certificate}: Verdict): VerdictDocument {
  return {code, health, message, fix, expected: certificate?.expected ?? null, found: certificate?.found ?? null}
}

function tenths(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10
}
