/**
 * The OpenAPI document of the release: all of its paths, and those messages by which clients tell releases
 * apart. Generated from the operations of the simulator.
 */
import {REST_ROOT, type Operation, type OperationId} from '../../../api/operations.ts'
import type {Service} from '../../service.ts'

export function swagger({operations, simulator, messageSet}: Service): object {
  const known = (id: OperationId) => {
    const empty = messageSet.request(id).decode(new Uint8Array())
    return (field: string) => field in empty && !simulator.missingFields.includes(`${id}.${field}`)
  }
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    const path = `${REST_ROOT}${operation.path}`
    paths[path] = {...paths[path], [operation.method.toLowerCase()]: describe(operation, known(operation.id))}
  }
  return {
    swagger: '2.0',
    info: {title: 'headscale/v1/headscale.proto', version: 'version not set'},
    tags: [{name: 'HeadscaleService'}],
    consumes: ['application/json'],
    produces: ['application/json'],
    paths,
    definitions: Object.fromEntries(
      Object.entries(simulator.shapes).map(([name, fields]) => [
        `v1${name}`,
        {
          type: 'object',
          properties: Object.fromEntries(Object.entries(fields).map(([field, type]) => [field, property(type)])),
        },
      ]),
    ),
  }
}

/** @param known whether the request has a field in this release; the table has the fields of all releases */
function describe(operation: Operation, known: (field: string) => boolean): object {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({name, in: 'path', required: true}))
  const inQuery = operation.query.filter(known).map((name) => ({name, in: 'query', required: false}))
  const inBody =
    operation.query.length === 0 && operation.body.length > 0 ? [{name: 'body', in: 'body', required: true}] : []
  return {
    operationId: `HeadscaleService_${operation.rpc}`,
    parameters: [...inPath, ...inQuery, ...inBody],
    responses: {200: {description: 'A successful response.'}},
    tags: ['HeadscaleService'],
  }
}

function property(type: string): object {
  if (type === 'strings') return {type: 'array', items: {type: 'string'}}
  if (type === 'uint64') return {type: 'string', format: 'uint64'}
  if (type === 'time') return {type: 'string', format: 'date-time'}
  return {type}
}
