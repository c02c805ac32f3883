/**
 * Which release is behind a gRPC connection, by the methods it has.
 *
 * Methods are probed with a payload that cannot be decoded: a method that exists answers 13, one that does not 12, and
 * neither runs anything (grpc-go decodes before it calls the handler).
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

/** One byte that is no protobuf message: a tag of field 31 with wire type 7. */
const UNDECODABLE = new Uint8Array([0xff])

/**
 * The group of releases behind a gRPC connection; null when it is no headscale server.
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
 * Whether a connection is still to a server of the group, by as few probes as tell it from every other group. Groups
 * with the same methods pass for each other: what they differ in shows in changes alone, and before a change the
 * release is detected anew.
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
    await connection.unary(`/${SERVICE}/${rpc}`, UNDECODABLE, deadline)
    return true
  } catch (error) {
    if (error instanceof GrpcStatus) return error.code !== CODE.UNIMPLEMENTED
    throw error
  }
}
