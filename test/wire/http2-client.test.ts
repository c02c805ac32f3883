/** HTTP/2 below gRPC: what servers may send, and what must end the connection. Frames are written by hand. */
import {randomBytes} from 'node:crypto'
import {createServer, type Socket} from 'node:net'
import {describe, expect, test} from 'vitest'
import {HeadscaleError} from '../../src/errors.ts'
import {GrpcStatus} from '../../src/api/transport/grpc/status.ts'
import {
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
  uint32,
} from './support/servers.ts'

const PATH = '/headscale.v1.HeadscaleService/ListUsers'
const [PING, WINDOW_UPDATE, CONTINUATION, PUSH_PROMISE] = [6, 8, 9, 5]
const PADDED = 8
const BEGIN = headerBlock({'content-type': 'application/grpc'})
const END = headerBlock({'grpc-status': '0'}, {status: false})
const NOT_GRPC = 'unreachable: the socket does not speak gRPC'

/** The result of a call to a server that answers with these frames. */
async function ask(answer: (socket: Socket, stream: number) => void): Promise<string> {
  const connection = await grpcTo(await frameServer(answer))
  try {
    return `reply ${Buffer.from(await connection.unary(PATH, new Uint8Array())).toString()}`
  } catch (error) {
    if (error instanceof GrpcStatus) return `status ${error.code}: ${error.message}`
    if (error instanceof HeadscaleError) return `${error.code}: ${error.message}`
    throw error
  }
}

/** A complete response, with frames before its trailers. */
function answerWith(socket: Socket, stream: number, ...frames: Buffer[]): void {
  socket.write(
    Buffer.concat([
      frame(FRAME.HEADERS, END_HEADERS, stream, BEGIN),
      ...frames,
      frame(FRAME.HEADERS, END_HEADERS | END_STREAM, stream, END),
    ]),
  )
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('headers', () => {
  // The status is 0, the literal strings are those of RFC 7541, C.4: www.example.com, no-cache, custom-key, custom-value.
  test('with Huffman code are decoded, and those in the dynamic table too', async () => {
    const first = hex('88 5f 8b 1d75d0620d263d4c4d6564 41 8c f1e3c2e5f23a6ba0ab90f4ff')
    // grpc-status: 5 and grpc-message: www.example.com, both put into the table; then both taken from it.
    const status = Buffer.concat([
      hex('40 0b'),
      Buffer.from('grpc-status'),
      hex('01 35 40 0c'),
      Buffer.from('grpc-message'),
      hex('8c f1e3c2e5f23a6ba0ab90f4ff'),
    ])
    let calls = 0
    const path = await frameServer((socket, stream) => {
      socket.write(frame(FRAME.HEADERS, END_HEADERS, stream, ++calls === 1 ? first : hex('88 c1')))
      socket.write(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, stream, calls === 1 ? status : hex('bf be')))
    })
    const connection = await grpcTo(path)
    for (const _ of [1, 2]) {
      await expect(connection.unary(PATH, new Uint8Array())).rejects.toMatchObject({
        code: 5,
        message: 'www.example.com',
      })
    }
  })

  test('may be split, padded, and have a priority', async () => {
    const padded = Buffer.concat([Buffer.of(3), uint32(0), Buffer.of(16), BEGIN.subarray(0, 4), Buffer.alloc(3)])
    const answer = await ask((socket, stream) => {
      socket.write(frame(FRAME.HEADERS, PADDED | 0x20, stream, padded))
      socket.write(frame(CONTINUATION, 0, stream, BEGIN.subarray(4, 9)))
      socket.write(frame(CONTINUATION, END_HEADERS, stream, BEGIN.subarray(9)))
      socket.write(frame(FRAME.DATA, PADDED, stream, Buffer.concat([Buffer.of(2), message('ok'), Buffer.alloc(2)])))
      socket.write(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, stream, END))
    })
    expect(answer).toBe('reply ok')
  })

  test('of an informational response (1xx) are not the response', async () => {
    const answer = await ask((socket, stream) => {
      // :status 103, with the name of index 8
      socket.write(frame(FRAME.HEADERS, END_HEADERS, stream, Buffer.concat([hex('08 03'), Buffer.from('103')])))
      answerWith(socket, stream, frame(FRAME.DATA, 0, stream, message('ok')))
    })
    expect(answer).toBe('reply ok')
  })

  test.for([
    ['an entry that is not in the table', hex('be')],
    ['the entry 0', hex('80')],
    ['a string that is longer than the block', hex('00 7f ff 00')],
    ['an endless number', hex('ff ff ff ff ff ff ff ff ff ff')],
    ['a larger table than allowed', hex('3f e2 1f')],
    ['an invalid Huffman code', hex('00 84 ffffffff 00')],
    ['more than seven bits of padding', hex('00 82 ffff 00')],
  ] as const)('with %s end the connection', async ([, block]) => {
    expect(await ask((socket, stream) => socket.write(frame(FRAME.HEADERS, END_HEADERS, stream, block)))).toBe(NOT_GRPC)
  })

  test('that stand for megabytes end the connection', async () => {
    const long = Buffer.concat([hex('40 01 78 7f 81 1e'), Buffer.alloc(4000 - 32, 'x')])
    const answer = await ask((socket, stream) =>
      socket.write(frame(FRAME.HEADERS, END_HEADERS, stream, Buffer.concat([long, Buffer.alloc(10_000, 0xbe)]))),
    )
    expect(answer).toBe(NOT_GRPC)
  })
})

