/**
 * `headscale-ts __complete SHELL =WORD WORDS…`: the names to offer at the cursor, for the completion scripts. WORD is the
 * one at the cursor, as far as it is typed; WORDS are those before it. Both are as typed, with quotes, from bash and zsh;
 * fish and PowerShell give WORDS without quotes. The `=` keeps PowerShell from dropping an empty word.
 *
 * Completion must never get in the way: any failure prints nothing, and so does a server that does not answer in time.
 */
import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import type {ConnectionFlags} from '../../../config/sources.ts'
import {resolveTarget, type ServerTarget} from '../../../config/target.ts'
import type {LiveKind} from '../../flags.ts'
import type {Io} from '../../io/io.ts'
import type {ProcessIo} from '../../io/process-io.ts'
import {parseDuration} from '../../../domain/values/duration.ts'
import {cacheKey, recallNames, rememberNames} from './cache.ts'
import type {LiveName} from './names.ts'
import {printedNames} from './print.ts'
import {expandedWord, readTypedWord, UNKNOWN} from './shell-word.ts'
import {readTypedLine, type TypedLine} from './typed-line.ts'

/** With the start of the program, a person waits no longer than 150 ms. */
const LIMIT_MS = 100

/** Prints the names to offer, or nothing. Never throws. @param argv what follows `__complete` */
export async function completeLine(argv: readonly string[], io: ProcessIo): Promise<void> {
  try {
    const limitMs = limitOf(io.env.HEADSCALE_TS_COMPLETION_TIMEOUT)
    await io.out(await offeredNames(argv, io, limitMs))
    await io.flush()
  } catch {
    // Not even a usage error: the line is not finished.
  }
}

function limitOf(text: string | undefined): number {
  return text ? parseDuration(text) : LIMIT_MS
}

async function offeredNames(argv: readonly string[], io: ProcessIo, limitMs: number): Promise<string> {
  const [shell = '', marked = '', ...words] = argv
  const raw = marked.slice(1)
  const quoted = shell === 'bash' || shell === 'zsh'
  const word = readTypedWord(raw, io)
  const line = readTypedLine(
    words.map((one) => (quoted ? readTypedWord(one, io).text : expandedWord(one, io))),
    word.text,
  )
  if (line === null || [word.text, ...Object.values(line.connection), ...line.nodes].includes(UNKNOWN)) return ''
  if (!readsOnlyFiles(line.connection, io)) return ''
  const {target} = await resolveTarget(line.connection, {env: io.env, home: io.home, cwd: io.cwd})
  const limited = {...target, timeoutMs: Math.min(target.timeoutMs, limitMs)}
  const reading = Promise.all(line.kinds.map((kind) => namesOf(kind, line, limited, io)))
  const over = new AbortController()
  const names = await Promise.race([reading, io.sleep(limitMs, over.signal)])
  over.abort()
  return names ? printedNames(shell, names.flat(), {raw, word, line}) : ''
}

/** Standard input and pipes are left alone: they belong to the command that is being typed. */
function readsOnlyFiles({config, apiKeyFile, caFile}: ConnectionFlags, {env, cwd}: ProcessIo): boolean {
  const paths = [config, apiKeyFile, caFile, env.HEADSCALE_CONFIG, env.HEADSCALE_CLI_API_KEY_FILE]
  return paths.every((path) => {
    if (path === '-') return false
    const stats = path ? statSync(resolve(cwd, path.trim()), {throwIfNoEntry: false}) : undefined
    return stats === undefined || stats.isFile()
  })
}

async function namesOf(kind: LiveKind, {nodes}: TypedLine, target: ServerTarget, io: ProcessIo): Promise<LiveName[]> {
  const ofNodes = kind === 'route' ? nodes : []
  const key = cacheKey(target, [kind, ...ofNodes])
  const kept = recallNames(key, io)
  if (kept) return kept
  // Loaded only where the server is asked.
  const [{onTarget}, {READ_NAMES}] = await Promise.all([import('../../connection.ts'), import('./names.ts')])
  const {result} = await onTarget(target, silent(io), {reading: true, quiet: true}, (api) =>
    READ_NAMES[kind](api, {nodes: ofNodes, now: io.now()}),
  )
  rememberNames(key, result, io)
  return result
}

/** The process without its messages. */
function silent(io: ProcessIo): Io {
  const nothing = () => {}
  return {
    ...io,
    warn: nothing,
    note: nothing,
    notice: nothing,
    debug: undefined,
    progress: nothing,
    waitFor: () => nothing,
    ask: async () => false,
  }
}
