/**
 * Detects the release behind a gRPC connection by the methods it has.
 *
 * Methods are probed with a payload that cannot be decoded: an existing method answers 13, a missing one 12, and
 * nothing is run (grpc-go decodes before it calls the handler).
 */
import {
  type Evidence,
  FIELD_OF_SUCCESSOR,
  PROBED_METHODS,
  RELEASE_GROUPS,
  type ReleaseGroup,
  type ReleaseGroupId,
  releaseGroupByEvidence,
} from '../releases.ts'
import {OPERATIONS, SERVICE} from '../operations.ts'
import type {GrpcConnection} from '../transport/grpc/connection.ts'
import {CODE, GrpcStatus} from '../transport/grpc/status.ts'
import {messageHasField} from './reflection.ts'

/** One byte, not a valid protobuf message: a tag of field 31 with wire type 7. */
const UNDECODABLE = new Uint8Array([0xff])

/**
 * The release group behind a gRPC connection; null if it is not a headscale server.
 * @param deadline when to give up, in the time of `performance.now()`
 */
export async function detectByMethods(connection: GrpcConnection, deadline: number): Promise<ReleaseGroupId | null> {
  const found = new Set<string>()
  await Promise.all(
    PROBED_METHODS.map(async (rpc) => {
      if (await methodExists(connection, rpc, deadline)) found.add(rpc)
    }),
  )
  const evidence: Evidence = {hasOpenApi: false, hasMethod: (rpc) => found.has(rpc), hasField: () => false}
  const group = releaseGroupByEvidence(evidence)
  const successor = group && FIELD_OF_SUCCESSOR[group]
  if (!successor) return group
  const {message, field, otherwise} = successor
  const newer = (await messageHasField(connection, message, field, deadline)) ?? otherwise
  return releaseGroupByEvidence({...evidence, hasField: () => newer})
}

/**
 * Whether the server still belongs to the group, with the fewest probes that distinguish it from every other group.
 * Groups with the same methods are not distinguished: they differ only in changes, and before a change the release is
 * detected again.
 */
export async function isStillGroup(connection: GrpcConnection, group: ReleaseGroup): Promise<boolean> {
  const probes = distinguishingMethods(group)
  const found = await Promise.all(probes.map((rpc) => methodExists(connection, rpc)))
  return probes.every((rpc, index) => found[index] === hasMethod(group, rpc))
}

function distinguishingMethods(group: ReleaseGroup): string[] {
  const chosen: string[] = []
  let others = RELEASE_GROUPS.filter(({messageSet}) => messageSet !== null)
  for (;;) {
    const differing = (rpc: string) => others.filter((other) => hasMethod(other, rpc) !== hasMethod(group, rpc))
    const best = PROBED_METHODS.reduce((a, b) => (differing(b).length > differing(a).length ? b : a))
    const told = differing(best)
    if (told.length === 0) return chosen
    chosen.push(best)
    others = others.filter((other) => !told.includes(other))
  }
}

function hasMethod({operations}: ReleaseGroup, rpc: string): boolean {
  return [...operations].some((id) => OPERATIONS[id].rpc === rpc)
}

async function methodExists(connection: GrpcConnection, rpc: string, deadline?: number): Promise<boolean> {
  try {
    await connection.unary(`/${SERVICE}/${rpc}`, UNDECODABLE, {deadline, purpose: 'detection'})
    return true
  } catch (error) {
    if (error instanceof GrpcStatus) return error.code !== CODE.UNIMPLEMENTED
    throw error
  }
}
