/** gRPC over HTTP/2: valid and invalid replies of servers. */
import type {ServerHttp2Stream} from 'node:http2'
import type {Socket} from 'node:net'
import {describe, expect, onTestFinished, test} from 'vitest'
import {HeadscaleError} from '../../src/errors.ts'
import {openGrpcConnection} from '../../src/api/transport/grpc/connection.ts'
import {loadMessageSet} from '../../src/api/messages.ts'
import {grpcTransport} from '../../src/api/transport/grpc/grpc-transport.ts'
import {GrpcStatus} from '../../src/api/transport/grpc/status.ts'
import {
  dial,
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  frameServer,
  grpcTo,
  headerBlock,
  http2Server,
  listenOnSocket,
  message,
  reply,
  type Seen,
  uint32,
} from './support/servers.ts'
import {createServer} from 'node:net'

const PATH = '/headscale.v1.HeadscaleService/ListUsers'
const NOTHING = new Uint8Array()
const OK = {'grpc-status': '0'}

/** The result of a call: the text of its reply, or its error in one line. */
async function outcome(call: Promise<Uint8Array>): Promise<string> {
  try {
    return `reply ${Buffer.from(await call).toString()}`
  } catch (error) {
    if (error instanceof GrpcStatus) return `status ${error.code}: ${error.message}`
    if (error instanceof HeadscaleError) return `${error.code}: ${error.message}`
    throw error
  }
}

async function askHttp2(answer: (stream: ServerHttp2Stream, seen: Seen) => void, timeoutMs?: number): Promise<string> {
  const {path} = await http2Server(answer)
  return outcome((await grpcTo(path, timeoutMs)).unary(PATH, NOTHING))
}

async function askFrames(answer: (socket: Socket, stream: number) => void): Promise<string> {
  return outcome((await grpcTo(await frameServer(answer))).unary(PATH, NOTHING))
}

/** Code and hint of a read and of a change that fail in the same way. */
async function failure(answer: (socket: Socket, stream: number) => void): Promise<unknown[]> {
  const said: unknown[] = []
  for (const operation of ['ListUsers', 'CreateUser'] as const) {
    const transport = grpcTransport(await grpcTo(await frameServer(answer)), await loadMessageSet('v0_26'))
    const error = await transport.call(operation, {}).catch((thrown: unknown) => thrown as HeadscaleError)
    said.push(`${error['code']} | ${error['hint']}`)
  }
  return said
}

const BEGIN = headerBlock({'content-type': 'application/grpc'})
const END = headerBlock({'grpc-status': '0'}, {status: false})

describe('a request', () => {
  test('is a POST with one uncompressed message and the deadline', async () => {
    const seen: Seen[] = []
    const {path} = await http2Server((stream, request) => {
      seen.push(request)
      reply(stream, {body: message('yes'), trailers: OK})
    })
    const connection = await grpcTo(path, 2500)
    expect(await outcome(connection.unary(PATH, Uint8Array.of(1, 2, 3)))).toBe('reply yes')
    expect(seen[0]!.headers).toEqual({
      ':method': 'POST',
      ':scheme': 'http',
      ':authority': 'localhost',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'headscale-ts',
      'grpc-timeout': '2500m',
    })
    expect(seen[0]!.body.toString('hex')).toBe('0000000003010203')
  })

  test('names a deadline of more than a day in seconds, since the number has eight digits at most', async () => {
    const seen: Seen[] = []
    const {path} = await http2Server((stream, request) => {
      seen.push(request)
      reply(stream, {body: message(''), trailers: OK})
    })
    const connection = await grpcTo(path, 172_800_000)
    await connection.unary(PATH, NOTHING)
    expect(seen[0]!.headers['grpc-timeout']).toBe('172800S')
    await (await grpcTo(path, 1e12)).unary(PATH, NOTHING)
    expect(seen[1]!.headers['grpc-timeout']).toBe('2147484S')
  })

  test('is answered on a socket whose first bytes were read and pushed back', async () => {
    const {path} = await http2Server((stream) => reply(stream, {body: message('yes'), trailers: OK}))
    const socket = await dial(path)
    const first = await new Promise<Buffer>((done) =>
      socket.once('data', (bytes: Buffer) => (socket.pause(), done(bytes))),
    )
    socket.unshift(first)
    const connection = openGrpcConnection(socket, {timeoutMs: 2000, describe: 'the socket'})
    onTestFinished(() => connection.close())
    expect(first[3]).toBe(FRAME.SETTINGS)
    expect(await outcome(connection.unary(PATH, NOTHING))).toBe('reply yes')
  })
})

