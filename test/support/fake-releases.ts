/**
 * Servers with only those parts of a release that detection reads: which methods exist, which fields a message has, which
 * paths the API description names. They answer no call, so a probe that executes something would fail.
 */
import {createServer as createHttpServer} from 'node:http'
import {createServer as createHttp2Server, type ServerHttp2Stream} from 'node:http2'
import type {Server} from 'node:net'
import {BinaryWriter} from '@bufbuild/protobuf/wire'
import type {ReleaseGroup} from '../../src/api/releases.ts'
import {OPERATIONS, REST_ROOT, SERVICE} from '../../src/api/operations.ts'
import {listenOnPort, listenOnSocket, message, recordingHttp, reply, type SeenHttp} from '../wire/support/servers.ts'

/** New fields of releases that have the same methods as the release before. */
const FIELDS: Partial<Record<ReleaseGroup['id'], Record<string, string[]>>> = {
  '0.17': {PreAuthKey: ['key', 'acl_tags']},
  '0.27.1': {ExpireNodeRequest: ['node_id', 'expiry']},
}

const FEWER_FIELDS = {PreAuthKey: ['key'], ExpireNodeRequest: ['node_id']}

const fieldsOf = ({id}: ReleaseGroup) => ({...FEWER_FIELDS, ...FIELDS[id]})

interface FakeGrpc {
  path: string
  /** Paths requested since the last call. */
  asked(): string[]
}

/** gRPC on a socket, with exactly the methods of the release. @param reflects whether it answers reflection */
export async function grpcOf(
  group: ReleaseGroup,
  {path, reflects = true}: {path?: string; reflects?: boolean} = {},
): Promise<FakeGrpc> {
  const methods = new Set([...group.operations].map((id) => `/${SERVICE}/${OPERATIONS[id].rpc}`))
  let asked: string[] = []
  const answer = (stream: ServerHttp2Stream, name: string, body: Buffer) => {
    asked.push(name)
    if (name.startsWith('/grpc.reflection.v1alpha.') && reflects) {
      return reply(stream, {body: message(descriptor(fieldsOf(group))), trailers: {'grpc-status': '0'}})
    }
    if (!methods.has(name)) return reply(stream, {headers: {'grpc-status': '12', 'grpc-message': 'unknown method'}})
    const undecodable = body.subarray(5).equals(Buffer.from([0xff]))
    reply(stream, {headers: {'grpc-status': undecodable ? '13' : '0', 'grpc-message': ''}})
  }
  const server = createHttp2Server()
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => answer(stream, String(headers[':path']), Buffer.concat(chunks)))
  })
  return {
    path: await listenOnSocket(server as unknown as Server, path),
    asked() {
      const since = asked
      asked = []
      return since
    },
  }
}

/** A ServerReflectionResponse with one file: messages by name, each with its fields. */
function descriptor(messages: Record<string, string[]>): Uint8Array {
  const file = new BinaryWriter()
  for (const [name, fields] of Object.entries(messages)) {
    file.tag(4, 2).fork()
    file.tag(1, 2).string(name)
    for (const field of fields) file.tag(2, 2).fork().tag(1, 2).string(field).join()
    file.join()
  }
  return new BinaryWriter().tag(4, 2).fork().tag(1, 2).bytes(file.finish()).join().finish()
}

/** What the release returns at an address without a key. */
function description(group: ReleaseGroup): {path: string; document: object} {
  if (group.messageSet === null) {
    return {path: `${REST_ROOT}/openapi.json`, document: {openapi: '3.1.0', info: {version: 'v1'}, paths: {}}}
  }
  const paths: Record<string, Record<string, object>> = {}
  const {PreAuthKey, ExpireNodeRequest} = fieldsOf(group)
  for (const id of group.operations) {
    const {method, path} = OPERATIONS[id]
    const fields = id === 'ExpireNode' ? ExpireNodeRequest.filter((name) => name === 'expiry') : []
    const operation = {parameters: fields.map((name) => ({name, in: 'query'}))}
    paths[REST_ROOT + path] = {...paths[REST_ROOT + path], [method.toLowerCase()]: operation}
  }
  const properties = PreAuthKey.includes('acl_tags') ? {key: {}, aclTags: {}} : {key: {}}
  return {
    path: '/swagger/v1/openapiv2.json',
    document: {swagger: '2.0', paths, definitions: {v1PreAuthKey: {properties}}},
  }
}

/** HTTP with the API description of the release: at an address, or on a socket as the 0.30 tree has it. */
export async function httpOf(
  group: ReleaseGroup,
  where: 'address' | {socket?: string},
): Promise<{at: string; seen: SeenHttp[]}> {
  const {path, document} = description(group)
  const {server, seen} = recordingHttp(({url}, response) => {
    if (url !== path) return void response.writeHead(404, {'content-type': 'text/plain'}).end('404 page not found')
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
  })
  if (where === 'address') return {at: `http://127.0.0.1:${await listenOnPort(server)}`, seen}
  return {at: await listenOnSocket(server, where.socket), seen}
}

/** An HTTP server on a socket that is not headscale. */
export async function strangerOnSocket(): Promise<string> {
  return listenOnSocket(createHttpServer((_, response) => response.end('hello')))
}
