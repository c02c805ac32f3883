/** The gRPC listener, apart from the operations: probes and requests of old clients, the socket file, reflection. */
import {existsSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {BinaryReader, BinaryWriter} from '@bufbuild/protobuf/wire'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {startSandbox} from '../../src/sandbox/index.ts'
import {replaceAuthority} from '../../src/sandbox/listeners/grpc/authority.ts'
import {frame, openSession, post, sandbox, type TestSandbox} from './support/client.ts'

const SERVICE = '/headscale.v1.HeadscaleService'

describe('one connection', () => {
  let box: TestSandbox
  let session: Awaited<ReturnType<typeof openSession>>
  beforeAll(async () => {
    box = await sandbox()
    session = await openSession(box.socketPath)
  })
  afterAll(() => {
    session.destroy()
    return box.close()
  })

  test('sends its SETTINGS frame before the client sends anything', async () => {
    const first = await new Promise<Buffer>((resolve) => {
      const socket = connect(box.socketPath)
      socket.once('data', (data) => {
        resolve(data)
        socket.destroy()
      })
    })
    expect([first[0], first[3]]).toEqual([0, 4])
  })

  test.each([
    [
      'a method it does not have',
      `${SERVICE}/Nope`,
      12,
      'unknown method Nope for service headscale.v1.HeadscaleService',
    ],
    [
      'a method of a later release',
      `${SERVICE}/ListUsers`,
      12,
      'unknown method ListUsers for service headscale.v1.HeadscaleService',
    ],
    ['another service', '/other.Service/Get', 12, 'unknown service other.Service'],
    ['a path without a method', '/nope', 12, 'malformed method name: "/nope"'],
  ])('%s', async (_, path, code, message) => {
    expect(await post(session, path, frame(new Uint8Array()))).toMatchObject({code, message})
  })

  test('an invalid payload is another error than an unknown method', async () => {
    expect(await post(session, `${SERVICE}/ListMachines`, frame(Uint8Array.of(0xff)))).toMatchObject({
      code: 13,
      message: 'grpc: error unmarshalling request: proto: cannot parse invalid wire-format data',
    })
  })

  test('a request in pieces of one byte', async () => {
    const body = frame(new BinaryWriter().uint32(10).string('bytes').finish())
    const pieces = [...body].map((byte) => Uint8Array.of(byte))
    expect(await post(session, `${SERVICE}/CreateNamespace`, ...pieces)).toMatchObject({code: 0})
  })

  test.each([
    ['without a message', [], 2, 'EOF'],
    ['that ends early', [Uint8Array.of(0, 0, 0, 0, 9, 1)], 2, 'unexpected EOF'],
    [
      'that is compressed',
      [frame(Uint8Array.of(1), 1)],
      13,
      'grpc: compressed flag set with identity or empty encoding',
    ],
    [
      'that is too large',
      [Uint8Array.of(0, 0, 0x40, 0, 1)],
      8,
      'grpc: received message larger than max (4194305 vs. 4194304)',
    ],
  ])('a request %s', async (_, pieces, code, message) => {
    expect(await post(session, `${SERVICE}/ListNamespaces`, ...pieces)).toMatchObject({code, message})
  })

  test('an error repeats a name outside ASCII unchanged', async () => {
    expect((await box.call('CreateNamespace', {name: 'straße 100%'})).message).toBe(
      "Namespace name should only be composed of lowercase ASCII letters numbers, hyphen and dots. straße 100% doesn't comply with theses rules: Invalid namespace name",
    )
  })

  test('a hundred calls at once', async () => {
    const calls = Array.from({length: 100}, (_, index) => box.ok('CreateNamespace', {name: `n${index}`}))
    const ids = (await Promise.all(calls)).map(({namespace}) => (namespace as {id: string}).id)
    expect(new Set(ids).size).toBe(100)
  })
})

describe('headers of clients that put the path of the socket into :authority', () => {
  // Recorded from headscale's CLI 0.17.1: POST, http, :path, then :authority with a Huffman-coded value.
  const head = '83864504612f6262'
  const block = (hex: string) => {
    const payload = Buffer.from(hex, 'hex')
    const bytes = Buffer.concat([Buffer.from([0, 0, payload.length, 1, 4, 0, 0, 0, 1]), payload])
    return replaceAuthority(bytes)
  }

  test.each([
    ['Huffman-coded', '418a6134d6c223610ba0e4eb'],
    ['plain', '410e2f746d702f73622f732e736f636b'],
    ['never indexed', '110e2f746d702f73622f732e736f636b'],
  ])('%s', (_, authority) => {
    const written = block(`${head}${authority}5f0101`)
    expect(written.readUIntBE(0, 3)).toBe(written.length - 9)
    expect(written.subarray(9).toString('hex')).toBe(
      `${head}${authority.slice(0, 2)}09${Buffer.from('localhost').toString('hex')}5f0101`,
    )
  })

  test('headers without a literal :authority are unchanged', () => {
    expect(block(`${head}81003f0161`).subarray(9).toString('hex')).toBe(`${head}81003f0161`)
  })
})

describe('the socket file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-socket-'))
  const socketPath = join(folder, 's.sock')
  afterAll(() => rmSync(folder, {recursive: true}))

  test('is accessible to its owner only, and removed at the end', async () => {
    const box = await startSandbox({socketPath})
    expect(statSync(socketPath).mode & 0o777).toBe(0o700)
    await box.close()
    expect(existsSync(socketPath)).toBe(false)
  })

  test('is replaced when nobody listens on it', async () => {
    const {spawnSync} = await import('node:child_process')
    const script = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    expect(statSync(socketPath).isSocket()).toBe(true)
    const box = await startSandbox({socketPath})
    const session = await openSession(socketPath)
    session.destroy()
    await box.close()
  })

  test('is not replaced when a server listens on it', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(socketPath, resolve))
    await expect(startSandbox({socketPath})).rejects.toMatchObject({
      message: `another server is already listening on ${socketPath}`,
      exitCode: 1,
    })
    expect(existsSync(socketPath)).toBe(true)
    await new Promise((resolve) => other.close(resolve))
  })

  test('does not replace another kind of file', async () => {
    writeFileSync(socketPath, 'precious')
    await expect(startSandbox({socketPath})).rejects.toThrow(`${socketPath} exists and is not a socket`)
    rmSync(socketPath)
  })

  test('needs an existing folder', async () => {
    await expect(startSandbox({socketPath: join(folder, 'no', 's.sock')})).rejects.toMatchObject({
      message: `cannot create the socket ${join(folder, 'no', 's.sock')}: its folder does not exist`,
    })
  })
})

