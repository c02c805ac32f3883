/**
 * Commands that must fail, on every server: one line that says what is wrong, one that says what to do, the documented
 * exit status, nothing on standard output, the same error as an object with -o json, and an unchanged server.
 */
import {beforeAll, describe, expect, test} from 'vitest'
import {MATRIX} from '../../support/program.ts'
import {LONG_SUITE_SERVERS} from '../../support/servers.ts'
import {type Fixture, useFixture} from '../../support/fixture.ts'
import {smallTailnet} from '../../support/tailnets.ts'

interface Failure {
  status: number
  code: string
  error: string
  hint: string
}

const see = (command: string) => `see: headscale-ts ${command} --help`
const usageOf = (line: string) => `usage: headscale-ts ${line} [flags]`
const usage = (error: string, hint: string): Failure => ({status: 2, code: 'usage', error, hint})
const noNode = (name: string, hint = 'see: headscale-ts nodes list'): Failure => ({
  status: 3,
  code: 'not-found',
  error: `node "${name}" not found`,
  hint,
})
const digits = (name: string) =>
  noNode(name, `a number is an id; for a node named ${name} use name:${name}. See: headscale-ts nodes list`)
const unconfirmed = (question: string): Failure => ({
  status: 9,
  code: 'needs-confirmation',
  error: `confirmation needed ("${question}"), but there is no terminal`,
  hint: 'add --force to skip the confirmation, or --dry-run to see what would change',
})
/** The names of the nodes of the small tailnet, by id. */
const smallNodes = ({givenNames}: {givenNames: boolean}) =>
  givenNames ? ['router', 'first', 'second', '97'] : ['router', 'nas', 'nas', '97']
const PREFIX = 'write it as 192.168.100.0/24 or fd00:1::/64'
const DURATION = 'write a number and a unit, for example 30m, 1h30m or 90d (units: y w d h m s ms)'

