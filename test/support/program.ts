/**
 * Runs the program as its users do: the npm program and the executable as child processes, and the same command line in
 * process where a test needs a clock, a terminal or speed. All return status, standard output and standard error.
 *
 * A child is independent of the developer's machine: no HEADSCALE_* variable, its own home and cache folder, and a time
 * zone other than UTC, so that a table in local time would be noticed.
 */
import {spawn} from 'node:child_process'
import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {ProcessIo} from '../../src/cli/io/process-io.ts'
import {runProgram} from '../../src/cli/program.ts'
import {EXECUTABLE, ROOT} from './paths.ts'

export interface Outcome {
  status: number
  stdout: string
  stderr: string
}

export type Env = Record<string, string | undefined>

/**
 * The two programs that users install, as the arguments that start them: those of this checkout, or in
 * `npm run test:release` those that were installed from a release.
 */
export const PROGRAMS: Readonly<Record<'npm program' | 'executable', readonly [string, ...string[]]>> = {
  'npm program': [process.execPath, process.env.HEADSCALE_TS_NPM_PROGRAM ?? join(ROOT, 'bin/run.js')],
  executable: [process.env.HEADSCALE_TS_EXECUTABLE ?? join(ROOT, EXECUTABLE)],
}

export type ProgramName = keyof typeof PROGRAMS

export const PROGRAM_NAMES = Object.keys(PROGRAMS) as ProgramName[]

/** Whether this run tests every release and both programs everywhere: `npm run test:matrix`, `npm run test:real`. */
export const MATRIX = process.env.HEADSCALE_TS_MATRIX === '1'

/** The programs of a suite with many cases: the one that starts faster in `npm test`, both in `npm run test:matrix`. */
export const MATRIX_PROGRAMS: readonly ProgramName[] = MATRIX ? PROGRAM_NAMES : ['executable']

/** Every variant of a suite with a program: in `npm test` the programs take turns, in `npm run test:matrix` both run all. */
export function withPrograms<T extends object>(variants: readonly T[]): (T & {program: ProgramName})[] {
  return variants.flatMap((variant, i) => {
    const programs = MATRIX ? PROGRAM_NAMES : [PROGRAM_NAMES[i % PROGRAM_NAMES.length]!]
    return programs.map((program) => ({...variant, program}))
  })
}

export interface InProcess {
  env?: Env
  home?: string | null
  cwd?: string
  now?: () => Date
  /** Waits, for tests that do something meanwhile. */
  sleep?: (ms: number) => Promise<void>
  /** Receives the function that interrupts the command, as Ctrl-C does. */
  interrupt?: (press: () => void) => void
  /** Whether stdout is a terminal. */
  terminal?: boolean
  /** The width of this terminal; null if it does not report one. */
  width?: number | null
  /** Minutes of local time ahead of UTC. */
  zoneOffset?: number
  /** Whether stdout supports colours. */
  colour?: boolean
  /** The answer to every question, or what gives it; without it there is no terminal. */
  answer?: boolean | (() => Promise<boolean>)
  /** The answers to questions for a text, in order; without them, and without `answer`, there is no terminal. */
  answers?: string[]
}

/** Runs a command line in this process. @param options.home a folder of the test; nothing is cached without one */
export async function runHere(argv: readonly string[], options: InProcess = {}): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  const {
    env = {},
    home = null,
    cwd = tmpdir(),
    now = () => new Date(),
    width = null,
    terminal = width !== null,
    zoneOffset = 0,
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    interrupt,
    colour = false,
    answer,
    answers: texts,
  } = options
  const answers = [...(texts ?? [])]
  const io: ProcessIo = {
    out: async (text) => void (stdout += text),
    flush: async () => {},
    err: (text) => void (stderr += text),
    outIsTerminal: terminal,
    outWidth: () => (terminal ? width : null),
    canAsk: answer !== undefined || texts !== undefined,
    onInterrupt(handler) {
      interrupt?.(handler)
      return () => {}
    },
    async ask(question) {
      stderr += `? ${question}\n`
      return typeof answer === 'function' ? answer() : answer === true
    },
    async askText(question, byDefault) {
      stderr += `? ${question}\n`
      return answers.shift() ?? byDefault
    },
    colour: {out: colour, err: false},
    errIsTerminal: false,
    errWidth: () => null,
    env,
    home,
    cwd,
    now,
    zoneOffset: () => zoneOffset,
    sleep,
  }
  const status = await runProgram(argv, io)
  return {status, stdout, stderr}
}

/** A folder for homes and caches, removed at the end of the test run. */
export function scratchFolder(): string {
  return mkdtempSync(join(process.env.HEADSCALE_TS_SCRATCH ?? tmpdir(), 'f-'))
}

/** A new folder, and a function that writes a file in it and returns its path. */
export function scratchFiles(): {folder: string; file: (name: string, text: string) => string} {
  const folder = scratchFolder()
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  return {folder, file}
}

export interface InChild {
  env?: Env
  input?: string
  /** Runs as this user and group; needs root. */
  uid?: number
  cwd?: string
}

/** The environment of a child: the caller's PATH, and what the test gives it. */
export function childEnv(env: Env = {}): NodeJS.ProcessEnv {
  const home = scratchFolder()
  return {PATH: process.env.PATH, TZ: 'Asia/Hong_Kong', HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ...env}
}

/** Runs one of the programs as a child process, by default with empty standard input. */
export function runChild(program: ProgramName, argv: readonly string[], options: InChild = {}): Promise<Outcome> {
  return runCommand([...PROGRAMS[program], ...argv], options)
}

/** Runs a shell script in which `headscale-ts` is the program. bash, since the exit status of each part of a pipe counts. */
export function runScript(program: ProgramName, script: string, options: InChild = {}): Promise<Outcome> {
  const command = PROGRAMS[program].map((argument) => `'${argument}'`).join(' ')
  return runCommand(['bash', '-c', `headscale-ts() { ${command} "$@"; }\n${script}`], options)
}

export function runCommand([file, ...args]: readonly string[], {env, input, uid, cwd}: InChild = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file!, args, {
      env: childEnv(env),
      cwd: cwd ?? tmpdir(),
      ...(uid === undefined ? {} : {uid, gid: uid}),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({status: code ?? (signal === null ? 1 : 128), stdout, stderr}))
    // A program that ends without reading its input closes the pipe.
    child.stdin.on('error', () => {})
    child.stdin.end(input ?? '')
  })
}

/** Replaces the times of tables, which differ from run to run, by text of the same width. */
export function maskTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'YYYY-MM-DD HH:MM:SS')
}