describe('reflection', () => {
  let box: TestSandbox
  afterEach(() => box.close())

  async function ask(version: string, field: number, text: string) {
    const session = await openSession(box.socketPath)
    const request = new BinaryWriter()
      .uint32(field * 8 + 2)
      .string(text)
      .finish()
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`
    const answer = await post(session, path, frame(request))
    session.destroy()
    return answer
  }

  /** The names in a reply, in order: enough to see what is described. */
  const names = (body: Buffer) => body.toString('latin1').match(/[A-Za-z_][\w.]{2,}/g) ?? []

  test.each([
    ['0.15', ['GetMachine', 'EnableMachineRoutes'], ['SetTags', 'acl_tags']],
    ['0.16', ['SetTags'], ['acl_tags']],
    ['0.17', ['SetTags', 'acl_tags'], ['GetRoutes']],
    ['0.28', ['DeletePreAuthKey', 'Health', 'expiry'], ['AuthRegister', 'disable_expiry']],
    ['0.29', ['AuthRegister', 'CheckPolicy', 'disable_expiry'], ['MoveNode']],
  ])('tells %s from the others', async (release, has, hasNot) => {
    box = await sandbox({release})
    const {code, body} = await ask('v1alpha', 4, 'headscale.v1.HeadscaleService')
    expect(code).toBe(0)
    expect(names(body)).toEqual(expect.arrayContaining(has))
    expect(names(body).filter((name) => hasNot.includes(name))).toEqual([])
  })

  test('describes the fields of a message with number, type and label', async () => {
    box = await sandbox({release: '0.17'})
    const {body} = await ask('v1alpha', 4, 'headscale.v1.PreAuthKey')
    const file = child(child(body.subarray(5), 4), 1)
    const message = children(file, 4).find((bytes) => bytes.includes('PreAuthKey'))!
    expect(children(message, 2).map(field)).toEqual([
      ['namespace', 1, 1, 9],
      ['id', 2, 1, 9],
      ['key', 3, 1, 9],
      ['reusable', 4, 1, 8],
      ['ephemeral', 5, 1, 8],
      ['used', 6, 1, 8],
      ['expiration', 7, 1, 11],
      ['created_at', 8, 1, 11],
      ['acl_tags', 9, 3, 9],
    ])
  })

  test('user ids are numbers from 0.24 on', async () => {
    box = await sandbox({release: '0.29'})
    const {body} = await ask('v1', 4, 'headscale.v1.User')
    const message = children(child(child(body.subarray(5), 4), 1), 4)[0]!
    expect(field(children(message, 2)[0]!)).toEqual(['id', 1, 1, 4])
  })

  test('lists the services, and does not know other symbols', async () => {
    box = await sandbox({release: '0.29'})
    expect(names((await ask('v1alpha', 7, '')).body)).toEqual([
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'headscale.v1.HeadscaleService',
    ])
    expect(names((await ask('v1alpha', 4, 'headscale.v1.Nope')).body)).toContain('found')
  })

  test('version v1 exists since 0.23', async () => {
    box = await sandbox({release: '0.17'})
    expect(await ask('v1', 4, 'x')).toMatchObject({
      code: 12,
      message: 'unknown service grpc.reflection.v1.ServerReflection',
    })
  })

  function children(bytes: Uint8Array, wanted: number): Buffer[] {
    const reader = new BinaryReader(bytes)
    const found: Buffer[] = []
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag()
      if (number === wanted && type === 2) found.push(Buffer.from(reader.bytes()))
      else reader.skip(type)
    }
    return found
  }

  function child(bytes: Uint8Array, wanted: number): Buffer {
    return children(bytes, wanted)[0]!
  }

  /** Name, number, label and type of a FieldDescriptorProto. */
  function field(bytes: Buffer): [string, number, number, number] {
    const reader = new BinaryReader(bytes)
    const values = new Map<number, number>()
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag()
      if (type === 0) values.set(number, reader.int32())
      else reader.skip(type)
    }
    return [child(bytes, 1).toString(), values.get(3)!, values.get(4)!, values.get(5)!]
  }
})
