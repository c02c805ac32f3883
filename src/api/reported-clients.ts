/**
 * What clients report about their machines: system, client version, endpoints. No API of headscale has it; from 0.27 on the
 * debug page /debug/nodestore does, on the address of `metrics_listen_addr`. It answers only its own machine and
 * nodes of a tailnet (tailscale tsweb, AllowDebugAccess), and no proxy.
 *
 * The page contains keys (up to 0.27 whole pre-auth keys), so nothing but the fields below is kept, and no error quotes
 * it. Its address can be that of another program or another server: the caller compares machine keys.
 */
import type {DebugListener} from '../config/debug-listener.ts'
import type {NodeClient} from '../domain/node.ts'
import type {ListenerNames, ReportedClients} from './control-api.ts'
import {releasesWith} from './dialects/shared/dialect.ts'
import type {ReleaseGroup} from './releases.ts'
import {callLine, type Trace} from './transport/trace.ts'

const PATH = '/debug/nodestore'

/** The list itself does not wait for it for long. A server with 10,000 nodes needs half a second for the page. */
const DEADLINE_MS = 2000

/** About 50,000 nodes. */
const LARGEST_PAGE = 256 * 1024 * 1024

/** @param listener null if no setting names it */
export async function reportedClients(
  {capabilities, releases}: ReleaseGroup,
  listener: DebugListener | null,
  {names, timeoutMs, trace}: {names: ListenerNames; timeoutMs: number; trace: Trace | undefined},
): Promise<ReportedClients> {
  if (!capabilities.debugPageOfNodes) {
    return unknown(`needs headscale ${releasesWith((able) => able.debugPageOfNodes)}; the server is ${releases}`)
  }
  if (listener === null) return unknown(names.missing)
  const {origin, source} = listener
  const setting = source.kind === 'flag' ? names.flag : source.name
  const begun = performance.now()
  const reply = await fetchPage(origin, Math.min(timeoutMs, DEADLINE_MS))
  const status = reply.kind === 'failed' ? reply.reason : String(reply.status)
  const received = reply.kind === 'failed' ? 0 : reply.body.length
  trace?.(callLine({what: `GET ${origin}${PATH}`, purpose: setting, begun, status, sent: 0, received}))
  const where = `${origin}${PATH}, from ${setting}`
  if (reply.kind === 'failed') return unknown(`${reply.reason} (${where})`)
  if (reply.status === 403) return unknown(`the debug pages are closed to this machine (${where})`)
  const byNode = reply.status === 200 ? readPage(reply.body) : null
  return byNode === null ? unknown(`no list of nodes there (${where})`) : {known: true, byNode, origin}
}

function unknown(reason: string): ReportedClients {
  return {known: false, reason}
}

type Reply = {kind: 'page'; status: number; body: string} | {kind: 'failed'; reason: string}

/** Without a proxy, and without following redirects. */
async function fetchPage(origin: string, deadlineMs: number): Promise<Reply> {
  const {get} = await import('node:http')
  return new Promise((resolve) => {
    const fail = (reason: string) => resolve({kind: 'failed', reason})
    const signal = AbortSignal.timeout(deadlineMs)
    const ended = (error: NodeJS.ErrnoException) =>
      fail(signal.aborted ? `no answer within ${deadlineMs / 1000} s` : reasonOf(error))
    // A text reply is the default.
    const request = get(
      `${origin}${PATH}`,
      {headers: {accept: 'application/json'}, agent: false, signal},
      (response) => {
        const parts: Buffer[] = []
        let size = 0
        response.on('data', (part: Buffer) => {
          size += part.length
          if (size <= LARGEST_PAGE) return void parts.push(part)
          fail('the page is too large')
          response.destroy()
        })
        response.on('error', ended)
        response.on('end', () => {
          resolve({kind: 'page', status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8')})
        })
      },
    )
    request.on('error', ended)
  })
}

function reasonOf({code}: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'host not found'
    default:
      return `no answer${code === undefined ? '' : ` (${code})`}`
  }
}

type Fields = Record<string, unknown>

/** The nodes of the page, by id: an object of Go's types.Node. @returns null for anything else */
function readPage(body: string): Map<string, NodeClient & {machineKey: string | null}> | null {
  let page: unknown
  try {
    page = JSON.parse(body)
  } catch {
    return null
  }
  if (!isFields(page)) return null
  const nodes = Object.entries(page).filter((entry): entry is [string, Fields] => isFields(entry[1]))
  return new Map(
    nodes.map(([id, {MachineKey, Hostinfo, Endpoints}]) => {
      const host = isFields(Hostinfo) ? Hostinfo : {}
      return [
        id,
        {
          machineKey: text(MachineKey),
          os: text(host.OS),
          osVersion: systemVersion(host),
          version: text(host.IPNVersion),
          endpoints: Array.isArray(Endpoints) ? Endpoints.filter((each) => typeof each === 'string') : [],
        },
      ]
    }),
  )
}

/** On Linux the version of the distribution, otherwise that of the system. */
function systemVersion({Distro, DistroVersion, OSVersion}: Fields): string | null {
  const distribution = [text(Distro), text(DistroVersion)].filter((part) => part !== null)
  return distribution.length > 0 ? distribution.join(' ') : text(OSVersion)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
