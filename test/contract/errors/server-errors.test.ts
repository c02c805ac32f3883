/**
 * Lines that must be refused, on every server: one line that says what happened, one that says what to do, the
 * documented status, nothing on standard output, the same as an object with -o json, and a server that is as it was.
 */
import {beforeAll, describe, expect, test} from 'vitest'
import {SERVERS} from '../../support/servers.ts'
import {type Fixture, useFixture} from '../../support/fixture.ts'
import {smallTailnet} from '../../support/tailnets.ts'

interface Refusal {
  status: number
  code: string
  error: string
  hint: string
}

const see = (command: string) => `see: headscale-ts ${command} --help`
const usage = (error: string, hint: string): Refusal => ({status: 2, code: 'usage', error, hint})
const noNode = (name: string, hint = 'see: headscale-ts nodes list'): Refusal => ({
  status: 3,
  code: 'not-found',
  error: `node "${name}" not found`,
  hint,
})
const digits = (name: string) =>
  noNode(name, `a number is an id; for a node named ${name} use name:${name}. See: headscale-ts nodes list`)
const unasked = (question: string): Refusal => ({
  status: 9,
  code: 'needs-confirmation',
  error: `confirmation needed ("${question}"), but there is no terminal`,
  hint: 'add --force to skip the confirmation, or --dry-run to see what would change',
})
const PREFIX = 'write it as 192.168.100.0/24 or fd00:1::/64'
const DURATION = 'write a number and a unit, for example 30m, 1h30m or 90d (units: y w d h m s ms)'

