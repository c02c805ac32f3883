/**
 * The program: argv in, exit status out. oclif's commands, parser and help without its discovery of files: ids come
 * from a generated table, a command's module is loaded when it is the one called, help reads the embedded manifest.
 * npm program and executable both start here.
 */
import {HeadscaleError} from '../errors.ts'
import {resolveArgv} from './args/argv.ts'
import {COMMAND_TABLE} from './command-table.ts'
import {type Io, OutputClosed, type ProcessIo} from './io.ts'
import {formatFromArgv} from './output/formats.ts'
import {createMessages} from './output/messages.ts'
import {VERSION} from './version.ts'

/** Runs one command line. Never throws; what went wrong is on standard error. @returns the exit status */
export async function runProgram(argv: readonly string[], io: ProcessIo): Promise<number> {
  const messages = createMessages(io, formatFromArgv(argv))
  try {
    const status = await dispatch(argv, {...io, ...messages})
    await io.flush()
    return await messages.finish({status})
  } catch (error) {
    return messages.finish(error instanceof OutputClosed ? {status: 0} : {error})
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [first, ...others] = argv
  if (first === 'help') return dispatch([...others, '--help'], io)
  if (first === '--version') {
    await io.out(`headscale-ts ${VERSION}\n`)
    return 0
  }

  const resolution = resolveArgv(argv, Object.keys(COMMAND_TABLE))
  switch (resolution.kind) {
    case 'unknown':
      throw await unknownWord(resolution.word, resolution.topic)
    case 'topic': {
      const stray = resolution.rest.find((word) => word !== '--help' && word !== '-h')
      if (stray !== undefined) throw missingCommand(resolution.topic)
      return showHelp(resolution.topic, io)
    }
    case 'command': {
      const {id, rest, typed} = resolution
      if (asksForHelp(rest)) return showHelp(id, io)
      const {default: Command} = await COMMAND_TABLE[id as keyof typeof COMMAND_TABLE]()
      Command.id = id
      const command = new Command(rest, CONFIG as never)
      return command.execute(io, typed)
    }
  }
}

/** What oclif's Command asks of its configuration when nothing is discovered. */
const CONFIG = {bin: 'headscale-ts', runHook: async () => ({successes: [], failures: []})}

function asksForHelp(rest: readonly string[]): boolean {
  const end = rest.indexOf('--')
  return (end === -1 ? rest : rest.slice(0, end)).some((word) => word === '--help' || word === '-h')
}

async function showHelp(subject: string | null, io: Io): Promise<number> {
  const {helpText} = await import('./oclif/help.ts')
  await io.out(await helpText(subject))
  return 0
}

async function unknownWord(word: string, topic: string | null): Promise<HeadscaleError> {
  const [{nearest}, {wordsOf}] = await Promise.all([import('./args/nearest.ts'), import('./args/vocabulary.ts')])
  const near = nearest(word, wordsOf(topic, Object.keys(COMMAND_TABLE)))
  const line = topic === null ? '' : `${topic} `
  return new HeadscaleError('usage', `unknown command "${line}${word}"`, {
    hint: near ? `did you mean: headscale-ts ${line}${near}` : `see: headscale-ts ${line}--help`,
  })
}

function missingCommand(topic: string | null): HeadscaleError {
  const line = topic === null ? '' : `${topic} `
  return new HeadscaleError('usage', topic === null ? 'no command given' : `"${topic}" needs a command after it`, {
    hint: `see: headscale-ts ${line}--help`,
  })
}
