/**
 * The servers the benchmark asks: a real headscale with a handful of users, and one with many nodes. Nodes are written
 * straight into the database, as thousands of registrations would take the better part of an hour.
 */
import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'

import {type RealHeadscale, startHeadscale} from '../test/support/real-servers.ts'

/** The release that the ratios are about: the newest there is. */
export const HEADSCALE = '0.29.3'

/** A server with five users and no node. */
export async function serverWithUsers(): Promise<RealHeadscale> {
  const server = await startHeadscale({version: HEADSCALE})
  for (const name of ['default', 'alice', 'bob', 'carol', 'ops']) await cli(server, 'users', 'create', name)
  return server
}

/** A server with one user and `count` nodes, `node-1` … `node-COUNT`. It starts in a time that grows with their square. */
export async function serverWithNodes(count: number): Promise<RealHeadscale> {
  const server = await startHeadscale({version: HEADSCALE, startTimeout: 600})
  await cli(server, 'users', 'create', 'default')
  // It keeps its nodes in memory and reads them at start alone.
  await server.halt()
  insertNodes(join(server.folder, 'db.sqlite'), count)
  await server.start()
  return server
}

async function cli(server: RealHeadscale, ...args: string[]): Promise<void> {
  const {code, stderr} = await server.cli(args)
  if (code !== 0) throw new Error(`headscale ${args.join(' ')}: ${stderr.trim()}`)
}

function insertNodes(file: string, count: number): void {
  const database = new DatabaseSync(file)
  const {id} = database.prepare('SELECT id FROM users').get() as {id: number}
  const insert = database.prepare(`
    INSERT INTO nodes (machine_key, node_key, disco_key, host_info, ipv4, ipv6, hostname, given_name, user_id,
                       register_method, last_seen, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'cli', ?, ?, ?)`)
  const now = new Date().toISOString().replace('T', ' ').replace('Z', '+00:00')
  const key = (kind: string) => `${kind}:${randomBytes(32).toString('hex')}`
  database.exec('BEGIN')
  for (let number = 1; number <= count; number++) {
    const name = `node-${number}`
    // The first node advertises a route.
    const host = JSON.stringify({OS: 'linux', Hostname: name, ...(number === 1 && {RoutableIPs: ['10.0.0.0/24']})})
    const ipv4 = `100.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`
    const ipv6 = `fd7a:115c:a1e0::${number.toString(16)}`
    const keys = [key('mkey'), key('nodekey'), key('discokey')]
    insert.run(...keys, host, ipv4, ipv6, name, name, id, now, now, now)
  }
  database.exec('COMMIT')
  database.close()
}
