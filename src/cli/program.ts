/**
 * Runs a command line and returns the exit status. Uses oclif's commands and parser, but not its discovery of files:
 * the command ids come from a generated table, only the module of the called command is loaded, and help reads the
 * embedded manifest. Shared by the npm program and the executable.
 */
import {HeadscaleError, usageError} from '../errors.ts'
import {type Resolution, resolveArgv} from './args/argv.ts'
import {COMMAND_TABLE} from './command-table.ts'
import {COMPLETE} from './completion/hidden-command.ts'
import type {Io} from './io/io.ts'
import {OutputClosed, type ProcessIo} from './io/process-io.ts'
import {createCommand} from './oclif/create-command.ts'
import {formatFromArgv} from './output/formats.ts'
import {createMessages} from './output/messages.ts'
import {wantsDebug} from './output/debug.ts'
import {VERSION} from './version.ts'

const IDS = Object.keys(COMMAND_TABLE)

/** Runs one command line. Never throws; errors are printed to standard error. @returns the exit status */
export async function runProgram(argv: readonly string[], io: ProcessIo): Promise<number> {
  if (argv[0] === COMPLETE) {
    await (await import('./completion/live/index.ts')).completeLine(argv.slice(1), io)
    return 0
  }
  const messages = createMessages(io, formatFromArgv(argv), wantsDebug(argv, io.env))
  try {
    const status = await dispatch(argv, {...io, ...messages})
    await io.flush()
    return await messages.finish({status})
  } catch (error) {
    return messages.finish(error instanceof OutputClosed ? {status: 0} : {error})
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  checkEncoding(argv)
  const [first, ...others] = argv
  if (first === 'help') return help(others, io)
  if (first === '--version') {
    await io.out(`headscale-ts ${VERSION}\n`)
    return 0
  }

  const resolution = resolveArgv(argv, IDS)
  switch (resolution.kind) {
    case 'unknown':
      // `nodes help`, `nodes help list`
      if (resolution.word === 'help' && resolution.topic !== null && resolution.rest.length === 0) {
        return help([resolution.topic, ...argv.slice(argv.indexOf('help') + 1)], io)
      }
      throw await unknownCommand(resolution)
    case 'topic': {
      const other = resolution.rest.find((word) => word !== '--help' && word !== '-h')
      if (other !== undefined) throw await missingCommand(resolution)
      return showHelp(resolution.topic, io)
    }
    case 'command': {
      const {id, rest, invokedAs} = resolution
      if (asksForHelp(rest)) return showHelp(id, io)
      const {default: Command} = await COMMAND_TABLE[id as keyof typeof COMMAND_TABLE]()
      return createCommand(Command, id, rest).execute(io, invokedAs)
    }
  }
}

/** Bytes that are not UTF-8 arrive as replacement characters or lone surrogates, so the original text is lost. */
function checkEncoding(argv: readonly string[]): void {
  const broken = argv.findIndex((word) => /[\ud800-\udfff\ufffd]/u.test(word))
  if (broken >= 0) throw usageError(`argument ${broken + 1} is not valid UTF-8`)
}

function asksForHelp(rest: readonly string[]): boolean {
  const end = rest.indexOf('--')
  return (end === -1 ? rest : rest.slice(0, end)).some((word) => word === '--help' || word === '-h')
}

/** `help`, `help nodes list`, `help environment` */
async function help(words: readonly string[], io: Io): Promise<number> {
  const {HELP_TOPICS} = await import('./help/topics.ts')
  const topic = HELP_TOPICS[words[0] ?? '']
  if (!topic || words.length > 1) return dispatch([...words, '--help'], io)
  await io.out(topic.text)
  return 0
}

/** @param subject a command id, a topic, or null for the program */
async function showHelp(subject: string | null, io: Io): Promise<number> {
  if (subject !== null && IDS.includes(subject)) {
    const {commandHelp} = await import('./help/command-help.ts')
    await io.out(commandHelp(subject))
    return 0
  }
  const {programHelp, topicHelp} = await import('./help/program-help.ts')
  await io.out(subject === null ? programHelp() : topicHelp(subject))
  return 0
}

/** Commands of the headscale binary that run the server or use its files, in lower case, and how they are typed. */
const SERVER_COMMANDS: Readonly<Record<string, string>> = {
  serve: 'serve',
  configtest: 'configtest',
  dumpconfig: 'dumpConfig',
  generate: 'generate private-key',
  gen: 'generate private-key',
  mockoidc: 'mockoidc',
}

async function unknownCommand(unknown: Resolution & {kind: 'unknown'}): Promise<HeadscaleError> {
  const {word, topic, rest} = unknown
  const line = topic === null ? '' : `${topic} `
  const onServer = topic === null ? SERVER_COMMANDS[word.toLowerCase()] : undefined
  if (onServer !== undefined) {
    return usageError(
      `"${word}" is a command of the headscale server`,
      `run it with the headscale binary on the server: headscale ${onServer}`,
    )
  }
  const [{suggestWord}, {quoted}, {changesServer}] = await Promise.all([
    import('./args/suggest.ts'),
    import('./args/quoted.ts'),
    import('./oclif/manifest.ts'),
  ])
  const flag = await unknownFlagAmong(rest)
  if (flag) return flag
  const near = suggestWord(word, topic, IDS, changesServer)
  // `-t nodes list`: before the command is known, -t is parsed as a flag with a value, as in headscale's command line.
  const taken = rest.findIndex((other, i) => i > 0 && rest[i - 1]!.startsWith('-') && isFirstWord(other))
  const hint =
    taken > 0
      ? `${rest[taken - 1]} took "${rest[taken]}" as its value: put flags after the command`
      : near
        ? `did you mean: headscale-ts ${line}${near}`
        : `see: headscale-ts ${line}--help`
  return usageError(`unknown command ${quoted(line + word)}`, hint)
}

async function missingCommand({topic, rest}: {topic: string | null; rest: readonly string[]}): Promise<HeadscaleError> {
  const flag = await unknownFlagAmong(rest)
  if (flag) return flag
  return topic === null
    ? usageError('no command given', 'see: headscale-ts --help')
    : usageError(`"${topic}" needs a subcommand`, `see: headscale-ts ${topic} --help`)
}

/** The error for the first flag that no command has. It takes precedence over other errors. */
async function unknownFlagAmong(rest: readonly string[]): Promise<HeadscaleError | null> {
  const [{isFlagOfAnyCommand}, {unknownFlagText}] = await Promise.all([
    import('./oclif/manifest.ts'),
    import('./oclif/parse-errors.ts'),
  ])
  const flag = rest
    .slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length)
    .map((word) => word.split('=')[0]!)
    .map((word) => (word.startsWith('--') ? word : word.slice(0, 2)))
    .find((word) => /^-./.test(word) && !isFlagOfAnyCommand(word) && word !== '--version')
  return flag === undefined ? null : usageError(unknownFlagText(flag), 'see: headscale-ts --help')
}

function isFirstWord(word: string): boolean {
  return resolveArgv([word], IDS).kind !== 'unknown'
}
