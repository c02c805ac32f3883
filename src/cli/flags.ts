/**
 * Flags and arguments with the same meaning in every command. All follow the same rules: none is read from standard
 * input by default, a list flag takes one value at a time, and an empty value is an error before anything is sent.
 */
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {usageError} from '../errors.ts'
import {unmarked} from './oclif/dashed-values.ts'
import {quoted} from './args/quoted.ts'
import {jsonPathOf, LIST_FORMATS, OUTPUT_FORMATS} from './output/formats.ts'

const GLOBAL = 'GLOBAL'

/**
 * Changes that a bulk run sends at a time. A server takes up to a second for a change, most of it waiting, and waits for
 * several at once. Measured in docs/decisions/2026-11-27-many-changes-in-one-run.md.
 */
export const DEFAULT_CONCURRENCY = 32

/** The value of a flag or an argument. @param what it, in the message: `--user` @throws HeadscaleError (usage) if it is empty */
export function notEmpty(raw: string, what: string): string {
  const value = unmarked(raw)
  if (value.trim() === '') throw usageError(`${what} has an empty value`)
  return value
}

/** What completion offers for a value, read from the server (completion/live). */
export type LiveKind =
  | 'user'
  | 'user-id'
  | 'user-name'
  | 'node'
  | 'node-name'
  | 'tag'
  | 'route'
  | 'route-id'
  | 'pre-auth-key'
  | 'api-key'
  | 'api-key-prefix'
  | 'oauth-client'

/** The kind, or the kinds, of a value. The build writes it to the manifest. */
export interface Completed {
  completes?: LiveKind | readonly LiveKind[]
  /** Only while the line names no node, and no flag names what the argument would: what follows is something else. */
  completesOne?: boolean
}

interface TextOptions extends Completed {
  description: string
  char?: 'd' | 'e' | 'f' | 'i' | 'k' | 'n' | 'p' | 'r' | 'u' | undefined
  required?: boolean
  helpValue?: string
  helpGroup?: string
  /** Older names, which help does not show. */
  aliases?: string[]
}

/** A flag with a text value that is not empty. */
export const textFlag = (options: TextOptions) =>
  Flags.string({
    ...options,
    required: options.required ?? false,
    parse: async (value, _context, flag) => notEmpty(value, `--${flag.name}`),
  })

/** A required flag with a text value that is not empty. */
export const requiredTextFlag = (options: Omit<TextOptions, 'required'>) =>
  Flags.string({
    ...options,
    required: true,
    parse: async (value, _context, flag) => notEmpty(value, `--${flag.name}`),
  })

/** The user (namespace) of a command: `-u`, `-n`, `--user` and `--namespace` everywhere. */
export const userWords = {char: 'u' as const, aliases: ['namespace'], charAliases: ['n' as const]}

const userOptions = {...userWords, helpValue: 'USER', completes: 'user'} as const

export const userFlag = ({description}: {description: string}) =>
  Flags.string({...userOptions, description, parse: async (value) => notEmpty(value, '--user')})

export const requiredUserFlag = ({description}: {description: string}) =>
  Flags.string({...userOptions, description, required: true, parse: async (value) => notEmpty(value, '--user')})

/** The node of a command: `-i` everywhere, by id or by name. */
const nodeOptions = {char: 'i' as const, aliases: ['id', 'node'], helpValue: 'NODE', completes: 'node' as const}

export const nodeFlag = ({description}: {description: string}) =>
  Flags.string({...nodeOptions, description, parse: async (value) => notEmpty(value, '--identifier')})

export const requiredNodeFlag = ({description}: {description: string}) =>
  Flags.string({...nodeOptions, description, required: true, parse: async (value) => notEmpty(value, '--identifier')})

interface ListOptions extends Completed {
  description: string
  char?: 'r' | 't'
  helpValue: string
  helpGroup?: string
}

/** A list flag: repeated, or with values separated by commas. */
export const listFlag = ({description, char, helpValue, helpGroup, completes}: ListOptions) =>
  Flags.string({
    description,
    ...(completes === undefined ? {} : {completes}),
    ...(char ? {char} : {}),
    helpValue,
    ...(helpGroup === undefined ? {} : {helpGroup}),
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    parse: async (value, _context, flag) => notEmpty(value, `--${flag.name}`),
  })

interface RepeatedOptions extends Completed {
  description: string
  char: 's' | 't'
  helpValue: string
  required?: boolean
}

/** A list flag that is only repeated, since its values can contain commas. */
export const repeatedFlag = (options: RepeatedOptions) =>
  Flags.string({
    ...options,
    multiple: true,
    multipleNonGreedy: true,
    parse: async (value, _context, flag) => notEmpty(value, `--${flag.name}`),
  })

interface ArgOptions extends Completed {
  description: string
}

/** An argument. By default oclif reads a missing one from stdin, which consumes the input of a `while read` loop. */
export const requiredArg = (options: ArgOptions) =>
  Args.string({
    ...options,
    required: true,
    ignoreStdin: true,
    parse: async (value, _context, arg) => notEmpty(value, `the argument ${arg.name.toUpperCase()}`),
  })

export const optionalArg = (options: ArgOptions) =>
  Args.string({
    ...options,
    ignoreStdin: true,
    parse: async (value, _context, arg) => notEmpty(value, `the argument ${arg.name.toUpperCase()}`),
  })

/** An argument that can be repeated: several objects, or `-` for a list on standard input. */
export const targetsArg = ({description, ...options}: ArgOptions) =>
  Args.string({
    ...options,
    description: `${description}; several are allowed, and - reads them from standard input`,
    multiple: true,
    ignoreStdin: true,
    parse: async (value, _context, arg) => notEmpty(value, `the argument ${arg.name.toUpperCase()}`),
  })