describe('frames', () => {
  test('of an unknown type, and settings that are not known, are ignored', async () => {
    const answer = await ask((socket, stream) => {
      socket.write(frame(FRAME.SETTINGS, 0, 0, hex('00f0 00000001')))
      answerWith(socket, stream, frame(0xfa, 0xff, stream, randomBytes(9)), frame(FRAME.DATA, 0, stream, message('ok')))
    })
    expect(answer).toBe('reply ok')
  })

  test('of a call that was cancelled are ignored', async () => {
    const path = await frameServer((socket, stream) => {
      if (stream === 1) return
      answerWith(socket, 1, frame(FRAME.DATA, 0, 1, message('late')), frame(WINDOW_UPDATE, 0, 1, uint32(9)))
      answerWith(socket, stream, frame(FRAME.DATA, 0, stream, message('ok')))
    })
    const connection = await grpcTo(path)
    const now = performance.now()
    await expect(connection.unary(PATH, new Uint8Array(), {deadline: now + 30})).rejects.toMatchObject({
      code: 'timeout',
    })
    expect(Buffer.from(await connection.unary(PATH, new Uint8Array())).toString()).toBe('ok')
  })

  test('that ask for a sign of life (PING) are answered with the same bytes', async () => {
    let answered = Buffer.alloc(0)
    const path = await listenOnSocket(
      createServer((socket) => {
        socket.on('error', () => {})
        socket.write(Buffer.concat([frame(FRAME.SETTINGS, 0, 0), frame(PING, 0, 0, Buffer.from('12345678'))]))
        socket.on('data', (bytes: Buffer) => (answered = Buffer.concat([answered, bytes])))
      }),
    )
    await grpcTo(path)
    await expect.poll(() => answered.includes(frame(PING, 1, 0, Buffer.from('12345678')))).toBe(true)
  })

  test.for<[string, (stream: number) => Buffer]>([
    ['larger than allowed', (stream) => frame(FRAME.DATA, 0, stream, Buffer.alloc(16_385))],
    ['on a stream that was never opened', () => frame(FRAME.HEADERS, END_HEADERS, 7, BEGIN)],
    ['on a stream of the server', () => frame(FRAME.DATA, 0, 2, message('x'))],
    ['that push a response', (stream) => frame(PUSH_PROMISE, END_HEADERS, stream, Buffer.concat([uint32(2), BEGIN]))],
    ['with more padding than content', (stream) => frame(FRAME.DATA, PADDED, stream, Buffer.of(9, 1))],
    ['that continue nothing', (stream) => frame(CONTINUATION, END_HEADERS, stream, BEGIN)],
    ['with settings of seven bytes', () => frame(FRAME.SETTINGS, 0, 0, Buffer.alloc(7))],
    ['with half an error code', (stream) => frame(FRAME.RST_STREAM, 0, stream, Buffer.alloc(2))],
    [
      'between the parts of a header block',
      (stream) =>
        Buffer.concat([frame(FRAME.HEADERS, 0, stream, BEGIN.subarray(0, 4)), frame(PING, 0, 0, Buffer.alloc(8))]),
    ],
    [
      'with endless headers',
      (stream) =>
        Buffer.concat([
          frame(FRAME.HEADERS, 0, stream, BEGIN),
          ...Array.from({length: 5}, () => frame(CONTINUATION, 0, stream, Buffer.alloc(16_000, 0x88))),
        ]),
    ],
  ])('%s end the connection', async ([, bytes]) => {
    expect(await ask((socket, stream) => socket.write(bytes(stream)))).toBe(NOT_GRPC)
  })

  test('must begin with the settings of the server', async () => {
    const path = await listenOnSocket(createServer((socket) => void socket.write(frame(PING, 0, 0, Buffer.alloc(8)))))
    await expect((await grpcTo(path)).unary(PATH, new Uint8Array())).rejects.toThrow('the socket does not speak gRPC')
  })

  test('of random bytes never leave a call without an outcome', async () => {
    for (let round = 0; round < 30; round++) {
      const answer = await ask((socket, stream) => {
        const junk = [FRAME.DATA, FRAME.HEADERS, FRAME.SETTINGS, WINDOW_UPDATE, FRAME.GOAWAY, CONTINUATION].map(
          (type) => frame(type, randomBytes(1)[0]!, round % 2 ? stream : 0, randomBytes(round)),
        )
        socket.end(Buffer.concat(junk))
      })
      expect(answer).toMatch(/^(unreachable|bad-reply|status)/)
    }
  })
})

