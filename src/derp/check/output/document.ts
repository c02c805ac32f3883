/**
 * The published JSON of a check: every field is always present, null for what was not seen, times in milliseconds.
 */
import {derpPortOf, stunPortOf} from '../../map.ts'
import {formatNodeKey} from '../relay/keys.ts'
import type {CheckResult, NodeResult, PathResult, RegionResult, Verdict} from '../result.ts'
import type {CheckDocument, NodeCheckDocument, PathDocument, RegionDocument, VerdictDocument} from './schemas.ts'

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

function regionDocument({region, health, notes, mesh, nodes}: RegionResult): RegionDocument {
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
