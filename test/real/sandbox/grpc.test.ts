/**
 * gRPC apart from the operations, compared with the sandbox: requests that detect the release, and invalid requests,
 * must get the same status and text from the real server and from our simulator of it.
 */
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {startSandbox, type Sandbox} from '../../../src/sandbox/index.ts'
import {frame, openSession, post} from '../../sandbox/support/client.ts'
import {available, startHeadscale, type RealHeadscale} from '../../support/real-servers.ts'

const METHODS = [
  ...['GetNamespace', 'ListMachines', 'SetTags', 'MoveMachine', 'GetMachineRoute', 'GetRoutes', 'ListUsers', 'GetUser'],
  ...['DeleteRoute', 'ListNodes', 'SetApprovedRoutes', 'MoveNode', 'Health', 'DeletePreAuthKey', 'AuthRegister'],
  ...['ExpirePreAuthKey', 'ListPreAuthKeys', 'ListApiKeys', 'GetPolicy', 'CheckPolicy', 'BackfillNodeIPs', 'Nope'],
]
const SERVICE = '/headscale.v1.HeadscaleService'

const SIMULATORS = [
  {version: '0.17.1', release: '0.17', list: 'ListMachines'},
  {version: '0.29.3', release: '0.29', list: 'ListNodes'},
]

describe.each(SIMULATORS.filter(({version}) => available(version).ok))(
  'gRPC of $version',
  ({version, release, list}) => {
    const folder = mkdtempSync(join(tmpdir(), 'sb-'))
    let server: RealHeadscale
    let sandbox: Sandbox
    beforeAll(async () => {
      server = await startHeadscale({version})
      sandbox = await startSandbox({release, socketPath: join(folder, 's.sock')})
    })
    afterAll(async () => {
      await sandbox?.close()
      await server?.stop()
      rmSync(folder, {recursive: true})
    })

    /** Sends a request to both and expects the same answer. */
    async function same(path: string, ...pieces: Uint8Array[]) {
      const ask = async (socketPath: string) => {
        const session = await openSession(socketPath)
        const {code, message} = await post(session, path, ...pieces)
        session.destroy()
        return `${path} ${code} ${message.replace('proto:\u00a0', 'proto: ')}`
      }
      expect(await ask(sandbox.socketPath!)).toBe(await ask(server.socketPath))
    }

    test.each(METHODS)('%s with bytes that are not a message', (method) =>
      same(`${SERVICE}/${method}`, frame(Uint8Array.of(0xff))),
    )

    test.each(['/nope', '/a/b/c', '/other.Service/Get', '/', `${SERVICE}/`])('the path %s', (path) =>
      same(path, frame(new Uint8Array())),
    )

    test.each([
      ['nothing', []],
      ['half a message', [Uint8Array.of(0, 0, 0, 0, 9, 1)]],
      ['a compressed message', [frame(Uint8Array.of(1), 1)]],
      ['too large a message', [Uint8Array.of(0, 0, 0x40, 0, 1)]],
      ['an empty message', [frame(new Uint8Array())]],
      ['a field it does not know', [frame(Uint8Array.of(0xf8, 1, 1))]],
      ['a field of another type', [frame(Uint8Array.of(8, 1))]],
    ])('%s', (_, pieces) => same(`${SERVICE}/${list}`, ...pieces))

    test.each(['v1alpha', 'v1'])('reflection %s', (reflection) =>
      same(`/grpc.reflection.${reflection}.ServerReflection/ServerReflectionInfo`, frame(Uint8Array.of(0x3a, 0))),
    )
  },
)
