/**
 * Malicious input for the derp commands: both programs end with a clear error, in time, and use no more memory than a
 * small server has. Tests of the single modules are in test/derp and test/derp-check.
 */
import {execFileSync, spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {once} from 'node:events'
import {readFileSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {createServer, type Server, type Socket} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

import {frame, startFakeRelay, startRawServer} from '../derp-check/support/fake-relay.ts'
import {serve} from '../derp/support.ts'
import {childEnv, MATRIX_PROGRAMS, type Outcome, PROGRAMS, type ProgramName, scratchFolder} from '../support/program.ts'

const MIB = 1024 * 1024
/** Nine lists of ten aliases each: a thousand million values. */
const EXPLODING = Array.from({length: 9}, (_, i) => {
  const items = Array<string>(10).fill(i === 0 ? 'x' : `*a${i - 1}`)
  return `a${i}: &a${i} [${items.join(', ')}]\n`
}).join('')
/** One list of 2,000 nodes in each of 2,000 regions. */
const SQUARED = `nodes: &n [${Array<string>(2000).fill('{name: a, hostname: b.example.com}').join(', ')}]
regions:
${Array.from({length: 2000}, (_, i) => `  ${i + 1}: {regionid: ${i + 1}, nodes: *n}\n`).join('')}`

interface Measured extends Outcome {
  seconds: number
  /** The peak memory of the program; 0 where the system does not report it. */
  megabytes: number
}

/** Runs a program and measures its memory. A program that does not end is killed after 30 seconds. */
function measure(program: ProgramName, words: readonly string[], cwd: string): Promise<Measured> {
  const [file, ...args] = PROGRAMS[program]
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args, 'derp', ...words], {
      env: childEnv(),
      cwd,
      timeout: 30_000,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out = {stdout: '', stderr: ''}
    let megabytes = 0
    const watch = setInterval(() => (megabytes = Math.max(megabytes, peakOf(child.pid))), 10)
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text))
    child.on('error', reject)
    child.on('close', (code) => {
      clearInterval(watch)
      resolve({...out, status: code ?? 128, seconds: (performance.now() - started) / 1000, megabytes})
    })
  })
}

/** The peak memory of a process in MiB. The kernel records it, so no peak between two readings is missed. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Writes as long as the other side reads. */
function pour(socket: Socket, chunk: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
    if (!socket.destroyed) socket.once('drain', more)
  }
  more()
}

/** A command line, its exit status, and what it says. */
const CASES = [
  ['validate large.yaml', 6, /^error: large\.yaml is larger than 1 MiB\nhint: /],
  ['validate --config large.yaml', 6, /^error: large\.yaml is larger than 1 MiB\nhint: /],
  ['show large.yaml', 6, /^error: large\.yaml is larger than 1 MiB\nhint: /],
  ['render --from large.yaml', 6, /^error: large\.yaml is larger than 1 MiB\nhint: /],
  ['diff large.yaml large.yaml', 6, /^error: large\.yaml is larger than 1 MiB\nhint: /],
  ['check large.yaml', 6, /^error: large\.yaml is larger than 1 MiB\nhint: /],
  ['pin large.crt', 6, /^error: large\.crt is not a certificate: it is larger than 1 MiB\nhint: /],
  [
    'render --ip 198.51.100.8 --cert large.crt',
    6,
    /^error: large\.crt is not a certificate: it is larger than 1 MiB\nhint: /,
  ],
  ['check 127.0.0.1:1 --ca-file large.crt', 6, /^error: large\.crt is larger than 1 MiB\nhint: /],
  ['check 127.0.0.1:1 --node-key-file /dev/zero', 6, /^error: \/dev\/zero is larger than 1 MiB\nhint: /],
  ['check 127.0.0.1:1 --mesh-key-file /dev/zero', 6, /^error: \/dev\/zero is larger than 1 MiB\nhint: /],
  ['validate deep.yaml', 6, /^deep\.yaml:1:\d+: .*more than 200 levels deep/],
  ['check deep.yaml', 6, /^error: deep\.yaml.*more than 200 levels deep/],
  ['show deep.json', 6, /^error: deep\.json.*more than 200 levels deep/],
  ['validate exploding.yaml', 6, /^exploding\.yaml:\d+:\d+: error too-large: .*more than 5000000 values/],
  ['render --from exploding.yaml', 6, /^error: exploding\.yaml.*more than 5000000 values\nhint: /],
  ['validate squared.yaml', 6, /squared\.yaml.*more than 5000000 values/],
  ['check squared.yaml', 6, /^error: squared\.yaml.*more than 5000000 values\nhint: /],
  ['validate commas.yaml', 6, /^commas\.yaml:1:\d+: error too-large: .*more than 500000 tokens/],
  ['show commas.yaml', 6, /^error: commas\.yaml:1:\d+: the text has more than 500000 tokens/],
  ['validate aliases.yaml', 6, /^aliases\.yaml:\d+:\d+: error too-large: .*more than 500000 tokens/],
  ['validate pipe', 6, /^error: cannot read pipe: nothing is written to the pipe\nhint: /],
  ['check loop.yaml', 6, /^error: cannot read loop\.yaml: it is a loop of symbolic links\nhint: /],
  ['validate --config loop.yaml', 6, /^error: cannot read loop\.yaml: it is a loop of symbolic links\nhint: /],
  ['validate socket', 6, /^error: cannot read socket: it is a socket\nhint: /],
  ['show config.yaml --for 0.29', 6, /http:\S+ is larger than 1 MiB/],
  ['check config.yaml', 6, /http:\S+ is larger than 1 MiB/],
  ['validate STREAM', 6, /^error: http:\S+ is larger than 1 MiB\nhint: /],
  ['render --from STREAM', 6, /^error: http:\S+ is larger than 1 MiB\nhint: /],
  ['check STREAM', 6, /^error: http:\S+ is larger than 1 MiB\nhint: /],
  ['check 127.0.0.1:GARBAGE --stun-port=-1 --timeout 2s', 6, /not-tls: not TLS: /],
  ['pin 127.0.0.1:GARBAGE', 7, /^error: no certificate from 127\.0\.0\.1:\d+: not TLS: /],
  [
    'check 127.0.0.1:RELAY --stun-port=-1 --timeout 2s --insecure-for-tests',
    6,
    /protocol-error: .*frame 0x01 of 4294967295 bytes, at most 1024 allowed/,
  ],
] as const