describe('a long request', () => {
  const long = randomBytes(1_000_000)

  test('waits for the windows of the server', async () => {
    const {path} = await http2Server(
      (stream, {body}) => reply(stream, {body: message(body.subarray(5)), trailers: OK}),
      {
        initialWindowSize: 1000,
      },
    )
    const connection = await grpcTo(path)
    const [first, second] = await Promise.all([
      connection.unary(PATH, long),
      connection.unary(PATH, long.subarray(0, 70_000)),
    ])
    expect(Buffer.compare(first, long)).toBe(0)
    expect(Buffer.compare(second, long.subarray(0, 70_000))).toBe(0)
  })

  test('that the server answers before it has arrived is not sent to its end', async () => {
    let got = 0
    const path = await listenOnSocket(
      createServer((socket) => {
        socket.on('error', () => {})
        socket.write(frame(FRAME.SETTINGS, 0, 0))
        const status = headerBlock({'content-type': 'application/grpc', 'grpc-status': '7'})
        let answered = false
        socket.on('data', (bytes: Buffer) => {
          got += bytes.length
          if (answered || got < 1000) return
          answered = true
          socket.write(frame(FRAME.HEADERS, END_HEADERS | END_STREAM, 1, status))
          socket.write(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30)))
        })
      }),
    )
    await expect((await grpcTo(path)).unary(PATH, long)).rejects.toMatchObject({code: 7})
    expect(got).toBeLessThan(70_000)
  })
})

const OK = {'grpc-status': '0'}

test('replies that are larger together than the window of the client are received', async () => {
  const large = Buffer.alloc(40 * 1024 * 1024, 'x')
  const {path} = await http2Server((stream) => reply(stream, {body: message(large), trailers: OK}))
  const connection = await grpcTo(path, 60_000)
  expect((await connection.unary(PATH, new Uint8Array())).length).toBe(large.length)
  expect((await connection.unary(PATH, new Uint8Array())).length).toBe(large.length)
})

test('the limit of streams holds until the server sends another one', async () => {
  let open = 0
  let most = 0
  const {path, sessions} = await http2Server(
    (stream) => {
      most = Math.max(most, ++open)
      setTimeout(() => (open--, reply(stream, {body: message('ok'), trailers: OK})), 10)
    },
    {maxConcurrentStreams: 2},
  )
  const connection = await grpcTo(path)
  await connection.unary(PATH, new Uint8Array())
  await new Promise<void>((done) => sessions[0]!.settings({initialWindowSize: 100_000}, () => done()))
  await Promise.all(Array.from({length: 10}, () => connection.unary(PATH, new Uint8Array())))
  expect(most).toBe(2)
})
