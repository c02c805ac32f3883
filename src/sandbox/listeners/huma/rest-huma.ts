/**
 * REST of the 0.30 tree, on the socket without a key and on an address with one.
 *
 * Paths are resolved before keys are checked, a wrong method is an empty 405, and errors are problems (RFC 7807). The v2
 * API has its own form of error. Pages and their types: recorded exchanges in test/sandbox/fixtures.
 */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {Operation} from '../../../api/operations.ts'
import type {Message} from '../../releases/shared/release-simulator.ts'
import {Problem} from '../../releases/v0_30/problem.ts'
import type {Service} from '../../service.ts'
import {faultOfKey, readBody, sendPage} from '../http-common.ts'
import {openApi} from './openapi.ts'
import {bindSocket, type Listener} from '../socket-file.ts'
import {idFault, MAX_BODY, readFields, readId} from './huma-body.ts'

const NOT_FOUND = {status: 404, type: 'text/plain; charset=utf-8', body: '404 page not found\n'}
/** The name of the tailnet in paths of v2. */
const TAILNET = /^\/api\/v2\/tailnet\/([^/]*)\//

/** Fields of a v2 key, which has no message of its own. */
const V2_KEY: Message = {
  keyType: '',
  description: '',
  scopes: [],
  tags: [],
  capabilities: {},
}

/** Serves HTTP on a socket file with mode 0700; clients that can open it need no key. */
export async function listenSocket(service: Service, socketPath: string): Promise<Listener> {
  const server = createServer((request, response) => void serve(service, request, response, true))
  const release = await bindSocket(server, socketPath)
  return {
    async close() {
      server.closeAllConnections()
      await release()
    },
  }
}

export async function serve(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  trusted = false,
): Promise<void> {
  const {simulator} = service
  const [path = '/', search = ''] = (request.url ?? '/').split(/\?(.*)/s)
  const v2 = path.startsWith('/api/v2/')
  try {
    if (!trusted) {
      if (path === '/health') return sendPage(response, simulator.http.health)
      if (path === '/version' && simulator.http.version) return sendPage(response, simulator.http.version)
      if (path === '/') return sendPage(response, simulator.http.root)
    }
    if (path === '/api/v1/openapi.json' || path === '/api/v2/openapi.json') {
      return sendJson(response, 200, openApi(service, v2 ? '/api/v2' : '/api/v1'))
    }
    const fitting = service.operations.flatMap((operation) => {
      const fields = match(operation, path)
      return fields ? [{operation, fields}] : []
    })
    if (fitting.length === 0) return sendPage(response, otherTailnet(path) ?? NOT_FOUND)
    const found = fitting.find(({operation}) => operation.method === request.method)
    if (!found) {
      response.writeHead(405, {
        allow: fitting.map(({operation}) => operation.method) as unknown as string,
        'content-length': 0,
      })
      return void response.end()
    }
    if (!trusted && faultOfKey(service, request.headers.authorization)) {
      throw new Problem(401, v2 ? 'unauthorized' : 'Unauthorized')
    }
    const tailnet = TAILNET.exec(path)?.[1]
    if (tailnet !== undefined && tailnet !== '-') throw new Problem(404, 'tailnet not found')
    const body = await readBody(request)
    if (Buffer.byteLength(body) >= MAX_BODY) {
      throw new Problem(413, `request body is too large limit=${MAX_BODY} bytes`)
    }
    const message = read(service, found, new URLSearchParams(search), body, request.headers['content-type'])
    sendJson(response, 200, service.answer(found.operation.id, message))
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem(500, String(error))
    const {status, message} = problem
    sendJson(response, status, v2 ? {message, status} : problem.toJson(), 'application/problem+json')
  }
}

/** The fields of a path, decoded one by one so that a name may contain a slash; null if the path is another one. */
function match(operation: Operation, path: string): Record<string, string> | null {
  const pattern = `${operation.root}${operation.path}`.replace('/tailnet/-/', '/tailnet/{}/').split('/')
  const parts = path.split('/')
  if (pattern.length !== parts.length) return null
  const fields: Record<string, string> = {}
  for (const [index, piece] of pattern.entries()) {
    const part = parts[index] ?? ''
    if (piece !== part && (!piece.startsWith('{') || part === '')) return null
    if (piece.length > 2 && piece.startsWith('{')) fields[piece.slice(1, -1)] = decode(part)
  }
  return fields
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Problem(400, `invalid URL escape ${JSON.stringify(part)}`)
  }
}

/** Every path of another tailnet is 404. */
function otherTailnet(path: string) {
  const tailnet = TAILNET.exec(path)?.[1]
  if (tailnet === undefined || tailnet === '-') return null
  const body = JSON.stringify({message: 'tailnet not found', status: 404})
  return {status: 404, type: 'application/problem+json', body}
}

interface Found {
  operation: Operation
  fields: Record<string, string>
}

function read(
  {messageSet}: Service,
  {operation, fields}: Found,
  query: URLSearchParams,
  body: string,
  type: string | undefined,
): Message {
  const {id} = operation
  if (operation.root === '/api/v2') {
    const given = operation.body.length > 0 ? readFields(V2_KEY, body, type) : {}
    return {...V2_KEY, ...given, ...fields}
  }
  const empty = messageSet.request(id).decode(new Uint8Array())
  const ofBody = Object.fromEntries(Object.entries(empty).filter(([field]) => operation.body.includes(field)))
  const message: Message = {...empty}
  if (operation.body.length > 0) Object.assign(message, readFields(ofBody, body, type, id === 'ExpireNode'))
  else {
    for (const field of operation.query) {
      const value = query.get(field)
      if (value !== null && field in empty)
        message[field] = typeof empty[field] === 'boolean' ? value === 'true' : value
    }
  }
  Object.assign(message, fields)
  for (const [field, zero] of Object.entries(empty)) {
    if (zero === '0') message[field] = numbered(field, String(message[field] || '0'))
  }
  // the path always has the prefix, so an id in the query is a second reference
  if (id === 'DeleteApiKey' && query.has('id')) message['id'] = numbered('id', query.get('id') ?? '')
  return message
}

function numbered(field: string, text: string): string {
  if (field === 'nodeId') {
    const fault = idFault(text)
    if (fault) throw new Problem(400, `type mismatch, parameter: node_id, error: ${fault}`)
  }
  return readId(text, field === 'user' || field === 'oldId' || field === 'id' ? 'invalid user id' : 'invalid id')
}

function sendJson(response: ServerResponse, status: number, value: object, type = 'application/json'): void {
  sendPage(response, {status, type, body: `${JSON.stringify(value)}\n`})
}
