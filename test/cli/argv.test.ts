/**
 * How the command is found among flags, and which arguments are left for its parser. The rule is that of headscale's
 * own command line (cobra): what worked there with 0.15 works here.
 */
import {describe, expect, test} from 'vitest'
import {resolveArgv} from '../../src/cli/args/argv.ts'

const IDS = [
  'debug:create-node',
  'nodes:delete',
  'nodes:list',
  'nodes:register',
  'nodes:show',
  'routes:list',
  'users:create',
  'users:destroy',
  'users:list',
  'version',
]

/** The command and the arguments for its parser, or the unknown word. */
function resolved(line: string): string {
  const found = resolveArgv(line === '' ? [] : line.split(' '), IDS)
  if (found.kind === 'unknown') return `unknown ${found.word}`
  const subject = found.kind === 'topic' ? `topic ${found.topic}` : found.id
  return [subject, ...found.rest].join(' ')
}

describe('flags before the command', () => {
  test.for([
    ['-n default nodes register --key K', 'nodes:register -n default --key K'],
    ['--namespace default nodes register --key K', 'nodes:register --namespace default --key K'],
    ['--namespace=default nodes register --key K', 'nodes:register --namespace=default --key K'],
    ['-ndefault nodes register --key K', 'nodes:register -ndefault --key K'],
    ['nodes -n default register --key K', 'nodes:register -n default --key K'],
    ['-n nodes nodes register --key K', 'nodes:register -n nodes --key K'],
    ['nodes -n register register --key K', 'nodes:register -n register --key K'],
    ['-i 6 routes list', 'routes:list -i 6'],
    ['-o json nodes list', 'nodes:list -o json'],
    ['-ojson nodes list', 'nodes:list -ojson'],
    ['--force nodes list', 'nodes:list --force'],
    ['-y nodes --force list', 'nodes:list -y --force'],
    ['--insecure nodes list', 'nodes:list --insecure'],
    ['--no-insecure nodes list', 'nodes:list --no-insecure'],
    ['--dry-run users create bob', 'users:create --dry-run bob'],
    ['-u bob nodes register --key K', 'nodes:register -u bob --key K'],
    ['--socket nodes nodes list', 'nodes:list --socket nodes'],
    ['-h nodes list', 'nodes:list -h'],
    ['--help nodes list', 'nodes:list --help'],
  ])('%s', ([line, expected]) => expect(resolved(line!)).toBe(expected))
})

describe('aliases', () => {
  test.for([
    ['namespaces create default', 'users:create default'],
    ['namespace c default', 'users:create default'],
    ['ns new default', 'users:create default'],
    ['user create default', 'users:create default'],
    ['users ls', 'users:list'],
    ['machines list', 'nodes:list'],
    ['machine register -n a --key K', 'nodes:register -n a --key K'],
    ['node ls', 'nodes:list'],
    ['namespaces show', 'users:list'],
    ['nodes describe 6', 'nodes:show 6'],
    ['nodes get 6', 'nodes:show 6'],
    ['users get', 'users:list'],
    ['users add bob', 'users:create bob'],
    ['nodes rm -i 6', 'nodes:delete -i 6'],
    ['nodes remove -i 6', 'nodes:delete -i 6'],
    ['users rm bob', 'users:destroy bob'],
    ['users del bob', 'users:destroy bob'],
    ['version', 'version'],
    ['users create list', 'users:create list'],
    ['users create nodes list', 'users:create nodes list'],
    ['users create -- -n', 'users:create -- -n'],
  ])('%s', ([line, expected]) => expect(resolved(line!)).toBe(expected))
})

describe('what is not a command', () => {
  test.for([
    ['', 'topic null'],
    ['--help', 'topic null --help'],
    ['nodes', 'topic nodes'],
    ['machines --help', 'topic nodes --help'],
    ['nodes bogus', 'unknown bogus'],
    ['bogus', 'unknown bogus'],
    ['-t nodes list', 'unknown list'],
    ['-- nodes list', 'topic null -- nodes list'],
    ['nodes:list', 'unknown nodes:list'],
    ['-o json', 'topic null -o json'],
  ])('%s', ([line, expected]) => expect(resolved(line!)).toBe(expected))
})

test('keeps the words with which the command was called', () => {
  expect(resolveArgv(['-n', 'a', 'machines', 'ls'], IDS)).toMatchObject({invokedAs: ['machines', 'ls']})
})
