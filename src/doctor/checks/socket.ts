/** The unix socket: whether it is there, who may use it, and whether a server listens. */
import {statSync} from 'node:fs'
import {connect} from 'node:net'
import {ownerText, socketError} from '../../api/transport/os-errors.ts'
import {sentence} from '../check-run.ts'
import {error, skipped} from '../result.ts'
import type {Problem, Verdict} from '../result.ts'

export interface SocketVerdict extends Verdict {
  /** Whether a server listens. */
  open: boolean
}

const CONNECT_MS = 3000

const REASONS = {
  'socket-missing': 'headscale creates it when it starts and removes it when it stops, so no server uses this path',
  'socket-refused': 'The file remains when headscale is killed; no command can use it until headscale runs again',
  'socket-forbidden': 'Only users with write permission can use the socket, and it gives full control of the server',
  'not-a-socket': 'Commands cannot connect to it',
  'socket-silent': 'The process behind it hangs or is overloaded',
}

/**
 * @param needed whether commands use it; otherwise a missing socket is no problem
 * @param running where headscale answers on this machine without the socket; null if it does not
 */
export async function checkSocket(
  path: string,
  {needed, running}: {needed: boolean; running: string | null},
): Promise<SocketVerdict> {
  const cause = await dial(path)
  if (cause === null) return {target: path, seen: `a server listens (${ownerText(statSync(path))})`, open: true}
  const problem = problemOf(path, cause)
  if (!needed) return {...skipped(`not usable here, and not needed: ${problem.message}`, path), open: false}
  const url = problem.code === 'socket-missing' || problem.code === 'socket-refused' ? running : null
  if (url === null) return {target: path, seen: seenOf(problem.code), problems: [problem], open: false}
  const fix = `headscale runs and answers at ${url}: restart it, which creates the socket again, or pass its unix_socket with --socket`
  return {target: path, seen: seenOf(problem.code), problems: [{...problem, fix}], open: false}
}

function seenOf(code: string): string {
  const texts: Record<string, string> = {
    'socket-missing': 'not there',
    'socket-refused': 'nobody listens',
    'socket-forbidden': 'no permission',
    'not-a-socket': 'not a socket',
  }
  return texts[code] ?? 'no connection'
}

function problemOf(path: string, cause: unknown): Problem {
  const {code, message, hint} = socketError(path, cause)
  const kind = kindOf(path, code, cause)
  return error(kind, [sentence(message), REASONS[kind], sentence(hint ?? 'check that headscale is running')])
}

function kindOf(path: string, code: string, cause: unknown): keyof typeof REASONS {
  if (code === 'permission-denied') return 'socket-forbidden'
  const stats = statSync(path, {throwIfNoEntry: false})
  if (stats === undefined) return 'socket-missing'
  if (!stats.isSocket()) return 'not-a-socket'
  return (cause as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'socket-refused' : 'socket-silent'
}

/** @returns null if somebody listens, else the error of the system */
function dial(path: string): Promise<Error | null> {
  return new Promise((resolve) => {
    const socket = connect({path})
    const end = (result: Error | null): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end(Object.assign(new Error('timeout'), {code: 'ETIMEDOUT'})), CONNECT_MS)
    socket.once('connect', () => end(null))
    socket.on('error', (cause) => end(cause))
  })
}
