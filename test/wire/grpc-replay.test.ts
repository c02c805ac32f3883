/**
 * Recorded exchanges: our requests are byte for byte those of headscale's own command line, and the replies of its server
 * are converted to proto-JSON.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {type MessageSetId, loadMessageSet} from '../../src/api/messages.ts'
import type {OperationId} from '../../src/api/operations.ts'
import {grpcTransport} from '../../src/api/transport/grpc/grpc-transport.ts'
import {GrpcStatus} from '../../src/api/transport/grpc/status.ts'
import type {Transport, WireMessage} from '../../src/api/transport/transport.ts'
import {HeadscaleError} from '../../src/errors.ts'
import {grpcTo, http2Server, reply} from './support/servers.ts'

interface Exchange {
  path: string
  request: string
  headers: Record<string, string | number>
  reply: string
  trailers?: Record<string, string>
}

interface Recording {
  recorded: string
  exchanges: Exchange[]
}

const NODE_KEY = `nodekey:${'11'.repeat(32)}`
const AUTH_ID = `hskey-authreq-${'A'.repeat(24)}`

/** The recorded calls in order, as a dialect makes them. */
const CALLS: Record<string, [OperationId, WireMessage][]> = {
  '0.17.1': [
    ['CreateNamespace', {name: 'office'}],
    ['CreateNamespace', {name: 'office'}],
    ['ListNamespaces', {}],
    ['DebugCreateMachine', {namespace: 'office', key: NODE_KEY, name: 'laptop', routes: ['10.0.0.0/24']}],
    ['RegisterMachine', {namespace: 'office', key: NODE_KEY}],
    ['ListMachines', {}],
    ['RegisterMachine', {namespace: 'nobody', key: NODE_KEY}],
  ],
  '0.29.2': [
    ['CreateUser', {name: 'office'}],
    ['CreateUser', {name: 'office'}],
    ['ListUsers', {}],
    ['DebugCreateNode', {user: 'office', key: AUTH_ID, name: 'laptop', routes: ['10.0.0.0/24']}],
    ['RegisterNode', {user: 'office', key: AUTH_ID}],
    ['ListNodes', {}],
    ['RegisterNode', {user: 'nobody', key: AUTH_ID}],
  ],
}

function recording(release: string): Exchange[] {
  const file = join(import.meta.dirname, 'fixtures', `grpc-${release}.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as Recording).exchanges
}

/** Serves a recording in its order; a request that differs from the recorded one is answered with the difference. */
async function replayed(exchanges: Exchange[]) {
  const left = [...exchanges]
  const {path} = await http2Server((stream, {headers, body}) => {
    const next = left.shift()
    const asked = `${headers[':path']} ${body.toString('hex')}`
    if (!next || asked !== `${next.path} ${next.request}`) {
      return reply(stream, {
        headers: {'grpc-status': '99', 'grpc-message': `asked ${asked}, recorded ${next?.path} ${next?.request}`},
      })
    }
    const {trailers} = next
    reply(stream, {headers: next.headers, body: Buffer.from(next.reply, 'hex'), ...(trailers ? {trailers} : {})})
  })
  return grpcTo(path)
}

async function answer(transport: Transport, [operation, request]: [OperationId, WireMessage]): Promise<unknown> {
  try {
    return {operation, reply: await transport.call(operation, request)}
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    const {code, message, hint, details} = error
    return {operation, error: {code, message, hint, details}}
  }
}

test.each([
  ['0.17.1', 'v0_15'],
  ['0.29.2', 'v0_26'],
] as [string, MessageSetId][])('the calls of headscale %s', async (release, messageSet) => {
  const exchanges = recording(release).slice(0, -2)
  const transport = grpcTransport(await replayed(exchanges), await loadMessageSet(messageSet))
  const answers: unknown[] = []
  for (const call of CALLS[release]!) answers.push(await answer(transport, call))
  expect(answers).toHaveLength(exchanges.length)
  await expect(`${JSON.stringify(answers, null, 2)}\n`).toMatchFileSnapshot(`golden/grpc-${release}.json`)
})

test.each(['0.17.1', '0.29.2'])('detection of headscale %s: a missing method, an invalid message', async (release) => {
  const connection = await replayed(recording(release).slice(-2))
  const list = release === '0.17.1' ? 'ListMachines' : 'ListNodes'
  const ask = (method: string, payload: number[]) =>
    connection
      .unary(`/headscale.v1.HeadscaleService/${method}`, Uint8Array.from(payload))
      .catch((error: unknown) => error)
  expect(await ask('NoSuchMethod', [])).toEqual(
    new GrpcStatus(12, 'unknown method NoSuchMethod for service headscale.v1.HeadscaleService'),
  )
  const unreadable = await ask(list, [0xff])
  expect(unreadable).toMatchObject({code: 13})
  expect((unreadable as Error).message).toMatch(/^grpc: error unmarshalling request: proto:\sc/)
})
