/**
 * The client side of one HTTP/2 connection without TLS (RFC 9113), for requests whose content is known when they begin.
 *
 * Written here because node:http2 takes a fifth of the CPU time of one command, in Node and in the executable. Servers
 * cannot push, and priorities are ignored. Which calls are made, and how often, is the caller's concern.
 */
import type {Socket} from 'node:net'
import {
  decodeSettings,
  encodeFrame,
  encodeSettings,
  ERROR,
  FLAG,
  FRAME,
  FRAME_SIZE,
  type Frame,
  FrameReader,
  readUint31,
  readUint32,
  SETTING,
  uint32,
  withoutPadding,
} from './frames.ts'
import {encodeHeaders, HeaderDecoder, type Headers} from './hpack.ts'
import {ProtocolError} from './protocol-error.ts'

/** What happens on one stream. */
export interface StreamEvents {
  /** A block of headers: first those of the response, then the trailers. */
  onHeaders(headers: Headers): void
  onData(content: Uint8Array): void
  /** The end, once. @param code the HTTP/2 error code; 0 for a complete response */
  onClose(code: number): void
}

export interface ClientEvents {
  /** The server has said how many streams may be open at a time. */
  onStreamLimit(limit: number): void
  /** The server takes no further requests. Streams that it has not processed are closed as REFUSED_STREAM next. */
  onGoAway(code: number): void
  /** The connection has ended, once; streams that are still open get no further event. @param error null without one */
  onEnd(error: Error | null): void
}

