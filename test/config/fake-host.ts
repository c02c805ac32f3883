/**
 * A temporary folder in place of a machine: its /etc/headscale, a home, a working directory, the default sockets.
 *
 * A test writes files into it and asks where the server is. Outcomes are compared as plain objects in which the
 * folder's own path reads `~`, so that whole messages can be spelled out in the tests.
 */
import {execFileSync} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {buildSync} from 'esbuild'
import type {ConfigHost, ConnectionFlags} from '../../src/config/target.ts'
import {type Outcome, outcomeOf} from './outcome.ts'

/** A key of the dotted form, which releases up to 0.27 give out. */
export const KEY = 'iaWkJQ9.RT-tuTQVZjU0zpmZnoOZ8bgYkGXRfmSOzTKWSGCZNPk'

/** Bun, which the executable runs on and which has a YAML parser of its own. */
export const BUN = fileURLToPath(new URL('../../node_modules/.bin/bun', import.meta.url))

interface ProcessOptions {
  runtime?: string
  uid?: number
  stdin?: string
}

export interface FakeHost {
  root: string
  /** Writes a file, its folders included; returns its path. By default others can read it, unless it holds a key. */
  write(path: string, text: string | Uint8Array, mode?: number): string
  configHost(env?: Record<string, string>): ConfigHost
  resolve(flags?: ConnectionFlags, env?: Record<string, string>): Promise<Outcome>
  /** The same in a process of its own: under Bun, as another user, or with something on standard input. */
  resolveApart(flags: ConnectionFlags, env: Record<string, string>, how: ProcessOptions): Outcome
  /** The same, without flags and variables, with each text in the file; the file exists. */
  resolveTexts(path: string, texts: readonly string[], how: ProcessOptions): Outcome[]
  remove(): void
}

let bundle: string | null = null

/** The program of `resolveApart` in one text, which starts several times faster than its sources. */
function bundled(): string {
  bundle ??= buildSync({
    entryPoints: [fileURLToPath(new URL('resolve-apart.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'node',
    // The YAML library is CommonJS and requires modules of Node.
    banner: {js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url)"},
    write: false,
  }).outputFiles[0]!.text
  return bundle
}

export function createFakeHost(): FakeHost {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'hs-config-')))
  chmodSync(root, 0o755)
  for (const folder of ['etc', 'home', 'cwd', 'run', 'lib']) mkdirSync(join(root, folder))

  const configHost = (env: Record<string, string> = {}): ConfigHost => ({
    env,
    home: join(root, 'home'),
    cwd: join(root, 'cwd'),
    locations: {
      configFolder: join(root, 'etc'),
      serverFolder: join(root, 'lib'),
      sockets: [join(root, 'run/headscale/headscale.sock'), join(root, 'run/headscale.sock')],
    },
  })
  const plain = (outcome: Outcome): Outcome => JSON.parse(JSON.stringify(outcome).replaceAll(root, '~')) as Outcome

  function apart(
    flags: ConnectionFlags,
    env: Record<string, string>,
    file: {path: string; texts: readonly string[]} | null,
    {runtime = process.execPath, uid, stdin}: ProcessOptions,
  ): Outcome[] {
    const program = join(root, 'resolve-apart.mjs')
    writeFileSync(program, bundled())
    const answer = execFileSync(runtime, [program, JSON.stringify({flags, host: configHost(env), file})], {
      input: stdin ?? '',
      encoding: 'utf8',
      ...(uid === undefined ? {} : {uid, gid: uid}),
    })
    return (JSON.parse(answer) as Outcome[]).map(plain)
  }

  return {
    root,
    write(path, text, mode = /api_key/i.test(String(text)) ? 0o600 : 0o644) {
      const full = join(root, path)
      mkdirSync(dirname(full), {recursive: true})
      writeFileSync(full, text)
      chmodSync(full, mode)
      return full
    },
    configHost,
    async resolve(flags = {}, env = {}) {
      return plain(await outcomeOf(flags, configHost(env)))
    },
    resolveApart: (flags, env, how) => apart(flags, env, null, how)[0]!,
    resolveTexts: (path, texts, how) => apart({}, {}, {path: join(root, path), texts}, how),
    remove: () => rmSync(root, {recursive: true, force: true}),
  }
}

/** An outcome that is a usage error. */
export function failure(error: string, hint: string | null): Outcome {
  return {error, hint, code: 'usage', exit: 2}
}

/** An outcome that is a socket. */
export function socket(path: string, source: string, more: Record<string, unknown> = {}): Outcome {
  return {target: {kind: 'socket', path, source, ...more}}
}

/** An outcome that is a remote server, reached with KEY unless another is named. */
export function remote(url: string, source: string, more: Record<string, unknown> = {}): Outcome {
  return {target: {kind: 'remote', url, apiKey: KEY, source, ...more}}
}
