/**
 * Real servers that replace each other behind one socket, as behind `ssh -L` or a proxy, while the release of the first
 * is cached: replies are read with the rules of the new release, and no change has an unintended effect.
 */
import {connect, createServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {type Env, type Outcome, runHere, scratchFolder} from '../support/program.ts'
import {available, startHeadscale} from '../support/real-servers.ts'

type Run = (...argv: string[]) => Promise<Outcome>

/** Caches the release of one server for a socket, then replaces the server; each has a user and a node. */
async function replaced(from: string, to: string): Promise<{run: Run; fresh: Run}> {
  const front = join(scratchFolder(), 'front.sock')
  let behind = ''
  const open = new Set<Socket>()
  const forwarder = createServer((client) => {
    const upstream = connect(behind)
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) open.add(socket.on('error', () => {}))
  })
  await new Promise<void>((done) => forwarder.listen(front, done))
  onTestFinished(() => {
    forwarder.close()
    for (const socket of open) socket.destroy()
  })
  const env: Env = {HEADSCALE_UNIX_SOCKET: front, XDG_CACHE_HOME: scratchFolder()}
  const run: Run = (...argv) => runHere(argv, {env})
  for (const version of [from, to]) {
    const server = await startHeadscale({version})
    onTestFinished(() => server.stop())
    const here: Run = (...argv) => runHere(argv, {env: {HEADSCALE_UNIX_SOCKET: server.socketPath}})
    expect(await here('users', 'create', 'alpha')).toMatchObject({status: 0})
    await addNode(here)
    behind = server.socketPath
    if (version === from) expect(await run('nodes', 'list')).toMatchObject({status: 0})
  }
  return {run, fresh: (...argv) => runHere(argv, {env: {HEADSCALE_UNIX_SOCKET: behind}})}
}

async function addNode(run: Run): Promise<void> {
  const {stdout, stderr} = await run('debug', 'create-node', '--name', 'node-a', '-u', 'alpha', '-o', 'json')
  const key = /"(?:registrationKey|key)":\s*"([^"]+)"/.exec(stdout)?.[1]
  expect(key, stdout + stderr).toBeDefined()
  const registered = await run('nodes', 'register', '-u', 'alpha', '--key', key!)
  expect(registered, registered.stderr).toMatchObject({status: 0})
}

const MOVES = [
  ['0.28.0', '0.26.1'],
  ['0.26.1', '0.28.0'],
  ['0.29.3', '0.28.0'],
  ['0.29.3', '0.17.1'],
  ['0.17.1', '0.29.3'],
] as const

describe.for(MOVES.map(([from, to]) => ({from, to})))('$to behind a socket for which $from is cached', ({from, to}) => {
  const built = available(from).ok && available(to).ok
  test.skipIf(!built)(`is used with its own release${built ? '' : ' (not built)'}`, {timeout: 120_000}, async () => {
    const {run, fresh} = await replaced(from, to)
    for (const topic of ['users', 'nodes', 'routes', 'apikeys']) {
      const argv = [topic, 'list', '-o', 'json']
      expect(await run(...argv), topic).toEqual(await fresh(...argv))
    }
    const nodes = async () =>
      JSON.parse((await fresh('nodes', 'list', '-o', 'json')).stdout) as {expiry: string | null}[]
    const before = await nodes()
    const expired = await run('nodes', 'expire', '-i', '1', '--expiry', '2031-01-01T00:00:00Z')
    if (expired.status === 8) expect(await nodes()).toEqual(before)
    else expect((await nodes())[0]!.expiry).toMatch(/^2031-01-01/)
    const key = ['debug', 'create-node', '--name', 'node-b', '-u', 'alpha', '-k', 'a'.repeat(64)]
    expect((await run(...key)).status).toBe((await fresh(...key)).status)
    expect(await fresh('users', 'list'), 'the server lives').toMatchObject({status: 0})
    const destroy = ['users', 'destroy', 'alpha', '--dry-run']
    expect(await run(...destroy)).toEqual(await fresh(...destroy))
  })
})