/** What a server is asked, and what the answer is: the same everywhere, or by what the server can do. */
const CASES: Record<string, {argv: string[]; refusal: (server: Fixture) => Refusal | null}> = {
  'an unknown node': {argv: ['nodes', 'delete', '-i', 'nope', '--force'], refusal: () => noNode('nope')},
  'two nodes of one name': {
    argv: ['nodes', 'delete', '-i', 'nas', '--force'],
    refusal: ({capabilities: {givenNames}, nodeText}) => ({
      status: 5,
      code: 'ambiguous',
      error: `"nas" matches several nodes: ${[nodeText('2', givenNames ? 'first' : 'nas'), nodeText('3', givenNames ? 'second' : 'nas')].join('; ')}`,
      hint: 'specify one: -i 2 or -i 3',
    }),
  },
  'digits, though a node is called so': {argv: ['nodes', 'delete', '-i', '97', '--force'], refusal: () => digits('97')},
  'node 0': {argv: ['nodes', 'expire', '-i', '0'], refusal: () => digits('0')},
  'an id of another spelling': {argv: ['nodes', 'expire', '-i', '01'], refusal: () => digits('01')},
  'an empty node': {
    argv: ['nodes', 'delete', '-i', '', '--force'],
    refusal: () => usage('--identifier has an empty value', see('nodes delete')),
  },
  'a selector of nothing': {
    argv: ['nodes', 'delete', '-i', 'id:', '--force'],
    refusal: () => usage('no node in "id:"', 'use an id, a name, id:N or name:X'),
  },
  'a delete of nothing': {
    argv: ['nodes', 'delete', '--force'],
    refusal: () => usage('missing flag --identifier', see('nodes delete')),
  },
  'an unknown user': {
    argv: ['users', 'destroy', 'nope', '--force'],
    refusal: ({word}) => ({
      status: 3,
      code: 'not-found',
      error: `${word} "nope" not found`,
      hint: `see: headscale-ts ${word}s list; or create it: headscale-ts ${word}s create nope`,
    }),
  },
  'the id of one user and the name of another': {
    argv: ['users', 'destroy', '1', '--force'],
    refusal: ({word, capabilities}) =>
      capabilities.userNameRule !== 'dns'
        ? null
        : {
            status: 5,
            code: 'ambiguous',
            error: `"1" matches several ${word}s: default (id 1); 1 (id 2)`,
            hint: 'specify one: id:1 or id:2',
          },
  },
  'a user named by digits': {
    argv: ['users', 'create', '12'],
    refusal: ({capabilities}) =>
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
    refusal: ({word, capabilities}) => ({
      status: 6,
      code: 'invalid-input',
      error: `${word} default (id 1) still has 4 nodes`,
      hint: `delete ${capabilities.movesNodes ? 'or move ' : ''}them first; see: headscale-ts nodes list --user id:1`,
    }),
  },
  'a rename to nothing': {
    argv: ['users', 'rename', 'spare', ''],
    refusal: () => usage('the argument NEWNAME has an empty value', see('users rename')),
  },
  'a rename without a name': {
    argv: ['users', 'rename', 'spare'],
    refusal: () => usage('give one user and one new name', 'as in: users rename OLD NEW'),
  },
  'an empty route': {
    argv: ['routes', 'enable', '-r', ''],
    refusal: () => usage('--route has an empty value', see('routes enable')),
  },
  'an empty route of a node': {
    argv: ['routes', 'disable', '-i', '1', '-r', ''],
    refusal: () => usage('--route has an empty value', see('routes disable')),
  },
  'a number as the route of a node': {
    argv: ['routes', 'enable', '-r', '2', '-i', '1'],
    refusal: () => usage('invalid prefix "2"', PREFIX),
  },
  'the number of a route': {
    argv: ['routes', 'enable', '-r', '99'],
    refusal: ({api, capabilities}) =>
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
    refusal: () => usage('no node given', 'add the node: -i NODE'),
  },
  'no route': {
    argv: ['routes', 'enable', '-i', '1'],
    refusal: () => usage('no route given', 'for example: -r 192.168.100.0/24, or --all'),
  },
  'routes and all': {
    argv: ['routes', 'disable', '-i', '1', '--all', '-r', '10.0.0.0/24'],
    refusal: () => usage('--all and --route cannot be used together', 'use one of them'),
  },
  'a route the node does not advertise': {
    argv: ['routes', 'enable', '-i', 'router', '-r', '10.9.0.0/24'],
    refusal: ({offers, capabilities}) => ({
      status: 6,
      code: 'invalid-input',
      error: `router does not advertise 10.9.0.0/24; it advertises: ${offers.length > 0 ? '10.0.0.0/24' : 'none'}`,
      hint:
        'on the node, run: tailscale up --advertise-routes=10.9.0.0/24' +
        (capabilities.routes === 'node-sets' ? ', or add --allow-unadvertised' : ''),
    }),
  },
  'approval beforehand where there is none': {
    argv: ['routes', 'enable', '-i', 'router', '-r', '10.9.0.0/24', '--allow-unadvertised'],
    refusal: ({api, capabilities}) =>
      capabilities.routes === 'node-sets'
        ? null
        : {
            status: 8,
            code: 'unsupported-by-server',
            error: `"routes enable" needs headscale 0.26 or later; the server is ${api.server.releases}`,
            hint: 'earlier servers approve only what a node advertises; leave out --allow-unadvertised',
          },
  },
  'disabling what is no route': {
    argv: ['routes', 'disable', '-i', 'router', '-r', '10.9.0.0/24'],
    refusal: () => ({
      status: 3,
      code: 'not-found',
      error: 'route 10.9.0.0/24 of router not found',
      hint: 'see: headscale-ts routes list -i 1',
    }),
  },
  'a prefix that is too long': {
    argv: ['routes', 'enable', '-i', '1', '-r', '10.0.0.0/33'],
    refusal: () => usage('invalid prefix "10.0.0.0/33"', PREFIX),
  },
  'an address for a prefix': {
    argv: ['routes', 'enable', '-i', '1', '-r', '10.0.0.0/24,10.0.0.1'],
    refusal: () => usage('invalid prefix "10.0.0.1"', PREFIX),
  },
  'approving a route as an argument': {
    argv: ['nodes', 'approve-routes', '-i', '1', '10.0.0.0/24'],
    refusal: () => usage('unexpected argument "10.0.0.0/24"', see('nodes approve-routes')),
  },
  'approving nothing': {
    argv: ['nodes', 'approve-routes', '-i', '1'],
    refusal: () => usage('missing flag --routes', see('nodes approve-routes')),
  },
  'approving a route and an empty one': {
    argv: ['nodes', 'approve-routes', '-i', '1', '-r', '10.0.0.0/24,'],
    refusal: () => usage('one of the routes is empty', 'to approve none, use -r "" alone'),
  },
  'approving a bad prefix': {
    argv: ['nodes', 'approve-routes', '-i', '1', '-r', '10.0.0.0/24,ten'],
    refusal: () => usage('invalid prefix "ten"', PREFIX),
  },
  'a delete that nobody confirms': {
    argv: ['nodes', 'delete', '-i', '1'],
    refusal: ({nodeText}) => unasked(`Do you want to remove the node ${nodeText('1', 'router')}?`),
  },
  'a destroy that nobody confirms': {
    argv: ['users', 'destroy', 'spare'],
    refusal: ({word, capabilities}) =>
      unasked(
        `Do you want to remove the ${word} spare (id ${capabilities.userNameRule === 'dns' ? 3 : 2}) and any associated preauthkeys?`,
      ),
  },
  'tagging with nothing': {
    argv: ['nodes', 'tag', '-i', '1'],
    refusal: () => usage('no tags given: use -t or --clear', 'for example: nodes tag -i 6 -t tag:router'),
  },
  'a tag that is none': {
    argv: ['nodes', 'tag', '-i', '1', '-t', 'router'],
    refusal: () => usage('invalid tag "router": it must start with tag:', 'for example: tag:server'),
  },
  'a rename of a node with one name only': {
    argv: ['nodes', 'rename', '-i', '1', 'gateway'],
    refusal: ({capabilities}) =>
      capabilities.givenNames
        ? null
        : {
            status: 8,
            code: 'unsupported-by-server',
            error: '"nodes rename" needs headscale 0.16 or later; the server is 0.15',
            hint: 'a newer server can do it; nothing was sent to this one',
          },
  },
  'a bad time': {
    argv: ['nodes', 'expire', '-i', '1', '--expiry', 'tomorrow'],
    refusal: () => usage('invalid time "tomorrow"', 'for example: 2027-01-31T12:00:00Z'),
  },
  'an expiry and none': {
    argv: ['nodes', 'expire', '-i', '1', '--disable', '--expiry', '2037-01-31T12:00:00Z'],
    refusal: () => usage('--expiry and --disable cannot be used together', see('nodes expire')),
  },
  'an expiry that the server would take for now': {
    argv: ['nodes', 'expire', '-i', '1', '--expiry', '2037-01-31T12:00:00Z'],
    refusal: ({api, capabilities}) =>
      capabilities.expiryTime
        ? null
        : {
            status: 8,
            code: 'unsupported-by-server',
            error: `"nodes expire" needs headscale 0.27.1 or later; the server is ${api.server.releases}`,
            hint: 'leave out --expiry to expire the node now',
          },
  },
  'a bad duration': {
    argv: ['preauthkeys', 'create', '-u', 'default', '--expiration', 'soon'],
    refusal: () => usage('invalid duration "soon"', DURATION),
  },
  'a duration without a unit': {
    argv: ['apikeys', 'create', '--expiration', '90'],
    refusal: () =>
      usage('invalid duration "90": it has no unit', 'add one: 30s is seconds, 30m minutes, 30h hours, 30d days'),
  },
  'a key that is dead at once': {
    argv: ['preauthkeys', 'create', '-u', 'default', '--expiration', '0'],
    refusal: () => usage('expiration must be positive', 'for example: --expiration 24h'),
  },
  'a key of nobody': {
    argv: ['preauthkeys', 'create'],
    refusal: ({word, capabilities}) =>
      capabilities.preAuthKeysHaveIds
        ? usage('a pre-auth key belongs to a user or to tags', 'add --user USER or --tags tag:NAME')
        : usage(`a pre-auth key needs a ${word}`, 'add --user USER'),
  },
  'expiring a pre-auth key that is not there': {
    argv: ['preauthkeys', 'expire', '-i', '99'],
    refusal: () => ({
      status: 3,
      code: 'not-found',
      error: 'pre-auth key 99 not found',
      hint: 'see: headscale-ts preauthkeys list',
    }),
  },
  'expiring no pre-auth key': {
    argv: ['preauthkeys', 'expire'],
    refusal: () => usage('no key given', see('preauthkeys expire')),
  },
  'expiring an API key that is not there': {
    argv: ['apikeys', 'expire', '-i', '99'],
    refusal: () => ({
      status: 3,
      code: 'not-found',
      error: 'API key 99 not found',
      hint: 'see: headscale-ts apikeys list',
    }),
  },
  'expiring no API key': {
    argv: ['apikeys', 'expire'],
    refusal: () => usage('no key given', see('apikeys expire')),
  },
}

/** Where the executable is asked too, over the socket: a child process takes its time. */
const ALSO_SPAWNED = ['sandbox 0.15', 'sandbox 0.29', 'headscale 0.17.1', 'headscale 0.29.3']

/** Over REST the releases in between have nothing of their own to refuse. */
const specs = SERVERS.filter(
  ({kind, via, line}) => kind === 'real' || via === 'socket' || ['0.15', '0.29'].includes(line),
)

describe.for(specs)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: smallTailnet()})
  let before: unknown
  beforeAll(async () => {
    before = await server.snapshot()
  })

  const spawned = ALSO_SPAWNED.includes(spec.label.replace(' over socket', ''))
  test.for(Object.entries(CASES))('%s', async ([, {argv, refusal}], {skip}) => {
    const expected = refusal(server)
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