/** The commands and their errors, which can depend on what the server can do; null if the server can do it. */
const CASES: Record<string, {argv: string[]; failure: (server: Fixture) => Failure | null}> = {
  'an unknown node': {argv: ['nodes', 'delete', '-i', 'nope', '--force'], failure: () => noNode('nope')},
  'two nodes with one name': {
    argv: ['nodes', 'delete', '-i', 'nas', '--force'],
    failure: ({capabilities: {givenNames}, nodeText}) => ({
      status: 5,
      code: 'ambiguous',
      error: `"nas" matches several nodes: ${[nodeText('2', givenNames ? 'first' : 'nas'), nodeText('3', givenNames ? 'second' : 'nas')].join('; ')}`,
      hint: 'specify one: -i 2 or -i 3',
    }),
  },
  'a number that is the name of a node': {
    argv: ['nodes', 'delete', '-i', '97', '--force'],
    failure: () => digits('97'),
  },
  'node 0': {argv: ['nodes', 'expire', '-i', '0'], failure: () => digits('0')},
  'an id with a leading zero': {argv: ['nodes', 'expire', '-i', '01'], failure: () => digits('01')},
  'an empty node': {
    argv: ['nodes', 'delete', '-i', '', '--force'],
    failure: () => usage('--identifier has an empty value', see('nodes delete')),
  },
  'an empty selector': {
    argv: ['nodes', 'delete', '-i', 'id:', '--force'],
    failure: () => usage('no node in "id:"', 'use an id, a name, id:N or name:X'),
  },
  'a delete without a node': {
    argv: ['nodes', 'delete', '--force'],
    failure: () => usage('no node given', usageOf('nodes delete [NODE...]')),
  },
  'an unknown user': {
    argv: ['users', 'destroy', 'nope', '--force'],
    failure: ({word}) => ({
      status: 3,
      code: 'not-found',
      error: `${word} "nope" not found`,
      hint: `see: headscale-ts ${word}s list`,
    }),
  },
  'the id of one user and the name of another': {
    argv: ['users', 'destroy', '1', '--force'],
    failure: ({word, capabilities}) =>
      capabilities.userNameRule !== 'dns'
        ? null
        : {
            status: 5,
            code: 'ambiguous',
            error: `"1" matches several ${word}s: default (id 1); 1 (id 2)`,
            hint: 'specify one: id:1 or id:2',
          },
  },
  'a user name of digits': {
    argv: ['users', 'create', '12'],
    failure: ({capabilities}) =>
      capabilities.userNameRule === 'account'
        ? {
            status: 6,
            code: 'invalid-input',
            error: '"12" cannot be a user name: it does not begin with a letter',
            hint: 'begin with a letter, then letters, digits, hyphens, dots, underscores, and one @ at most',
          }
        : null,
  },
  'a user with nodes': {
    argv: ['users', 'destroy', 'default', '--force'],
    failure: ({word, capabilities, nodeText}) => ({
      status: 6,
      code: 'invalid-input',
      error: `${word} default (id 1) still has 4 nodes: ${smallNodes(capabilities)
        .map((name, i) => nodeText(String(i + 1), name))
        .join('; ')}`,
      hint: `delete ${capabilities.movesNodes ? 'or move ' : ''}them first; see: headscale-ts nodes list --user id:1`,
    }),
  },
  'a rename to an empty name': {
    argv: ['users', 'rename', 'spare', ''],
    failure: () => usage('the argument NEWNAME has an empty value', see('users rename')),
  },
  'a rename without a new name': {
    argv: ['users', 'rename', 'spare'],
    failure: () => usage('expected one user and one new name', 'for example: headscale-ts users rename OLD NEW'),
  },
  'an empty route': {
    argv: ['routes', 'enable', '-r', ''],
    failure: () => usage('--route has an empty value', see('routes enable')),
  },
  'an empty route of a node': {
    argv: ['routes', 'disable', '-i', '1', '-r', ''],
    failure: () => usage('--route has an empty value', see('routes disable')),
  },
  'an id as the route of a node': {
    argv: ['routes', 'enable', '-r', '2', '-i', '1'],
    failure: () => usage('invalid prefix "2"', PREFIX),
  },
  'the id of a route': {
    argv: ['routes', 'enable', '-r', '99'],
    failure: ({api, capabilities}) =>
      capabilities.routes === 'rows'
        ? {status: 3, code: 'not-found', error: 'route 99 not found', hint: 'see: headscale-ts routes list'}
        : {
            status: 8,
            code: 'unsupported-by-server',
            error: `"routes enable" needs headscale 0.18 to 0.25; the server is ${api.server.releases}`,
            hint: 'routes have no ids there; use node and prefix: headscale-ts routes enable -i NODE -r 192.168.100.0/24',
          },
  },
  'a prefix without a node': {
    argv: ['routes', 'enable', '-r', '10.0.0.0/24'],
    failure: () => usage('no node given', 'add the node: -i NODE'),
  },
  'no route': {
    argv: ['routes', 'enable', '-i', '1'],
    failure: () => usage('no route given', 'for example: -r 192.168.100.0/24, or --all'),
  },
  '--route and --all': {
    argv: ['routes', 'disable', '-i', '1', '--all', '-r', '10.0.0.0/24'],
    failure: () => usage('--all and a route cannot be used together', 'use one of them'),
  },
  'a route the node does not advertise': {
    argv: ['routes', 'enable', '-i', 'router', '-r', '10.9.0.0/24'],
    failure: ({offers, capabilities}) => ({
      status: 6,
      code: 'invalid-input',
      error: `router does not advertise 10.9.0.0/24; it advertises: ${offers.length > 0 ? '10.0.0.0/24' : 'none'}`,
      hint:
        'on the node, run: tailscale up --advertise-routes=10.9.0.0/24' +
        (capabilities.routes === 'node-sets' ? ', or add --allow-unadvertised' : ''),
    }),
  },
  '--allow-unadvertised on a release without it': {
    argv: ['routes', 'enable', '-i', 'router', '-r', '10.9.0.0/24', '--allow-unadvertised'],
    failure: ({api, capabilities}) =>
      capabilities.routes === 'node-sets'
        ? null
        : {
            status: 8,
            code: 'unsupported-by-server',
            error: `"routes enable --allow-unadvertised" needs headscale 0.26 or later; the server is ${api.server.releases}`,
            hint: 'earlier servers approve only what a node advertises; leave out --allow-unadvertised',
          },
  },
  'disabling a prefix that is not a route': {
    argv: ['routes', 'disable', '-i', 'router', '-r', '10.9.0.0/24'],
    failure: () => ({
      status: 3,
      code: 'not-found',
      error: 'route 10.9.0.0/24 of router not found',
      hint: 'see: headscale-ts routes list -i 1',
    }),
  },
  'a prefix that is too long': {
    argv: ['routes', 'enable', '-i', '1', '-r', '10.0.0.0/33'],
    failure: () => usage('invalid prefix "10.0.0.0/33"', PREFIX),
  },
  'an address as a prefix': {
    argv: ['routes', 'enable', '-i', '1', '-r', '10.0.0.0/24,10.0.0.1'],
    failure: () => usage('invalid prefix "10.0.0.1"', PREFIX),
  },
  'approve-routes with a route as an argument': {
    argv: ['nodes', 'approve-routes', '-i', '1', '10.0.0.0/24'],
    failure: () => usage('missing flag --routes', usageOf('nodes approve-routes [NODE...] -r CIDR')),
  },
  'approve-routes without routes': {
    argv: ['nodes', 'approve-routes', '-i', '1'],
    failure: () => usage('missing flag --routes', usageOf('nodes approve-routes [NODE...] -r CIDR')),
  },
  'approve-routes with an empty route among others': {
    argv: ['nodes', 'approve-routes', '-i', '1', '-r', '10.0.0.0/24,'],
    failure: () => usage('one of the routes is empty', 'to approve none, use -r "" alone'),
  },
  'approve-routes with an invalid prefix': {
    argv: ['nodes', 'approve-routes', '-i', '1', '-r', '10.0.0.0/24,ten'],
    failure: () => usage('invalid prefix "ten"', PREFIX),
  },
  'a delete without confirmation': {
    argv: ['nodes', 'delete', '-i', '1'],
    failure: ({nodeText}) => unconfirmed(`Do you want to remove the node ${nodeText('1', 'router')}?`),
  },
  'a destroy without confirmation': {
    argv: ['users', 'destroy', 'spare'],
    failure: ({word, capabilities}) =>
      unconfirmed(
        `Do you want to remove the ${word} spare (id ${capabilities.userNameRule === 'dns' ? 3 : 2}) and any associated preauthkeys?`,
      ),
  },
  'nodes tag without tags': {
    argv: ['nodes', 'tag', '-i', '1'],
    failure: () => usage('no tags given', 'use --add or --remove, -t for all tags, or --clear'),
  },
  'an invalid tag': {
    argv: ['nodes', 'tag', '-i', '1', '-t', 'router'],
    failure: () => usage('invalid tag "router": it must start with tag:', 'for example: tag:server'),
  },
  'clearing the tags of a node that keeps its last one': {
    argv: ['nodes', 'tag', '-i', '1', '--clear', '--force'],
    failure: ({api, capabilities}) =>
      capabilities.tagsArePermanent
        ? {
            status: 8,
            code: 'unsupported-by-server',
            error: `"nodes tag --clear" needs headscale 0.16 to 0.27; the server is ${api.server.releases}`,
            hint: 'the last tag of a node cannot be removed there; pass the tags to keep',
          }
        : null,
  },
  'a profile where users have none': {
    argv: ['users', 'create', 'jane', '--email', 'jane@example.com'],
    failure: ({api, capabilities}) =>
      capabilities.userProfiles
        ? null
        : {
            status: 8,
            code: 'unsupported-by-server',
            error: `"users create --email" needs headscale 0.24 or later; the server is ${api.server.releases}`,
            hint: 'users have no profile there; leave out --display-name, --email and --picture-url',
          },
  },
  'nodes rename on a release without given names': {
    argv: ['nodes', 'rename', '-i', '1', 'gateway'],
    failure: ({capabilities}) =>
      capabilities.givenNames
        ? null
        : {
            status: 8,
            code: 'unsupported-by-server',
            error: '"nodes rename" needs headscale 0.16 or later; the server is 0.15',
            hint: 'a newer server can do it; nothing was sent to this one',
          },
  },
  'an invalid time': {
    argv: ['nodes', 'expire', '-i', '1', '--expiry', 'tomorrow'],
    failure: () => usage('invalid time "tomorrow"', 'for example: 2027-01-31T12:00:00Z'),
  },
  '--expiry and --disable': {
    argv: ['nodes', 'expire', '-i', '1', '--disable', '--expiry', '2037-01-31T12:00:00Z'],
    failure: () => usage('--expiry and --disable cannot be used together', see('nodes expire')),
  },
  'an expiry time on a release that ignores it': {
    argv: ['nodes', 'expire', '-i', '1', '--expiry', '2037-01-31T12:00:00Z'],
    failure: ({api, capabilities}) =>
      capabilities.expiryTime
        ? null
        : {
            status: 8,
            code: 'unsupported-by-server',
            error: `"nodes expire --expiry" needs headscale 0.27.1 or later; the server is ${api.server.releases}`,
            hint: 'leave out --expiry to expire the node now',
          },
  },
  'an invalid duration': {
    argv: ['preauthkeys', 'create', '-u', 'default', '--expiration', 'soon'],
    failure: () => usage('invalid duration "soon"', DURATION),
  },
  'a duration without a unit': {
    argv: ['apikeys', 'create', '--expiration', '90'],
    failure: () =>
      usage('invalid duration "90": it has no unit', 'add one: 30s is seconds, 30m minutes, 30h hours, 30d days'),
  },
  'a key that expires at once': {
    argv: ['preauthkeys', 'create', '-u', 'default', '--expiration', '0'],
    failure: () => usage('expiration must be positive', 'for example: --expiration 24h'),
  },
  'a key without an owner': {
    argv: ['preauthkeys', 'create'],
    failure: ({word, capabilities}) =>
      capabilities.preAuthKeysHaveIds
        ? usage('a pre-auth key belongs to a user or to tags', 'add --user USER or --tags tag:NAME')
        : usage(`a pre-auth key needs a ${word}`, 'add --user USER'),
  },
  'expiring an unknown pre-auth key': {
    argv: ['preauthkeys', 'expire', '-i', '99'],
    failure: () => ({
      status: 3,
      code: 'not-found',
      error: 'pre-auth key 99 not found',
      hint: 'see: headscale-ts preauthkeys list',
    }),
  },
  'expire without a pre-auth key': {
    argv: ['preauthkeys', 'expire'],
    failure: () => usage('no pre-auth key given', usageOf('preauthkeys expire [KEY...]')),
  },
  'expiring an unknown API key': {
    argv: ['apikeys', 'expire', '-i', '99'],
    failure: () => ({
      status: 3,
      code: 'not-found',
      error: 'API key 99 not found',
      hint: 'see: headscale-ts apikeys list',
    }),
  },
  'expire without an API key': {
    argv: ['apikeys', 'expire'],
    failure: () => usage('no API key given', usageOf('apikeys expire [KEY...]')),
  },
}

/** Servers on which the executable is tested too, over the socket; a child process is slow. */
const ALSO_SPAWNED = MATRIX ? ['sandbox 0.15', 'sandbox 0.29', 'headscale 0.17.1', 'headscale 0.29.3'] : []

describe.for(LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet()})
  let before: unknown
  beforeAll(async () => {
    before = await server.snapshot()
  })

  const spawned = ALSO_SPAWNED.includes(spec.label.replace(' over socket', ''))
  test.for(Object.entries(CASES))('rejects %s', async ([, {argv, failure}], {skip}) => {
    const expected = failure(server)
    if (expected === null) return skip('this server can do it')
    const {status, code, error, hint} = expected
    for (const run of spawned ? [server.run, server.spawn] : [server.run]) {
      expect(await run(argv)).toEqual({status, stdout: '', stderr: `error: ${error}\nhint: ${hint}\n`})
    }
    const twin = await server.run([...argv, '-o', 'json'])
    expect([twin.status, twin.stdout]).toEqual([status, ''])
    expect(JSON.parse(twin.stderr)).toMatchObject({error: {code, exitCode: status, message: error, hint}})
    expect(await server.snapshot()).toEqual(before)
  })
})
