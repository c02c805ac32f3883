/** `help environment`, `help exit-codes`, `help files` and `help output`: topics that apply to every command. */
import {FILES} from './files.ts'
import {columns, paragraphs, section, wrapped} from './layout.ts'

interface HelpTopic {
  summary: string
  text: string
}

/** The meaning of every exit code. README.md has the same table. */
export const EXIT_CODE_MEANINGS: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'any other error',
  2: 'the command line or the configuration is wrong; nothing was sent',
  3: 'not found',
  4: 'no permission: socket, API key, TLS',
  5: 'ambiguous name',
  6: 'rejected as invalid, or a check found errors',
  7: 'server unreachable, or no answer in time',
  8: 'this server release cannot do it',
  9: 'needs a confirmation, or was declined',
  10: 'partially completed',
  11: 'timed out waiting',
  12: 'already exists',
  130: 'interrupted',
}

/** Variables that the program reads, and what they mean. */
export const ENVIRONMENT_VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ['HEADSCALE_CLI_ADDRESS', 'URL of the server (server_url), same as --address'],
  ['HEADSCALE_CLI_API_KEY', 'API key for that URL'],
  ['HEADSCALE_CLI_API_KEY_FILE', 'file that contains the API key, same as --api-key-file'],
  ['HEADSCALE_CLI_INSECURE', 'true turns off TLS certificate verification, same as --insecure'],
  ['HEADSCALE_CLI_TIMEOUT', 'timeout per request, same as --timeout; a number without a unit is seconds'],
  ['HEADSCALE_UNIX_SOCKET', 'path of the unix socket, same as --socket'],
  ['HEADSCALE_CONFIG', 'path of the headscale configuration file; the variables above override it'],
  ['HEADSCALE_METRICS_LISTEN_ADDR', 'address of its debug pages, same as --metrics-address'],
  ['HTTPS_PROXY, HTTP_PROXY', 'proxy for remote servers; NO_PROXY lists exceptions'],
  ['HEADSCALE_TS_DEBUG', 'any value except 0 and false prints settings and requests, same as --debug'],
  ['HEADSCALE_TS_COMPLETION_TIMEOUT', 'how long pressing TAB waits for names of the server (default: 100ms)'],
  ['NO_COLOR', 'any value turns off color'],
  ['DEBUG', 'any value prints the stack of an error'],
]

export const HELP_TOPICS: Readonly<Record<string, HelpTopic>> = {
  environment: {
    summary: 'Environment variables and how the server is found',
    text: [
      paragraphs(
        'The first source that names a server is used: flags, the file of --config, environment variables, the headscale ' +
          'configuration file, the default sockets. On the server usually no flags are needed. --debug shows what was used.',
      ) + '\n',
      section('VARIABLES', columns(ENVIRONMENT_VARIABLES)),
      section('EXAMPLES', [
        '$ export HEADSCALE_CLI_ADDRESS=https://headscale.example.com',
        '$ export HEADSCALE_CLI_API_KEY_FILE=~/.headscale/key',
      ]),
      section('LEARN MORE', ['headscale-ts help files']),
    ].join(''),
  },
  'exit-codes': {
    summary: 'Exit codes and their meaning',
    text: [
      paragraphs('Exit codes are the same for every command, so scripts can rely on them.') + '\n',
      section('EXIT CODES', columns(Object.entries(EXIT_CODE_MEANINGS))),
      section('NOTES', [
        '"derp diff" and "policy diff": 0 if equal, 1 if different, 2 or more on error.',
        '"policy explain": 0 if allowed, 1 if denied, 2 or more on error.',
        '"upgrade plan": 0 if ready, 1 if something must be done first.',
        '"doctor" finds out why a command exits with 4 or 7.',
        'A command that writes to a closed pipe, as in "| head -1", exits with 0.',
      ]),
      section('EXAMPLES', ['$ headscale-ts users create alice || [ $? -eq 12 ]']),
    ].join(''),
  },
  files: {
    summary: 'Files that are read and written',
    text: [
      paragraphs(
        'On the server usually none of these files has to be named. Files that are not listed here are not written.',
      ) + '\n',
      ...FILES.map(({heading, intro, files, notes}) =>
        section(heading, [intro, ...columns(files, 2), ...(notes === undefined ? [] : wrapped(notes))]),
      ),
    ].join(''),
  },
  output: {
    summary: 'Output formats, columns, and scripts',
    text: [
      paragraphs(
        'Standard output contains only the result. Warnings, notes, prompts and errors go to standard error.\n\n' +
          'With -o json, json-line or yaml, the fields are the same on every headscale release. Times are RFC 3339 in UTC, IDs are strings, and ' +
          'fields that a release does not have are null.',
      ) + '\n',
      section(
        'FORMATS',
        columns([
          ['-o json', 'indented JSON'],
          ['-o json-line', 'JSON on one line'],
          ['-o yaml', 'YAML'],
        ]),
      ),
      section(
        'FORMATS OF LISTS',
        columns([
          ['-o wide', 'the table with more columns; never cut to the terminal'],
          ['-o csv, -o tsv', 'all columns, or those of --columns, with a header'],
          ['-o name, -o id', 'one word per line, for xargs'],
          ['-o jsonpath=EXPR', 'results of a query (RFC 9535) in the JSON, one per line'],
        ]),
      ),
      section(
        'COLUMNS OF LISTS',
        columns([
          ['--columns NAMES', 'these columns, in this order; "--columns help" lists them'],
          ['--sort COLUMN', 'sort; "--sort -COLUMN" in descending order'],
          ['--no-header', 'no header'],
          ['--local, --relative', 'times in the zone of this machine, or as "3h ago"'],
        ]),
      ),
      section('ERRORS', [
        'With -o json, json-line or yaml, standard error has at most one object:',
        '  {"error": {"code", "exitCode", "message", "hint", "warnings", ...}}',
        '  {"warnings": [...]}',
        'Rely on "code" or on the exit code; the text of messages can change.',
      ]),
      section(
        'DEBUGGING',
        wrapped(
          '--debug prints to standard error which settings are used, where they come from, and each request with its ' +
            'status, time and size. Keys and contents are never printed. The lines start with "debug: ". With -o json ' +
            'they come before the object.',
        ),
      ),
      section('EXAMPLES', [
        "$ headscale-ts nodes list -o json | jq -r '.[].givenName'",
        "$ headscale-ts nodes list -o 'jsonpath=$[*].givenName'",
        '$ headscale-ts nodes list --columns name,last-seen --sort -last-seen',
        '$ KEY=$(headscale-ts preauthkeys create --user alice)',
      ]),
      section('LEARN MORE', ['docs/output.md and the JSON Schemas in schema/ of the package']),
    ].join(''),
  },
}

/** How to read the topics, for LEARN MORE. */
export const topicsLine = () => `headscale-ts help ${Object.keys(HELP_TOPICS).join(' | ')}`
