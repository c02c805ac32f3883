/**
 * One change of a node's routes at a time, among all runs of this program on this machine.
 *
 * A release that keeps a set of routes replaces the whole of it: of two runs that both read before either wrote, the
 * second takes the first one's change back, and reading back cannot show that to the first, which is done by then.
 * The lock is a socket in Linux's abstract namespace: no file, open to every user, gone with its process. Elsewhere,
 * and among several machines, only reading back is left.
 */
import {createServer} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

/** Longer than a change takes on a slow server; who holds the lock longer than this is not waited for. */
const PATIENCE_MS = 20_000

/** Does the work while no other run does any for this node. */
export async function withNodeLock<T>(nodeId: string, work: () => Promise<T>): Promise<T> {
  const release = process.platform === 'linux' ? await acquire(`\0headscale-ts/routes/${nodeId}`) : () => {}
  try {
    return await work()
  } finally {
    release()
  }
}

async function acquire(name: string): Promise<() => void> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const release = await tryOnce(name)
    if (release || Date.now() > deadline) return release ?? (() => {})
    await sleep(20)
  }
}

/** @returns null when somebody else has it; any other trouble counts as having it, since the lock is only a courtesy */
function tryOnce(name: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE' ? null : () => {}))
    server.listen(name, () => resolve(() => void server.close()))
    server.unref()
  })
}
