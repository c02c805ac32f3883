/**
 * Standard output and standard error. A terminal is written to through the runtime's streams. A pipe or a file is written
 * to directly: loading the streams would take a fifth of the CPU time of one command.
 */
import {fstatSync, writeSync} from 'node:fs'

/** The descriptors of standard input, standard output and standard error. */
const DESCRIPTORS = {stdin: 0, stdout: 1, stderr: 2} as const

/** Linux: the major number of /dev/null, /dev/full and the like, which are character devices as terminals are. */
const MEMORY_DEVICES = 1

/** Whether the stream is a terminal. The runtime is asked only if it can be one. */
export function isTerminal(name: keyof typeof DESCRIPTORS): boolean {
  // Consoles of Windows cannot be recognized by their descriptor.
  if (process.platform !== 'win32' && !canBeTerminal(DESCRIPTORS[name])) return false
  return process[name].isTTY === true
}

function canBeTerminal(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor)
    return stat.isCharacterDevice() && !(process.platform === 'linux' && stat.rdev >> 8 === MEMORY_DEVICES)
  } catch {
    return false
  }
}

export interface OutputStream {
  isTerminal: boolean
  /** Writes text, in order; waits while the buffer of a terminal is full. @throws the error of the system */
  write(text: string): Promise<void>
  /** Waits until all text is written. @throws the error of the system */
  flush(): Promise<void>
  /** Writes text without waiting for a terminal. @throws the error of the system, for a pipe or a file */
  writeNow(text: string): void
}

/** The stream of this process. */
export function outputStream(name: 'stdout' | 'stderr'): OutputStream {
  if (process.platform === 'win32' || isTerminal(name)) return runtimeStream(process[name])
  const writeNow = (text: string) => writeAll(DESCRIPTORS[name], text)
  return {isTerminal: false, write: async (text) => writeNow(text), flush: async () => {}, writeNow}
}

/** Writes to a descriptor and waits, as it does itself unless another process has set it to non-blocking. */
function writeAll(descriptor: number, text: string): void {
  let rest: Uint8Array = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

function runtimeStream(stream: NodeJS.WriteStream): OutputStream {
  let failure: Error | null = null
  stream.on('error', (error: Error) => (failure ??= error))

  const write = (text: string, whenWritten: boolean) =>
    new Promise<void>((resolve, reject) => {
      const done = () => (failure ? reject(failure) : resolve())
      if (failure) return done()
      if (whenWritten) return void stream.write(text, done)
      if (stream.write(text)) return done()
      stream.once('drain', settle).once('error', settle)
      function settle() {
        stream.off('drain', settle).off('error', settle)
        done()
      }
    })
  return {
    isTerminal: stream.isTTY === true,
    write: (text) => write(text, false),
    flush: () => write('', true),
    writeNow: (text) => void stream.write(text),
  }
}