describe('a reply', () => {
  test('without a message is the status in the headers (trailers-only)', async () => {
    expect(
      await askHttp2((stream) => reply(stream, {headers: {'grpc-status': '5', 'grpc-message': 'node not found'}})),
    ).toBe('status 5: node not found')
  })

  test('has its status in the trailers, which counts more than the messages before it', async () => {
    const trailers = {'grpc-status': '13', 'grpc-message': 'too late'}
    expect(await askHttp2((stream) => reply(stream, {body: message('half'), trailers}))).toBe('status 13: too late')
  })

  test.each([
    ['na%C3%AFve user%0Anot found', 'naïve user\nnot found'],
    ['100% sure, %zz and %41', '100% sure, %zz and A'],
    ['broken %FF%FE here, %C3%A9 there', 'broken %FF%FE here, é there'],
  ])('has the message %s decoded', async (sent, shown) => {
    expect(await askHttp2((stream) => reply(stream, {headers: {'grpc-status': '2', 'grpc-message': sent}}))).toBe(
      `status 2: ${shown}`,
    )
  })

  test('can have one byte per frame', async () => {
    const answer = await askFrames((socket, stream) => {
      socket.write(frame(FRAME.HEADERS, END_HEADERS, stream, BEGIN))
      for (const byte of message('split')) socket.write(frame(FRAME.DATA, 0, stream, Uint8Array.of(byte)))
      socket.write(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, stream, END))
    })
    expect(answer).toBe('reply split')
  })

  test('may come with several messages in one frame, which a stream returns in order', async () => {
    const path = await frameServer((socket, stream) => {
      const joined = Buffer.concat([message('one'), message(''), message('three')])
      const frames = [
        frame(FRAME.HEADERS, END_HEADERS, stream, BEGIN),
        frame(FRAME.DATA, 0, stream, joined),
        frame(FRAME.HEADERS, END_HEADERS | END_STREAM, stream, END),
      ]
      socket.write(Buffer.concat(frames))
    })
    const connection = await grpcTo(path)
    const messages = await connection.exchange(PATH, NOTHING)
    expect(messages.map((bytes) => Buffer.from(bytes).toString())).toEqual(['one', '', 'three'])
    expect(await outcome(connection.unary(PATH, NOTHING))).toBe(
      "bad-reply: the server's gRPC reply cannot be read: it has 3 messages instead of one",
    )
  })

  test('of 20 MB is complete', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024, 'headscale')
    const {path} = await http2Server((stream) => reply(stream, {body: message(large), trailers: OK}))
    const bytes = await (await grpcTo(path, 15_000)).unary(PATH, NOTHING)
    expect(Buffer.compare(bytes, large)).toBe(0)
  })

  test.each([
    ['no message', Buffer.alloc(0), 'it has 0 messages instead of one'],
    ['a compressed message', message('x', 1), 'a message is compressed, which was not asked for'],
    ['a message cut short', message('12345').subarray(0, 7), '3 bytes of a message are missing'],
    ['half a prefix', Buffer.from([0, 0]), 'it ends inside a message'],
    [
      'a length of 4 GB and no content',
      Buffer.from([0, 255, 255, 255, 255]),
      '4294967295 bytes of a message are missing',
    ],
  ])('with %s is a bad reply', async (_, body, why) => {
    expect(await askHttp2((stream) => reply(stream, {body, trailers: OK}))).toBe(
      `bad-reply: the server's gRPC reply cannot be read: ${why}`,
    )
  })

  test.each([
    ['no grpc-status', {'x-other': '1'}],
    ['a grpc-status that is not a number', {'grpc-status': 'OK'}],
  ])('with %s is a bad reply', async (_, trailers) => {
    expect(await askHttp2((stream) => reply(stream, {body: message('x'), trailers}))).toBe(
      "bad-reply: the server's gRPC reply cannot be read: it has no grpc-status",
    )
  })

  test.each([
    [{':status': 502, 'content-type': 'text/html; charset=utf-8'}, 'HTTP 502 (text/html)'],
    [{':status': 200, 'content-type': 'application/json'}, 'HTTP 200 (application/json)'],
    [{':status': 200, 'content-type': 'application/grpc-web'}, 'HTTP 200 (application/grpc-web)'],
  ])('with %o is not gRPC', async (headers, what) => {
    expect(await askHttp2((stream) => reply(stream, {headers, body: Buffer.from('<html>'), trailers: {}}))).toBe(
      `unreachable: the socket does not speak gRPC: it answered ${what}`,
    )
  })

  test('with another HTTP status but a grpc-status is a status (as grpc-go refuses a content type)', async () => {
    const headers = {':status': 415, 'grpc-status': '3', 'grpc-message': 'invalid gRPC request content-type'}
    expect(await askHttp2((stream) => reply(stream, {headers}))).toBe('status 3: invalid gRPC request content-type')
  })

  test.each(['application/grpc+proto', 'application/grpc;charset=utf-8'])('may be of type %s', async (type) => {
    const headers = {'content-type': type}
    expect(await askHttp2((stream) => reply(stream, {headers, body: message('x'), trailers: OK}))).toBe('reply x')
  })
})