const force = {char: 'y', description: 'skip confirmation prompts', helpGroup: GLOBAL} as const

/** Every command accepts it, as in headscale's own command line. */
const hiddenForceFlag = Flags.boolean({...force, hidden: true})

/** For commands that ask for confirmation: `--force` is in their help. */
export const confirmationFlags = {force: Flags.boolean(force)}

const outputFlag = (description: string, options: readonly string[]) =>
  Flags.string({char: 'o', description, helpValue: 'FORMAT', options: [...options], helpGroup: GLOBAL})

/** Flags of every command. */
export const globalFlags = {
  output: outputFlag('output format', OUTPUT_FORMATS),
  force: hiddenForceFlag,
  help: Flags.boolean({char: 'h', description: 'show help for the command', helpGroup: GLOBAL}),
}

const OUTPUT = 'OUTPUT'

/** A flag whose values completion offers, although others are possible. */
export const offering = <Flag extends object>(flag: Flag, values: readonly string[]): Flag =>
  Object.assign(flag, {values})

/** A flag whose values completion reads from the server. */
export const completing = <Flag extends object>(flag: Flag, completes: LiveKind): Flag =>
  Object.assign(flag, {completes})

/** Flags of every list. The build adds the columns of the list to the values that completion offers. */
export const listFlags = {
  output: offering(
    Flags.string({
      char: 'o',
      description: `output format: ${LIST_FORMATS.join(', ')}`,
      helpValue: 'FORMAT',
      helpGroup: OUTPUT,
      parse: async (value) => listFormat(value),
    }),
    LIST_FORMATS,
  ),
  columns: offering(
    listFlag({
      description: 'columns to print, in this order; "help" lists them',
      helpValue: 'NAMES',
      helpGroup: OUTPUT,
    }),
    ['help'],
  ),
  'no-header': Flags.boolean({description: 'leave out the header', helpGroup: OUTPUT}),
  sort: textFlag({
    description: 'sort by this column; with "-" before its name, in descending order',
    helpValue: 'COLUMN',
    helpGroup: OUTPUT,
  }),
  utc: Flags.boolean({
    description: 'show times in UTC (default)',
    helpGroup: OUTPUT,
    exclusive: ['local', 'relative'],
  }),
  local: Flags.boolean({
    description: 'show times in the time zone of this machine',
    helpGroup: OUTPUT,
    exclusive: ['utc', 'relative'],
  }),
  relative: Flags.boolean({
    description: 'show times as "3h ago" and "in 4d"',
    helpGroup: OUTPUT,
    exclusive: ['utc', 'local'],
  }),
}

/** @throws HeadscaleError (usage) */
function listFormat(value: string): string {
  const isKnown = jsonPathOf(value) === null ? (LIST_FORMATS as readonly string[]).includes(value) : true
  const isComplete = jsonPathOf(value) !== ''
  if (isKnown && isComplete) return value
  throw usageError(`invalid value ${quoted(value)} for --output`, `expected one of: ${LIST_FORMATS.join(', ')}`)
}

/** Flags of every command that talks to a server. */
export const connectionFlags = {
  address: textFlag({
    description: 'URL of the server (server_url); requires an API key',
    helpValue: 'URL',
    helpGroup: GLOBAL,
  }),
  'api-key-file': textFlag({
    description: 'file that contains the API key (default: the key in $HEADSCALE_CLI_API_KEY)',
    helpValue: 'FILE',
    helpGroup: GLOBAL,
  }),
  socket: textFlag({description: 'path of the unix socket of the server', helpValue: 'PATH', helpGroup: GLOBAL}),
  config: Flags.string({
    char: 'c',
    description: 'headscale configuration file',
    helpValue: 'FILE',
    helpGroup: GLOBAL,
    parse: async (value) => notEmpty(value, '--config'),
  }),
  insecure: Flags.boolean({
    allowNo: true,
    description: 'do not verify the TLS certificate of the server',
    helpGroup: GLOBAL,
  }),
  'ca-file': textFlag({
    description: 'PEM file with additional CA certificates to trust',
    helpValue: 'FILE',
    helpGroup: GLOBAL,
  }),
  timeout: textFlag({
    description: 'timeout per request (default: 30s)',
    helpValue: 'DURATION',
    helpGroup: GLOBAL,
  }),
  debug: Flags.boolean({description: 'print settings and requests to standard error', helpGroup: GLOBAL}),
}

/** `--debug` of a command that talks to others than the server. */
export const requestDebugFlag = Flags.boolean({description: 'print requests to standard error', helpGroup: GLOBAL})

/** Flags of every command that changes something. */
export const changeFlags = {
  force: hiddenForceFlag,
  'dry-run': Flags.boolean({description: 'check the change without applying it', helpGroup: GLOBAL}),
}

/** Flags of every command that creates a key, whose secret is shown only once. */
export const secretFlags = {
  output: outputFlag('output format; key is the secret alone, as without -o', [...OUTPUT_FORMATS, 'key']),
  'output-file': textFlag({
    description: 'write the secret to a new file with mode 0600, and do not print it',
    helpValue: 'FILE',
  }),
}

const BULK = 'BULK'

/** Flags of every command that can change many objects in one run. It then asks, so `--force` is in its help. */
export const bulkFlags = {
  ...confirmationFlags,
  max: Flags.integer({description: 'change nothing if more objects match', helpValue: 'N', min: 1, helpGroup: BULK}),
  concurrency: Flags.integer({
    description: `changes at a time (default: ${DEFAULT_CONCURRENCY})`,
    helpValue: 'N',
    min: 1,
    max: 100,
    helpGroup: BULK,
  }),
}
