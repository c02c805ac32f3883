/** A STUN server that answers as told. The answer to a well-formed request is put together here, byte by byte. */
import {createSocket} from 'node:dgram'
import type {AddressInfo} from 'node:net'

export interface FakeStun {
  port: number
  requests: Buffer[]
  close(): Promise<void>
}

/** `answer` gets the request and gives the packets to send back. */
export async function startFakeStun(answer: (request: Buffer, from: {port: number}) => Buffer[]): Promise<FakeStun> {
  const socket = createSocket('udp4')
  const requests: Buffer[] = []
  socket.on('message', (request, from) => {
    requests.push(request)
    for (const packet of answer(request, from)) socket.send(packet, from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const close = (): Promise<void> => new Promise((resolve) => socket.close(() => resolve()))
  return {port: (socket.address() as AddressInfo).port, requests, close}
}

/** What derper sends: the sender's address in XOR form, here 198.51.100.7:41641 whoever asked. */
export function stunAnswer(request: Buffer): Buffer[] {
  return [
    Buffer.concat([
      Buffer.from('0101000c', 'hex'),
      request.subarray(4, 20),
      Buffer.from('0020000800018' + '3bbe721c045', 'hex'),
    ]),
  ]
}
