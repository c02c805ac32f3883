/** A STUN server whose answers a test controls. The default answer is built here byte by byte. */
import {createSocket} from 'node:dgram'
import type {AddressInfo} from 'node:net'

export interface FakeStun {
  port: number
  requests: Buffer[]
  close(): Promise<void>
}

/** `answer` gets the request and returns the packets to send. */
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

/** What derper sends: the sender's address in XOR form, here always 198.51.100.7:41641. */
export function stunAnswer(request: Buffer): Buffer[] {
  return [
    Buffer.concat([
      Buffer.from('0101000c', 'hex'),
      request.subarray(4, 20),
      Buffer.from('0020000800018' + '3bbe721c045', 'hex'),
    ]),
  ]
}