describe('a stream that is reset', () => {
  test('fails its call and no other', async () => {
    const {path} = await http2Server((stream, {body}) => {
      if (body.length > 5) stream.close(2)
      else reply(stream, {body: message('fine'), trailers: OK})
    })
    const connection = await grpcTo(path)
    const calls = [connection.unary(PATH, Uint8Array.of(1)), connection.unary(PATH, NOTHING)]
    expect(await Promise.all(calls.map(outcome))).toEqual([
      'unreachable: the socket reset the call (HTTP/2 error 2)',
      'reply fine',
    ])
  })

  test('after its status has the status', async () => {
    const answer = await askFrames((socket, stream) => {
      socket.write(
        frame(
          FRAME.HEADERS,
          END_HEADERS | END_STREAM,
          stream,
          headerBlock({'content-type': 'application/grpc', 'grpc-status': '5'}),
        ),
      )
      socket.write(frame(FRAME.RST_STREAM, 0, stream, uint32(0)))
    })
    expect(answer).toBe('status 5: ')
  })

  test('unseen by the server (REFUSED_STREAM) is sent again', async () => {
    let calls = 0
    const answer = await askHttp2((stream) => {
      if (++calls < 3) stream.close(7)
      else reply(stream, {body: message(`call ${calls}`), trailers: OK})
    })
    expect(answer).toBe('reply call 3')
  })
})

describe('a connection that ends', () => {
  test('by GOAWAY still delivers the call it announced to finish, and takes no further one', async () => {
    const path = await frameServer((socket, stream) => {
      socket.write(frame(FRAME.GOAWAY, 0, 0, Buffer.concat([uint32(stream), uint32(0)])))
      setTimeout(() => {
        socket.write(frame(FRAME.HEADERS, END_HEADERS, stream, BEGIN))
        socket.write(frame(FRAME.DATA, 0, stream, message('last')))
        socket.write(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, stream, END))
      }, 50)
    })
    const connection = await grpcTo(path)
    expect(await outcome(connection.unary(PATH, NOTHING))).toBe('reply last')
    expect(await outcome(connection.unary(PATH, NOTHING))).toBe(
      'unreachable: the socket closed the connection before it answered',
    )
  })

  test('by GOAWAY does not mark a change as unknown that the server did not accept', async () => {
    const answer = await failure((socket) =>
      socket.write(frame(FRAME.GOAWAY, 0, 0, Buffer.concat([uint32(0), uint32(0)]))),
    )
    expect(answer).toEqual([
      "unreachable | headscale may have stopped or restarted: check the server's log",
      "unreachable | headscale may have stopped or restarted: check the server's log",
    ])
  })

  test('warns that a change may have been applied', async () => {
    expect(await failure((socket) => socket.destroy())).toEqual([
      "unreachable | headscale may have stopped or restarted: check the server's log",
      'unreachable | the change may have been applied; check before retrying',
    ])
  })

  test('by GOAWAY with an error names the error', async () => {
    const answer = await askFrames((socket, stream) =>
      socket.write(
        frame(FRAME.GOAWAY, 0, 0, Buffer.concat([uint32(stream), uint32(11), Buffer.from('too_many_pings')])),
      ),
    )
    expect(answer).toBe('unreachable: the socket ended the connection (HTTP/2 error 11)')
  })

  test('before any reply fails every call', async () => {
    const path = await frameServer((socket) => socket.destroy())
    const connection = await grpcTo(path)
    const calls = [1, 2, 3].map(() => outcome(connection.unary(PATH, NOTHING)))
    expect(new Set(await Promise.all(calls))).toEqual(
      new Set(['unreachable: the socket closed the connection before it answered']),
    )
  })

  test('in the middle of a message fails the call', async () => {
    const answer = await askFrames((socket, stream) => {
      socket.write(frame(FRAME.HEADERS, END_HEADERS, stream, BEGIN))
      socket.write(frame(FRAME.DATA, 0, stream, message('cut off').subarray(0, 8)))
      setTimeout(() => socket.destroy(), 30)
    })
    expect(answer).toBe('unreachable: the socket closed the connection before it answered')
  })

  test('reports a server that does not speak HTTP/2', async () => {
    const path = await listenOnSocket(createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    expect(await outcome((await grpcTo(path)).unary(PATH, NOTHING))).toBe('unreachable: the socket does not speak gRPC')
  })

  test('by our own close() fails earlier and later calls as cancelled', async () => {
    const {path} = await http2Server(() => {})
    const connection = await grpcTo(path)
    const before = outcome(connection.unary(PATH, NOTHING))
    await new Promise((done) => setTimeout(done, 30))
    connection.close()
    connection.close()
    expect([await before, await outcome(connection.unary(PATH, NOTHING))]).toEqual([
      'cancelled: the connection to the socket was closed',
      'cancelled: the connection to the socket was closed',
    ])
  })
})

