/**
 * gRPC reflection: placeholder until the descriptors are here.
 */
import type {ServerHttp2Stream} from 'node:http2'
import {Code, Refusal} from '../refusal.ts'
import type {Service} from '../service.ts'

export async function reflect(_service: Service, _stream: ServerHttp2Stream, path: string): Promise<void> {
  throw new Refusal(Code.unimplemented, `unknown service ${path.slice(1).split('/')[0]}`)
}
