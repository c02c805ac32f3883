/**
 * The OpenAPI document of the 0.30 tree: its paths and where each parameter goes. Generated from the operations of the
 * simulator; schemas are left out.
 */
import type {Operation} from '../../../api/operations.ts'
import type {Service} from '../../service.ts'

export function openApi({operations}: Service, root: '/api/v1' | '/api/v2'): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations.filter((candidate) => candidate.root === root)) {
    const path = `${root}${operation.path}`
    paths[path] = {...paths[path], [operation.method.toLowerCase()]: describe(operation)}
  }
  return {openapi: '3.1.0', info: {title: 'Headscale API', version: root.slice('/api/'.length)}, paths}
}

function describe({id, path, query, body}: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({name, in: 'path', required: true}))
  const inQuery = body.length > 0 ? [] : query.map((name) => ({name, in: 'query', required: false}))
  return {
    operationId: id.charAt(0).toLowerCase() + id.slice(1),
    parameters: [...inPath, ...inQuery],
    ...(body.length > 0 && {requestBody: {content: {'application/json': {schema: {type: 'object'}}}}}),
    responses: {200: {description: 'OK'}},
  }
}
