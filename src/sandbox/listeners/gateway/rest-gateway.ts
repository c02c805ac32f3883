/**
 * REST up to 0.29: the gateway below `/api/v1` behind API keys, and the pages around it.
 *
 * It follows grpc-gateway v2 as the servers are built with it: the key is checked before the path, so that an unknown
 * path answers 401 as well; the path is decoded before it is split, and a path with another method is 501. What an
 * invalid key, `/health`, `/version` and unknown paths answer differs between releases and is data of the simulator.
 */
import type {IncomingMessage, ServerResponse} from 'node:http'
import {REST_ROOT, type Operation} from '../../../api/operations.ts'
import {Code, ServerCrash, ServerError} from '../../server-error.ts'
import type {Service} from '../../service.ts'
import {fillMessage} from './gateway-message.ts'
import {faultOfKey, readBody, sendPage} from '../http-common.ts'
import {swagger} from './swagger.ts'

export async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const {simulator} = service
  const [path, search = ''] = splitOnce(request.url ?? '/', '?')
  try {
    if (path === '/health') return sendPage(response, simulator.http.health)
    if (path === '/version' && simulator.http.version) return sendPage(response, simulator.http.version)
    if (path === '/swagger/v1/openapiv2.json') return sendJson(response, 200, swagger(service))
    if (path === '/') return sendPage(response, simulator.http.root)
    if (!path.startsWith(simulator.http.guarded)) return sendPage(response, simulator.http.otherwise)

    const fault = faultOfKey(service, request.headers.authorization)
    if (fault) return sendPage(response, simulator.http.unauthorized[fault])
    if (!path.startsWith(`${REST_ROOT}/`)) return sendPage(response, simulator.http.otherwise)
    const found = route(service.operations, request.method ?? 'GET', path)
    const body = await readBody(request)
    const empty = service.messageSet.request(found.operation.id).decode(new Uint8Array())
    const message = fillMessage(empty, found, {
      query: new URLSearchParams(search),
      body,
      namesFields: simulator.http.namesFields,
      takesBody: simulator.takesBody.includes(found.operation.id),
    })
    sendJson(response, 200, service.answer(found.operation.id, message))
  } catch (error) {
    if (error instanceof ServerCrash) {
      request.socket.destroy()
      return
    }
    const serverError = error instanceof ServerError ? error : new ServerError(Code.internal, String(error))
    sendJson(response, httpStatus(serverError.code), {
      code: serverError.code,
      message: serverError.message,
      details: [],
    })
  }
}

interface Route {
  operation: Operation
  path: Record<string, string>
}

/** HTTP status of a gRPC code (grpc-gateway runtime/errors.go). */
function httpStatus(code: number): number {
  const statuses: Record<number, number> = {3: 400, 5: 404, 6: 409, 7: 403, 8: 429, 12: 501, 14: 503, 16: 401}
  return statuses[code] ?? 500
}

/**
 * Finds the operation of a request.
 * @param path everything before `?`, still percent-encoded
 * @throws ServerError with code 5 when no path fits and 12 when one fits with another method
 */
function route(operations: readonly Operation[], method: string, path: string): Route {
  const parts = decodeURIComponentSafe(path).slice(REST_ROOT.length).split('/')
  let otherMethod = false
  for (const operation of operations) {
    const fields = match(operation.path.split('/'), parts)
    if (!fields) continue
    if (operation.method === method) return {operation, path: fields}
    otherMethod = true
  }
  throw otherMethod
    ? new ServerError(Code.unimplemented, 'Method Not Allowed')
    : new ServerError(Code.notFound, 'Not Found')
}

function decodeURIComponentSafe(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new ServerError(Code.invalidArgument, `malformed path escape ${JSON.stringify(path)}`)
  }
}

function match(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null
  const fields: Record<string, string> = {}
  for (const [index, piece] of pattern.entries()) {
    const part = parts[index] ?? ''
    if (piece.startsWith('{')) fields[piece.slice(1, -1)] = part
    else if (piece !== part) return null
  }
  return fields
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  sendPage(response, {status, type: 'application/json', body: JSON.stringify(value)})
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}
