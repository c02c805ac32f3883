/**
 * Which release listens on a unix socket: by its first bytes, then by which methods it has.
 *
 * Up to 0.29 a gRPC server speaks first (its HTTP/2 SETTINGS begin with a zero byte); the 0.30 tree serves HTTP/1.1 and
 * stays silent until asked. Methods are probed with a payload that cannot be decoded: a method that exists answers 13,
 * one that does not 12, and neither runs anything (grpc-go decodes before it calls the handler).
 */
import type {Socket} from 'node:net'
import {type Evidence, type ReleaseGroupId, releaseGroupByEvidence, PROBED_METHODS} from '../releases.ts'
import {SERVICE} from '../operations.ts'
import type {GrpcConnection} from '../transport/grpc/connection.ts'
import {CODE, GrpcStatus} from '../transport/grpc/status.ts'
import {messageHasField} from './reflection.ts'

/** How long a server may take to speak first before it is asked in HTTP. gRPC servers were seen to take 1 to 25 ms. */
const FIRST_BYTE_MS = 250

/** One byte that is no protobuf message: a tag of field 31 with wire type 7. */
const UNDECODABLE = new Uint8Array([0xff])

/** Whether the server speaks HTTP/2 of its own accord. Bytes that were read are pushed back onto the socket. */
export function speaksFirst(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (answer: boolean) => {
      clearTimeout(timer)
      socket.off('readable', onReadable)
      socket.off('close', onClose)
      resolve(answer)
    }
    const onReadable = () => {
      const bytes = socket.read() as Buffer | null
      if (bytes === null) return
      socket.unshift(bytes)
      settle(bytes[0] === 0)
    }
    const onClose = () => settle(false)
    const timer = setTimeout(() => settle(false), FIRST_BYTE_MS)
    socket.on('readable', onReadable)
    socket.once('close', onClose)
  })
}

/** The group of releases behind a gRPC connection; null when it is no headscale server. */
export async function detectByMethods(connection: GrpcConnection): Promise<ReleaseGroupId | null> {
  const found = new Set<string>()
  await Promise.all(
    PROBED_METHODS.map(async (rpc) => {
      if (await methodExists(connection, rpc)) found.add(rpc)
    }),
  )
  const evidence: Evidence = {hasMethod: (rpc) => found.has(rpc), hasField: () => false}
  const group = releaseGroupByEvidence(evidence)
  const field = group && FIELD_OF_SUCCESSOR[group]
  if (!field) return group
  const newer = (await messageHasField(connection, field.message, field.name)) ?? field.otherwise
  return releaseGroupByEvidence({...evidence, hasField: () => newer})
}

/**
 * Groups whose methods are those of the next one: a field tells them apart, which only reflection shows.
 * `otherwise` is the careful guess where there is none: a bare key kills a 0.17, a time to expire at ends a node of 0.27.0.
 */
const FIELD_OF_SUCCESSOR: Partial<Record<ReleaseGroupId, {message: string; name: string; otherwise: boolean}>> = {
  '0.16': {message: 'PreAuthKey', name: 'acl_tags', otherwise: true},
  '0.27.0': {message: 'ExpireNodeRequest', name: 'expiry', otherwise: false},
}

async function methodExists(connection: GrpcConnection, rpc: string): Promise<boolean> {
  try {
    await connection.unary(`/${SERVICE}/${rpc}`, UNDECODABLE)
    return true
  } catch (error) {
    if (error instanceof GrpcStatus) return error.code !== CODE.UNIMPLEMENTED
    throw error
  }
}
