/**
 * A change whose reply is missing, empty, cut short or broken may have been applied: the hint says so. The same reply to
 * a call that only reads is an error as any other.
 */
import type {ServerHttp2Stream} from 'node:http2'
import type {ServerResponse} from 'node:http'
import {expect, test} from 'vitest'
import {loadMessageSet} from '../../src/api/messages.ts'
import {checkedTransport} from '../../src/api/transport/checked-transport.ts'
import {grpcTransport} from '../../src/api/transport/grpc/grpc-transport.ts'
import type {Transport} from '../../src/api/transport/transport.ts'
import {HeadscaleError} from '../../src/errors.ts'
import {answered} from './support/http-servers.ts'
import {grpcTo, http2Server, message, reply} from './support/servers.ts'

const CHECK = 'the change may have been applied; check before retrying'
const OK = {'grpc-status': '0'}

/** Code and hint of a failed read and of a failed change. */
async function failures(transport: Transport): Promise<[string, boolean][]> {
  const said: [string, boolean][] = []
  for (const operation of ['ListUsers', 'CreateUser'] as const) {
    const error = await transport.call(operation, {name: 'a'}).catch((thrown: unknown) => thrown)
    if (!(error instanceof HeadscaleError)) throw error
    said.push([error.code, error.hint === CHECK])
  }
  return said
}

test.for<[string, string, (stream: ServerHttp2Stream) => void]>([
  ['no message', 'bad-reply', (stream) => reply(stream, {trailers: OK})],
  [
    'two messages',
    'bad-reply',
    (stream) => reply(stream, {body: Buffer.concat([message(''), message('')]), trailers: OK}),
  ],
  ['a message cut short', 'bad-reply', (stream) => reply(stream, {body: message('long').subarray(0, 7), trailers: OK})],
  [
    'bytes that are not protobuf',
    'bad-reply',
    (stream) => reply(stream, {body: message(Buffer.from([0xff])), trailers: OK}),
  ],
  ['a compressed message', 'bad-reply', (stream) => reply(stream, {body: message('x', 1), trailers: OK})],
  ['no status', 'bad-reply', (stream) => reply(stream, {body: message(''), trailers: {'x-y': '1'}})],
  [
    'a page of a proxy',
    'unreachable',
    (stream) => reply(stream, {headers: {':status': 502, 'content-type': 'text/html'}}),
  ],
  ['a deadline of the server', 'timeout', (stream) => reply(stream, {headers: {'grpc-status': '4'}})],
  ['a cancelled call', 'unreachable', (stream) => reply(stream, {headers: {'grpc-status': '1'}})],
  ['a server that ends', 'unreachable', (stream) => reply(stream, {headers: {'grpc-status': '14'}})],
])('over gRPC: %s', async ([, code, answer]) => {
  const {path} = await http2Server(answer)
  const transport = grpcTransport(await grpcTo(path), await loadMessageSet('v0_26'))
  expect(await failures(transport)).toEqual([
    [code, false],
    [code, true],
  ])
})

test('over gRPC: after an error status the change was not applied, and no hint is added', async () => {
  for (const status of ['2', '3', '5', '6', '7', '12', '13', '16']) {
    const {path} = await http2Server((stream) =>
      reply(stream, {headers: {'grpc-status': status, 'grpc-message': 'no'}}),
    )
    const transport = grpcTransport(await grpcTo(path), await loadMessageSet('v0_26'))
    expect(
      (await failures(transport)).map(([, unknown]) => unknown),
      status,
    ).toEqual([false, false])
  }
})

const json = {'content-type': 'application/json'}

test.for<[string, string, (response: ServerResponse) => void]>([
  ['an empty reply', 'bad-reply', (response) => response.writeHead(200, json).end()],
  ['JSON cut short', 'bad-reply', (response) => response.writeHead(200, json).end('{"user":')],
  ['JSON of another form', 'bad-reply', (response) => response.writeHead(200, json).end('{"user":5}')],
  ['a page', 'unreachable', (response) => response.writeHead(200, {'content-type': 'text/html'}).end('<html>')],
  [
    'a body that ends early',
    'unreachable',
    (response) => {
      response.writeHead(200, {...json, 'content-length': '100'})
      response.write('{')
      setTimeout(() => response.destroy(), 50)
    },
  ],
])('over HTTP: %s', async ([, code, answer]) => {
  const {transport} = await answered((_, response) => answer(response))
  const checked = checkedTransport(transport, async (operation, body) =>
    (await import('../../src/api/dialects/shared/schemas.ts')).faultOf(operation, body),
  )
  expect(await failures(checked)).toEqual([
    [code, false],
    [code, true],
  ])
})
