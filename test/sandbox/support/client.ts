/**
 * A small client for these tests, over raw node:http2 and fetch, so that they do not depend on the program's own
 * client. It only sends bytes and reads trailers.
 */
import {mkdtempSync, rmSync} from 'node:fs'
import {connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders} from 'node:http2'
import {connect} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {loadMessageSet, type MessageSetId} from '../../../src/api/messages.ts'
import {OPERATIONS, SERVICE, type OperationId} from '../../../src/api/operations.ts'
import {startSandbox, type Sandbox, type SandboxOptions} from '../../../src/sandbox/index.ts'

/** The start time of every sandbox in the tests. */
export const START = new Date('2022-03-09T06:12:06Z')

export type Fields = Record<string, unknown>

/** The result of a call: the status, and the reply if the status is 0. */
export interface Answer {
  code: number
  message: string
  reply: Fields | null
}

export interface TestSandbox extends Sandbox {
  socketPath: string
  url: string
  apiKey: string
  /** Calls over the socket. */
  call(operation: OperationId, request?: Fields): Promise<Answer>
  /** Calls and expects success. */
  ok(operation: OperationId, request?: Fields): Promise<Fields>
  /** Advances the clock. */
  pass(milliseconds: number): void
}

/** A sandbox on a socket and a port, with a fixed clock. */
export async function sandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'))
  let moment = START.getTime()
  const started = await startSandbox({
    socketPath: join(folder, 's.sock'),
    listen: {host: '127.0.0.1', port: 0},
    now: () => new Date(moment),
    ...options,
  })
  const messages = await loadMessageSet(familyOf(started.release))
  const session = await openSession(started.socketPath!)
  const call = async (operation: OperationId, request: Fields = {}): Promise<Answer> => {
    const empty = messages.request(operation).decode(new Uint8Array())
    const payload = messages
      .request(operation)
      .encode({...empty, ...request})
      .finish()
    const {code, message, body} = await post(session, `/${SERVICE}/${OPERATIONS[operation].rpc}`, frame(payload))
    return {code, message, reply: code === 0 ? messages.reply(operation).decode(body.subarray(5)) : null}
  }
  return {
    ...(started as TestSandbox),
    call,
    async ok(operation, request) {
      const answer = await call(operation, request)
      if (answer.code !== 0) throw new Error(`${operation}: ${answer.code} ${answer.message}`)
      return answer.reply!
    },
    pass: (milliseconds) => void (moment += milliseconds),
    async close() {
      session.destroy()
      await started.close()
      rmSync(folder, {recursive: true, force: true})
    },
  }
}

function familyOf(release: string): MessageSetId {
  if (release < '0.19') return 'v0_15'
  if (release < '0.24') return 'v0_19'
  return release < '0.26' ? 'v0_24' : 'v0_26'
}

/** One HTTP/2 connection over a unix socket. */
export async function openSession(socketPath: string): Promise<ClientHttp2Session> {
  const session = connectHttp2('http://localhost', {createConnection: () => connect(socketPath)})
  session.on('error', () => {})
  await new Promise((resolve) => session.once('connect', resolve))
  return session
}

export function frame(payload: Uint8Array, flag = 0): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(flag)
  head.writeUInt32BE(payload.length, 1)
  return Buffer.concat([head, payload])
}

/** Posts a body, in the pieces given, and reads status, message and body. */
export function post(session: ClientHttp2Session, path: string, ...pieces: Uint8Array[]) {
  return new Promise<{code: number; message: string; body: Buffer}>((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const chunks: Buffer[] = []
    let status: IncomingHttpHeaders = {}
    const look = (headers: IncomingHttpHeaders) => {
      if (headers['grpc-status'] !== undefined) status = headers
    }
    stream.on('response', look)
    stream.on('trailers', look)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => {
      if (status['grpc-status'] === undefined) return reject(new Error('closed without a status'))
      resolve({
        code: Number(status['grpc-status']),
        message: decodeURIComponent(String(status['grpc-message'] ?? '')),
        body: Buffer.concat(chunks),
      })
    })
    for (const piece of pieces) stream.write(piece)
    stream.end()
  })
}

/** A REST call with the sandbox's key. */
export async function rest(
  {url, apiKey}: {url: string; apiKey: string},
  line: string,
  body?: string,
): Promise<{status: number; type: string | null; text: string}> {
  const [method, path] = line.split(' ') as [string, string]
  const response = await fetch(url + path, {method, body, headers: {authorization: `Bearer ${apiKey}`}})
  return {status: response.status, type: response.headers.get('content-type'), text: await response.text()}
}
