/**
 * `headscale-ts __complete SHELL =WORD WORDS…`: the names to offer at the cursor, for the completion scripts. WORD is the
 * one at the cursor, as far as it is typed; WORDS are those before it. Both are as typed, with quotes, from bash and zsh;
 * fish and PowerShell give WORDS without quotes. The `=` keeps PowerShell from dropping an empty word.
 *
 * Completion must never get in the way: any failure prints nothing, and so does a server that does not answer in time. A
 * process in the background then waits for the answer, so that the next TAB has it.
 */
import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import type {ConnectionFlags} from '../../../config/sources.ts'
import {resolveTarget, type ServerTarget} from '../../../config/target.ts'
import type {LiveKind} from '../../flags.ts'
import type {Io} from '../../io/io.ts'
import type {ProcessIo} from '../../io/process-io.ts'
import {COMPLETE} from '../hidden-command.ts'
import {parseDuration} from '../../../domain/values/duration.ts'
import {beginReading, cacheKey, recallNames, rememberNames} from './cache.ts'
import type {LiveName} from './names.ts'
import {printedNames} from './print.ts'
import {expandedWord, readTypedWord, UNKNOWN} from './shell-word.ts'
import {readTypedLine, type TypedLine} from './typed-line.ts'

/** How long the server may take: less if the program started slowly, so that a person waits no longer than 150 ms. */
const LIMIT_MS = 100
const LEAST_LIMIT_MS = 50
const ALL_MS = 140

/** The same for the process in the background, which has this variable. */
const BACKGROUND_LIMIT_MS = 5000
const IN_BACKGROUND = 'HEADSCALE_TS_COMPLETION_IN_BACKGROUND'

/** Prints the names to offer, or nothing. Never throws. @param argv what follows `__complete` */
export async function completeLine(argv: readonly string[], io: ProcessIo): Promise<void> {
  try {
    await io.out(await offeredNames(argv, io))
    await io.flush()
  } catch {
    // Not even a usage error: the line is not finished.
  }
}

function limitOf({HEADSCALE_TS_COMPLETION_TIMEOUT: text, [IN_BACKGROUND]: background}: ProcessIo['env']): number {
  if (background) return BACKGROUND_LIMIT_MS
  if (text) return parseDuration(text)
  return Math.max(LEAST_LIMIT_MS, Math.min(LIMIT_MS, ALL_MS - performance.now()))
}

async function offeredNames(argv: readonly string[], io: ProcessIo): Promise<string> {
  const limitMs = limitOf(io.env)
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
  // The limit ends the wait; this ends the request soon after, where the process goes on.
  const limited = {...target, timeoutMs: Math.min(target.timeoutMs, limitMs + 50)}
  const over = new AbortController()
  const limit = io.sleep(limitMs, over.signal).then(() => null)
  // What cannot be read, as routes of a node that does not exist, does not keep the rest away.
  const reads = line.kinds.map((kind) => Promise.race([namesOf(kind, line, limited, io).catch(() => []), limit]))
  const names = await Promise.all(reads)
  over.abort()
  const late = line.kinds.find((_, i) => names[i] === null)
  if (late) await readInBackground(argv, keyOf(late, line, target), io)
  return printedNames(
    shell,
    names.flatMap((some) => some ?? []),
    {raw, word, line},
  )
}

async function readInBackground(argv: readonly string[], key: string | null, io: ProcessIo): Promise<void> {
  if (!io.startInBackground || io.env[IN_BACKGROUND] || !beginReading(key, BACKGROUND_LIMIT_MS, io)) return
  await io.startInBackground([COMPLETE, ...argv], {[IN_BACKGROUND]: '1'})
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

/** The nodes that names depend on. */
const nodesFor = (kind: LiveKind, {nodes}: TypedLine) => (kind === 'route' ? nodes : [])

function keyOf(kind: LiveKind, line: TypedLine, target: ServerTarget): string | null {
  return cacheKey(target, [kind, ...nodesFor(kind, line)])
}

async function namesOf(kind: LiveKind, line: TypedLine, target: ServerTarget, io: ProcessIo): Promise<LiveName[]> {
  const key = keyOf(kind, line, target)
  const kept = recallNames(key, io)
  if (kept) return kept
  // Loaded only where the server is asked.
  const [{onTarget}, {READ_NAMES}] = await Promise.all([import('../../connection.ts'), import('./names.ts')])
  const {result} = await onTarget(target, silent(io), {reading: true, quiet: true}, (api) =>
    READ_NAMES[kind](api, {nodes: nodesFor(kind, line), now: io.now()}),
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