export interface Http2Client {
  /** Sends a request. @returns a function that cancels it, after which it has no further event */
  request(headers: Headers, content: Uint8Array, events: StreamEvents): () => void
  /** Ends the connection at once, without an event. */
  destroy(): void
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
/** Bytes that one end may send before the other says more, unless that says otherwise. */
const DEFAULT_WINDOW = 65_535
/** Bytes that the server may send before it must wait for us: more than 100,000 nodes. */
const WINDOW = 64 * 1024 * 1024
/** Bytes of one block of headers. */
const LARGEST_BLOCK = 64 * 1024

interface Stream {
  id: number
  events: StreamEvents
  /** Content that is not sent yet; null when all is sent. */
  unsent: Uint8Array | null
  /** Bytes that the server takes on this stream; can be negative. */
  sendWindow: number
  /** Bytes received since the last update of our window. */
  received: number
}

/** Speaks HTTP/2 on a connected socket. Bytes that were read from it must have been pushed back with `unshift`. */
export function openHttp2Client(socket: Socket, events: ClientEvents): Http2Client {
  const reader = new FrameReader()
  const decoder = new HeaderDecoder()
  const streams = new Map<number, Stream>()
  let nextId = 1
  let ended = false
  let begun = false
  /** Bytes received on all streams since the last update of our window. */
  const connection = {id: 0, received: 0}
  let sendWindow = DEFAULT_WINDOW
  let streamWindow = DEFAULT_WINDOW
  let frameSize = FRAME_SIZE
  let streamLimit = Infinity
  /** The header block that CONTINUATION frames complete. */
  let block: {stream: number; ends: boolean; parts: Uint8Array[]; size: number} | null = null

  const send = (type: number, flags: number, stream: number, content: Uint8Array) =>
    void socket.write(encodeFrame(type, flags, stream, content))

  function end(error: Error | null): void {
    if (ended) return
    ended = true
    socket.destroy()
    events.onEnd(error)
  }

  function closeStream(stream: Stream, code: number): void {
    streams.delete(stream.id)
    stream.events.onClose(code)
  }

  /** Sends as much of the content as the server takes. */
  function sendContent(stream: Stream): void {
    while (stream.unsent !== null) {
      const size = Math.min(stream.unsent.length, frameSize, sendWindow, stream.sendWindow)
      if (size <= 0 && stream.unsent.length > 0) return
      const content = stream.unsent.subarray(0, size)
      const rest = stream.unsent.subarray(size)
      stream.unsent = rest.length > 0 ? rest : null
      stream.sendWindow -= size
      sendWindow -= size
      send(FRAME.DATA, stream.unsent === null ? FLAG.END_STREAM : 0, stream.id, content)
    }
  }

  function receive(frame: Frame): void {
    const {type, flags, stream, content} = frame
    if (!begun && type !== FRAME.SETTINGS) throw new ProtocolError('the server does not begin with its settings')
    begun = true
    if (block !== null && (type !== FRAME.CONTINUATION || stream !== block.stream)) {
      throw new ProtocolError('a block of headers is interrupted')
    }
    switch (type) {
      case FRAME.DATA:
        return receiveData(frame)
      case FRAME.HEADERS:
        block = {stream, ends: (flags & FLAG.END_STREAM) !== 0, parts: [], size: 0}
        return receiveBlock(withoutPadding(frame), flags)
      case FRAME.CONTINUATION:
        if (block === null) throw new ProtocolError('headers are continued that were not begun')
        return receiveBlock(content, flags)
      case FRAME.RST_STREAM: {
        const code = readUint32(content)
        const reset = find(stream)
        if (reset) closeStream(reset, code)
        return
      }
      case FRAME.SETTINGS:
        return (flags & FLAG.ACK) === 0 ? applySettings(decodeSettings(content)) : undefined
      case FRAME.PING:
        if ((flags & FLAG.ACK) === 0) send(FRAME.PING, FLAG.ACK, 0, content)
        return
      case FRAME.GOAWAY:
        return goAway(readUint31(content), readUint32(content, 4))
      case FRAME.WINDOW_UPDATE:
        return widen(stream, readUint31(content))
      case FRAME.PUSH_PROMISE:
        throw new ProtocolError('the server pushes a response')
    }
  }

  /** The stream; undefined if it is closed. @throws ProtocolError if it was never opened */
  function find(id: number): Stream | undefined {
    if (id % 2 === 0 || id >= nextId) throw new ProtocolError(`there is no stream ${id}`)
    return streams.get(id)
  }

  function receiveData(frame: Frame): void {
    const content = withoutPadding(frame)
    const stream = find(frame.stream)
    // Padding counts, and so does content of a closed stream.
    take(frame.content.length, connection)
    if (!stream) return
    take(frame.content.length, stream)
    if (content.length > 0) stream.events.onData(content)
    if ((frame.flags & FLAG.END_STREAM) !== 0) endStream(stream)
  }

  /** Counts received bytes. When half of the window is used, the server may send as many again. */
  function take(bytes: number, target: {id: number; received: number}): void {
    target.received += bytes
    if (target.received <= WINDOW / 2) return
    send(FRAME.WINDOW_UPDATE, 0, target.id, uint32(target.received))
    target.received = 0
  }

  function receiveBlock(part: Uint8Array, flags: number): void {
    const {stream: id, ends, parts} = block!
    parts.push(part)
    block!.size += part.length
    if (block!.size > LARGEST_BLOCK) throw new ProtocolError('the headers are too large')
    if ((flags & FLAG.END_HEADERS) === 0) return
    block = null
    // Decoded even for a closed stream: later blocks refer to it.
    const headers = decoder.decode(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
    const stream = find(id)
    // 1xx: the response is still to come.
    if (!stream || headers[':status']?.startsWith('1')) return
    stream.events.onHeaders(headers)
    if (ends) endStream(stream)
  }

  /** The response is complete; the rest of the request is not sent. */
  function endStream(stream: Stream): void {
    if (!streams.has(stream.id)) return
    if (stream.unsent !== null) send(FRAME.RST_STREAM, 0, stream.id, uint32(ERROR.NO_ERROR))
    closeStream(stream, ERROR.NO_ERROR)
  }

  function applySettings(settings: readonly (readonly [id: number, value: number])[]): void {
    for (const [id, value] of settings) {
      if (id === SETTING.MAX_CONCURRENT_STREAMS) streamLimit = value
      if (id === SETTING.MAX_FRAME_SIZE) frameSize = value
      if (id === SETTING.INITIAL_WINDOW_SIZE) {
        for (const stream of streams.values()) stream.sendWindow += value - streamWindow
        streamWindow = value
      }
    }
    send(FRAME.SETTINGS, FLAG.ACK, 0, new Uint8Array())
    for (const stream of streams.values()) sendContent(stream)
    events.onStreamLimit(streamLimit)
  }

  function widen(id: number, bytes: number): void {
    if (id === 0) {
      sendWindow += bytes
      for (const stream of streams.values()) sendContent(stream)
      return
    }
    const stream = find(id)
    if (!stream) return
    stream.sendWindow += bytes
    sendContent(stream)
  }

  function goAway(last: number, code: number): void {
    events.onGoAway(code)
    for (const stream of streams.values()) if (stream.id > last) closeStream(stream, ERROR.REFUSED_STREAM)
    if (code !== ERROR.NO_ERROR) end(null)
  }

  socket.on('data', (bytes: Uint8Array) => {
    try {
      reader.push(bytes, (frame) => {
        if (!ended) receive(frame)
      })
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      send(FRAME.GOAWAY, 0, 0, uint32(0, ERROR.PROTOCOL_ERROR))
      end(error)
    }
  })
  socket.on('error', (error) => end(error))
  socket.on('close', () => end(null))
  const settings = encodeSettings([
    [SETTING.ENABLE_PUSH, 0],
    [SETTING.INITIAL_WINDOW_SIZE, WINDOW],
  ])
  socket.write(PREFACE)
  send(FRAME.SETTINGS, 0, 0, settings)
  send(FRAME.WINDOW_UPDATE, 0, 0, uint32(WINDOW - DEFAULT_WINDOW))
  socket.resume()

  return {
    request(headers, content, streamEvents) {
      const id = nextId
      nextId += 2
      const stream: Stream = {id, events: streamEvents, unsent: content, sendWindow: streamWindow, received: 0}
      streams.set(id, stream)
      send(FRAME.HEADERS, FLAG.END_HEADERS, id, encodeHeaders(headers))
      sendContent(stream)
      return () => {
        if (!streams.delete(id) || ended) return
        send(FRAME.RST_STREAM, 0, id, uint32(ERROR.CANCEL))
      }
    },
    destroy() {
      ended = true
      socket.destroy()
    },
  }
}
