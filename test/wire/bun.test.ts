/**
 * The executable is built with Bun, which has its own node:http2. These tests run the client of the other tests in Bun,
 * against the most common and the worst replies of servers.
 */
import {execFile} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {expect, test} from 'vitest'
import {
  END_HEADERS,
  FRAME,
  frame,
  frameServer,
  headerBlock,
  http2Server,
  listenOnSocket,
  message,
  reply,
  temporaryFolder,
  uint32,
} from './support/servers.ts'

const BUN = join(import.meta.dirname, '../../node_modules/.bin/bun')
const BEGIN = headerBlock({'content-type': 'application/grpc'})

test('calls have the same results in Bun as in Node', {timeout: 60_000}, async () => {
  const OK = {'grpc-status': '0'}
  const folder = temporaryFolder()
  const file = join(folder, 'file')
  writeFileSync(file, '')
  let open = 0
  let most = 0
  let resets = 0
  const limited = await http2Server(
    (stream) => {
      most = Math.max(most, ++open)
      setTimeout(() => (open--, stream.destroyed || reply(stream, {body: message('four'), trailers: OK})), 10)
    },
    {maxConcurrentStreams: 5},
  )
  const large = Buffer.alloc(2 * 1024 * 1024, 'x')
  const servers: [string, string][] = [
    [
      (await http2Server((stream) => reply(stream, {body: message(large), trailers: OK}))).path,
      '20 replies of 2097152 bytes',
    ],
    [limited.path, '20 replies of 4 bytes'],
    [
      (
        await http2Server((stream) =>
          resets++ < 5 ? stream.close(7) : reply(stream, {body: message('x'), trailers: OK}),
        )
      ).path,
      '20 replies of 1 bytes',
    ],
    [
      (await http2Server((stream) => reply(stream, {headers: {'grpc-status': '5', 'grpc-message': 'n%C3%B6'}}))).path,
      'status 5: nö',
    ],
    [
      (await http2Server((stream) => reply(stream, {body: message('x'), trailers: {'x-y': '1'}}))).path,
      "bad-reply: the server's gRPC reply cannot be read: it has no grpc-status",
    ],
    [(await http2Server((stream) => stream.close(2))).path, 'unreachable: the socket reset the call (HTTP/2 error 2)'],
    [(await http2Server(() => {})).path, 'timeout: no answer from the socket within 5 s'],
    [
      await frameServer((socket) => socket.destroy()),
      'unreachable: the socket closed the connection before it answered',
    ],
    [
      await frameServer((socket, stream) => {
        socket.write(frame(FRAME.HEADERS, END_HEADERS, stream, BEGIN))
        setTimeout(() => socket.destroy(), 30)
      }),
      'unreachable: the socket closed the connection before it answered',
    ],
    [
      await frameServer((socket, stream) =>
        socket.write(frame(FRAME.GOAWAY, 0, 0, Buffer.concat([uint32(stream), uint32(11)]))),
      ),
      'unreachable: the socket ended the connection (HTTP/2 error 11)',
    ],
    [
      await listenOnSocket(createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
      'unreachable: the socket does not speak gRPC',
    ],
    [join(folder, 'none'), `unreachable: socket ${join(folder, 'none')} not found`],
    [file, `unreachable: ${file} is a regular file, not a socket`],
  ]
  const paths = servers.map(([path]) => path)
  const {stdout, stderr} = await promisify(execFile)(BUN, [
    join(import.meta.dirname, 'support/bun-client.ts'),
    '5000',
    ...paths,
  ])
  const said = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string)
  expect(said).toEqual(servers.map(([, expected]) => expected))
  expect(most).toBeLessThanOrEqual(5)
  expect(stderr).toBe('')
})
