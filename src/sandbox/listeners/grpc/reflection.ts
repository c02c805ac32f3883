/**
 * gRPC server reflection, as far as clients use it to detect the release: the list of services, and the file that
 * contains a symbol.
 *
 * The one file described has every method of the release and those messages that differ between releases which have
 * the same methods (simulator.shapes). It is generated from the simulator, not from a .proto file, since the message sets
 * are supersets of their releases. Formats: grpc/reflection/v1alpha/reflection.proto, google/protobuf/descriptor.proto.
 */
import type {ServerHttp2Stream} from 'node:http2'
import {BinaryReader, BinaryWriter} from '@bufbuild/protobuf/wire'
import {SERVICE} from '../../../api/operations.ts'
import type {FieldType} from '../../releases/shared/release-simulator.ts'
import {Code} from '../../server-error.ts'
import type {Service} from '../../service.ts'
import {frame, readMessages} from './frames.ts'

const PACKAGE = SERVICE.slice(0, SERVICE.lastIndexOf('.'))

/** Whether a path asks for a version of reflection that this release has. */
export function isReflection({simulator}: Service, path: string): boolean {
  return simulator.reflection.some(
    (version) => path === `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
  )
}

/** Answers every request of the stream in turn. */
export async function reflect(service: Service, stream: ServerHttp2Stream): Promise<void> {
  stream.respond({':status': 200, 'content-type': 'application/grpc'}, {waitForTrailers: true})
  stream.on('wantTrailers', () => stream.sendTrailers({'grpc-status': '0', 'grpc-message': ''}))
  for await (const request of readMessages(stream)) stream.write(frame(answer(service, request)))
  stream.end()
}

function answer(service: Service, request: Uint8Array): Uint8Array {
  const reply = new BinaryWriter().uint32(tag(2)).bytes(request)
  const {field, text} = question(request)
  const known = field === 4 && symbolsOf(service).has(text)
  if (field === 7) {
    const names = [
      ...service.simulator.reflection.map((version) => `grpc.reflection.${version}.ServerReflection`),
      SERVICE,
    ]
    reply.uint32(tag(6)).fork()
    for (const name of names) reply.uint32(tag(1)).fork().uint32(tag(1)).string(name).join()
    reply.join()
  } else if (known || (field === 3 && text === FILE)) {
    reply.uint32(tag(4)).fork().uint32(tag(1)).bytes(fileDescriptor(service)).join()
  } else {
    reply.uint32(tag(7)).fork().uint32(8).int32(Code.notFound).uint32(tag(2)).string('proto: not found').join()
  }
  return reply.finish()
}

const FILE = 'headscale/v1/headscale.proto'

/** The question: the number of its field, and its text. */
function question(request: Uint8Array): {field: number; text: string} {
  const reader = new BinaryReader(request)
  let asked = {field: 0, text: ''}
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field >= 3 && wireType === 2) asked = {field, text: reader.string()}
    else reader.skip(wireType)
  }
  return asked
}

function symbolsOf({operations, simulator}: Service): Set<string> {
  const methods = operations.map(({rpc}) => `${SERVICE}.${rpc}`)
  return new Set([SERVICE, ...methods, ...Object.keys(simulator.shapes).map((name) => `${PACKAGE}.${name}`)])
}

function fileDescriptor({operations, simulator}: Service): Uint8Array {
  const file = new BinaryWriter().uint32(tag(1)).string(FILE).uint32(tag(2)).string(PACKAGE)
  for (const [name, fields] of Object.entries(simulator.shapes)) {
    const message = file.uint32(tag(4)).fork().uint32(tag(1)).string(name)
    for (const [index, [field, type]] of Object.entries(fields).entries()) {
      message.uint32(tag(2)).fork()
      writeField(message, field, index + 1, type)
      message.join()
    }
    message.join()
  }
  file
    .uint32(tag(6))
    .fork()
    .uint32(tag(1))
    .string(SERVICE.slice(PACKAGE.length + 1))
  for (const {rpc} of operations) {
    file.uint32(tag(2)).fork().uint32(tag(1)).string(rpc)
    file.uint32(tag(2)).string(`.${PACKAGE}.${rpc}Request`).uint32(tag(3)).string(`.${PACKAGE}.${rpc}Response`)
    file.join()
  }
  return file.join().uint32(tag(12)).string('proto3').finish()
}

/** Numbers of google.protobuf.FieldDescriptorProto.Type. */
const TYPES: Record<FieldType, number> = {string: 9, strings: 9, uint64: 4, boolean: 8, time: 11}

/** Fields are numbered in the order of the wire without gaps, which holds for every message in simulator.shapes. */
function writeField(writer: BinaryWriter, name: string, number: number, type: FieldType): void {
  const protoName = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const label = type === 'strings' ? 3 : 1
  writer.uint32(tag(1)).string(protoName).uint32(24).int32(number).uint32(32).int32(label).uint32(40).int32(TYPES[type])
  if (type === 'time') writer.uint32(tag(6)).string('.google.protobuf.Timestamp')
  writer.uint32(tag(10)).string(name)
}

/** The tag of a field with a length: text, bytes or a message. */
function tag(field: number): number {
  return field * 8 + 2
}