describe.for(MATRIX_PROGRAMS)('the %s', (program) => {
  let cwd: string
  let socket: Server
  let stream: {url: string; close: () => void}
  let garbage: {port: number; close(): Promise<unknown>}
  let relay: Awaited<ReturnType<typeof startFakeRelay>>

  beforeAll(async () => {
    cwd = scratchFolder()
    for (const name of ['large.yaml', 'large.crt']) {
      writeFileSync(join(cwd, name), 'regions:\n')
      truncateSync(join(cwd, name), 50 * MIB)
    }
    writeFileSync(join(cwd, 'deep.yaml'), '['.repeat(MIB))
    writeFileSync(join(cwd, 'deep.json'), '{"Regions":'.repeat(MIB / 16))
    writeFileSync(join(cwd, 'exploding.yaml'), `${EXPLODING}regions: {900: {regionid: 900, nodes: *a8}}\n`)
    writeFileSync(join(cwd, 'squared.yaml'), SQUARED)
    writeFileSync(join(cwd, 'commas.yaml'), `[${','.repeat(MIB - 2)}]`)
    writeFileSync(join(cwd, 'aliases.yaml'), '- *a\n'.repeat(MIB / 5))
    execFileSync('mkfifo', [join(cwd, 'pipe')])
    symlinkSync('loop.yaml', join(cwd, 'loop.yaml'))
    socket = createServer().listen(join(cwd, 'socket'))
    await once(socket, 'listening')
    stream = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    })
    writeFileSync(join(cwd, 'config.yaml'), `server_url: http://127.0.0.1\nderp:\n  urls: [${stream.url}]\n`)
    garbage = await startRawServer((socket) => pour(socket, randomBytes(65_536)))
    relay = await startFakeRelay({afterUpgrade: (socket) => pour(socket, frame(1, Buffer.alloc(65_536), 0xffffffff))})
  })
  afterAll(async () => {
    stream.close()
    socket.close()
    await garbage.close()
    await relay.close()
  })

  test.for(CASES)('derp %s', async ([line, status, says]) => {
    const words = line
      .replace('STREAM', stream.url)
      .replace('GARBAGE', String(garbage.port))
      .replace('RELAY', String(relay.port))
    const outcome = await measure(program, words.split(' '), cwd)
    expect(outcome.stdout + outcome.stderr).toMatch(says)
    expect(outcome.stderr).not.toMatch(/internal error|^\s+at /m)
    expect(outcome.status).toBe(status)
    expect(outcome.seconds).toBeLessThan(20)
    expect(outcome.megabytes).toBeLessThan(400)
  })
})