describe('the deadline', () => {
  test('ends a call without a reply and tells the server', async () => {
    const cancelled: number[] = []
    const answer = await askHttp2((stream) => stream.on('close', () => cancelled.push(stream.rstCode!)), 150)
    expect(answer).toBe('timeout: no answer from the socket within 0.15 s')
    await expect.poll(() => cancelled).toEqual([8])
  })

  test('ends a call whose reply stops half way', async () => {
    const answer = await askHttp2((stream) => {
      stream.respond({':status': 200, 'content-type': 'application/grpc'})
      stream.write(message('half').subarray(0, 6))
    }, 150)
    expect(answer).toBe('timeout: no answer from the socket within 0.15 s')
  })

  test('ends a call that the server rejects again and again', async () => {
    expect(await askHttp2((stream) => stream.close(7), 300)).toBe('timeout: no answer from the socket within 0.3 s')
  })

  test('ends a call to a peer that never sends anything', async () => {
    const path = await listenOnSocket(createServer((socket) => void socket.resume()))
    expect(await outcome((await grpcTo(path, 150)).unary(PATH, NOTHING))).toBe(
      'timeout: no answer from the socket within 0.15 s',
    )
  })

  test('of one call does not end other calls of the connection', async () => {
    const {path} = await http2Server((stream, {body}) => {
      if (body.length === 5) reply(stream, {body: message('fine'), trailers: OK})
    })
    const connection = await grpcTo(path, 200)
    expect(await outcome(connection.unary(PATH, Uint8Array.of(1)))).toMatch(/^timeout/)
    expect(await outcome(connection.unary(PATH, NOTHING))).toBe('reply fine')
  })
})

test('a reply with an invalid message is a bad reply', async () => {
  const {path} = await http2Server((stream) => reply(stream, {body: message(Uint8Array.of(0x0a, 0xff)), trailers: OK}))
  const transport = grpcTransport(await grpcTo(path), await loadMessageSet('v0_26'))
  await expect(transport.call('ListUsers', {})).rejects.toMatchObject({
    code: 'bad-reply',
    message: expect.stringMatching(/^the server's gRPC reply cannot be read: /),
  })
})

test('40 simultaneous calls use only the 10 streams that the server allows', async () => {
  let open = 0
  let most = 0
  const {path} = await http2Server(
    (stream, {body}) => {
      most = Math.max(most, ++open)
      setTimeout(() => {
        open--
        reply(stream, {body: message(body.subarray(5)), trailers: OK})
      }, 10)
    },
    {maxConcurrentStreams: 10},
  )
  const connection = await grpcTo(path)
  const calls = Array.from({length: 40}, (_, i) => outcome(connection.unary(PATH, Buffer.from(String(i)))))
  expect(await Promise.all(calls)).toEqual(Array.from({length: 40}, (_, i) => `reply ${i}`))
  expect(most).toBe(10)
})
