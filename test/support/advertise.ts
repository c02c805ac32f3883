/**
 * Makes the fake nodes of a real headscale advertise routes, by writing them into its database: only a client can
 * advertise routes. `debug create-node` sends routes, but 0.22 and 0.23 lose them at once and 0.29 when the node is
 * registered; the other releases keep them and do not need this.
 */
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import type {RealHeadscale} from './real-servers.ts'

/** @param routes prefixes by node id */
export async function advertise(
  server: RealHeadscale,
  routes: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const minor = Number(server.version.split('.')[1])
  if (minor >= 18 && minor <= 23)
    withDatabase(server, (db) => insertRows(db, minor <= 22 ? 'machine_id' : 'node_id', routes))
  if (minor < 29) return
  // From 0.29 on nodes are kept in memory, so a running server does not see changes in its database.
  await server.halt()
  withDatabase(server, (db) => {
    const update = db.prepare('UPDATE nodes SET host_info = ? WHERE id = ?')
    for (const [id, prefixes] of Object.entries(routes)) {
      update.run(JSON.stringify({OS: 'linux', Hostname: `n${id}`, RoutableIPs: prefixes}), Number(id))
    }
  })
  await server.start()
}

function insertRows(db: DatabaseSync, owner: string, routes: Readonly<Record<string, readonly string[]>>): void {
  const insert = db.prepare(
    `INSERT INTO routes (created_at, updated_at, ${owner}, prefix, advertised, enabled, is_primary)
     VALUES (datetime('now'), datetime('now'), ?, ?, 1, 0, 0)`,
  )
  for (const [id, prefixes] of Object.entries(routes)) for (const prefix of prefixes) insert.run(Number(id), prefix)
}

function withDatabase(server: RealHeadscale, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(server.folder, 'db.sqlite'))
  try {
    db.exec('PRAGMA busy_timeout = 10000')
    work(db)
  } finally {
    db.close()
  }
}
