/** What the contract suites share: a server started for a suite, the program asked for JSON, the library beside it. */
import {afterAll, beforeAll, expect} from 'vitest'
import type {ControlApi} from '../../src/api/control-api.ts'
import type {Connection} from '../../src/api/connect.ts'
import {type Env, type Outcome, runHere} from './program.ts'
import type {ServerSpec, TestServer} from './servers.ts'

export interface Subject {
  /** The library's view of the server; only within tests. */
  api: ControlApi
  /** What the program finds the server by; only within tests. */
  env: Env
  /** Runs the program in process. */
  run(...argv: string[]): Promise<Outcome>
  /** Runs it with -o json, expects it to go well, and gives what it printed. */
  json<T>(...argv: string[]): Promise<T>
  /** Runs it with -o json, expects an error and nothing else, and gives the error. */
  refusal(...argv: string[]): Promise<{code: string; exitCode: number; message: string; hint: string | null}>
}

/** Starts the server before the tests of a suite and ends it after them. */
export function serve(spec: ServerSpec): Subject {
  let server: TestServer
  let connection: Connection
  beforeAll(async () => {
    server = await spec.start()
    connection = await server.connect()
  })
  afterAll(async () => {
    connection?.close()
    await server?.close()
  })
  const run = (...argv: string[]) => runHere(argv, {env: server.env})
  return {
    get api() {
      return connection.api
    },
    get env() {
      return server.env
    },
    run,
    async json<T>(...argv: string[]) {
      const {status, stdout, stderr} = await run(...argv, '-o', 'json')
      expect([status, stderr], argv.join(' ')).toEqual([0, ''])
      return JSON.parse(stdout) as T
    },
    async refusal(...argv) {
      const {status, stdout, stderr} = await run(...argv, '-o', 'json')
      expect([status === 0, stdout], argv.join(' ')).toEqual([false, ''])
      const {error} = JSON.parse(stderr) as {
        error: {code: string; exitCode: number; message: string; hint: string | null}
      }
      expect(error.exitCode).toBe(status)
      return error
    },
  }
}
