/**
 * Every list in every format, on sandboxes of several releases: full golden files. Names contain what a spreadsheet, a
 * shell, a terminal or a command would read as something else.
 */
import stringWidth from 'string-width'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {LIST_FORMATS} from '../../src/cli/output/formats.ts'
import {MATRIX, type InProcess, runHere} from '../support/program.ts'
import {startTestSandbox, type TestServer} from '../support/servers.ts'

const NOW = new Date('2026-05-01T12:00:00Z')
const HOUR = 3_600_000
const from = (hours: number) => new Date(NOW.getTime() + hours * HOUR).toISOString()
const key = (digits: string) => digits.repeat(32)

const LISTS = [
  'users list',
  'nodes list',
  'nodes list-routes',
  'routes list',
  'routes list -i 2',
  'preauthkeys list',
  'apikeys list',
  'oauth-clients list',
]
const FORMATS = ['', '-o wide', '-o csv', '-o tsv', '-o name', '-o id', "-o jsonpath=$[*]['id','createdAt']"]

function seed(release: string) {
  const profiles = Number(release.slice(2)) >= 24
  const owner = profiles ? {email: 'bob@example.com', displayName: '=HYPERLINK("http://x")', provider: 'oidc'} : {}
  return {
    prefixes: ['100.64.0.0/10', 'fd7a:115c:a1e0::/48'],
    users: [
      {name: 'alice', createdAt: from(-5000)},
      {name: 'bob', createdAt: from(-4000), ...owner},
    ],
    nodes: [
      {
        name: 'web-10',
        user: 'alice',
        machineKey: key('1a'),
        nodeKey: key('1b'),
        discoKey: key('1c'),
        ip: ['100.64.0.10', 'fd7a:115c:a1e0::a'],
        online: true,
        createdAt: from(-3000),
        expiry: from(100),
      },
      {
        name: 'web-2',
        user: 'bob',
        machineKey: key('2a'),
        nodeKey: key('2b'),
        discoKey: key('2c'),
        ip: ['100.64.0.9', 'fd7a:115c:a1e0::9'],
        online: false,
        lastSeen: from(-3),
        createdAt: from(-2000),
        expiry: from(-1),
        routes: ['10.0.0.0/24', '0.0.0.0/0', '::/0'],
        approved: ['10.0.0.0/24'],
        tags: ['tag:web', 'tag:prod'],
      },
      {
        name: '42',
        user: 'bob',
        machineKey: key('3a'),
        nodeKey: key('3b'),
        discoKey: key('3c'),
        ip: '100.64.1.1',
        online: false,
        lastSeen: from(-24 * 40),
        createdAt: from(-1000),
      },
      {
        name: '=1+1,"x"\t\u001b[31mred\\n two words',
        user: 'alice',
        machineKey: key('4a'),
        nodeKey: key('4b'),
        discoKey: key('4c'),
        ip: ['100.64.0.100'],
        online: false,
        lastSeen: from(-10),
        createdAt: from(-900),
      },
    ],
    preAuthKeys: [
      {user: 'alice', key: 'a1'.repeat(24), reusable: true, expiration: from(30)},
      {user: 'bob', key: `-${'b2'.repeat(23)}b`, ephemeral: true, used: true, expiration: from(-30)},
    ],
  }
}

interface Document {
  id: string
}

/** One in `npm test`, since there are many goldens for each. */
const RELEASES = MATRIX ? ['0.15', '0.22', '0.29', '0.30'] : ['0.29']

describe.for(RELEASES)('sandbox %s', (release) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestSandbox({release, now: () => NOW, seed: seed(release)})
    await run('apikeys create --expiration 90d')
    if (release === '0.30') await run('oauth-clients create -s all -t tag:web -d @deploy')
  })
  afterAll(() => server.close())
  const run = (line: string, options: InProcess = {}) =>
    runHere(line.split(' '), {env: server.env, now: () => NOW, ...options})
  async function printed(line: string, options?: InProcess): Promise<string> {
    const {status, stdout, stderr} = await run(line, options)
    expect([line, status, stderr]).toEqual([line, 0, ''])
    return stdout
  }
  const rows = async (line: string, options?: InProcess) => (await printed(line, options)).trimEnd().split('\n')

  /** What a run of the program prints, with the generated parts of keys replaced by text of the same width. */
  async function transcriptOf(lines: readonly string[], options?: InProcess): Promise<string> {
    const generated = (
      await Promise.all(['apikeys list -o name', 'oauth-clients list -o name'].map((line) => run(line)))
    ).flatMap(({stdout}) => stdout.split('\n').filter((word) => word !== ''))
    let text = ''
    for (const line of lines) {
      const {status, stdout, stderr} = await run(line, options)
      text += `$ headscale-ts ${line}\n${stdout}${stderr}${status === 0 ? '' : `exit ${status}\n`}\n`
    }
    return generated.reduce((masked, word) => masked.replaceAll(word, 'x'.repeat(word.length)), text)
  }

  test('every list in every format', {timeout: 120_000}, async () => {
    const lines = LISTS.flatMap((list) => FORMATS.map((format) => `${list} ${format}`.trim()))
    await expect(await transcriptOf(lines)).toMatchFileSnapshot(`../golden/lists/formats-${release}.txt`)
  })

  test('on a terminal an item is one line of it, and a note says what is missing', {timeout: 120_000}, async () => {
    let transcript = ''
    for (const width of [60, 80, 160]) {
      const text = await transcriptOf(LISTS.slice(0, -1), {width})
      transcript += `==== ${width} columns\n\n${text}`
      const tables = text.split('\n').filter((line) => line.includes(' | '))
      expect(tables.filter((line) => stringWidth(line) > width)).toEqual([])
    }
    await expect(transcript).toMatchFileSnapshot(`../golden/lists/terminal-${release}.txt`)
  })

  test('the name of an item finds it', async () => {
    for (const [list, show] of [
      ['nodes list', 'nodes show'],
      // Nothing is to be done for a key that has expired.
      ['preauthkeys list --not-expired', 'preauthkeys expire --dry-run'],
    ] as const) {
      const [names, ids] = [await rows(`${list} -o name`), await rows(`${list} -o id`)]
      for (const [i, name] of names.entries()) {
        const {stdout} = await run(`${show} ${name} -o json`)
        const found = JSON.parse(stdout) as Document & {changes?: Document[]}
        expect((found.changes?.[0] ?? found).id).toBe(ids[i])
      }
    }
  })

  test('a query sees the document of -o json', async () => {
    for (const list of LISTS.slice(0, -1)) {
      const document = JSON.parse(await printed(`${list} -o json`)) as unknown
      expect(JSON.parse(await printed(`${list} -o jsonpath=$`))).toEqual(document)
    }
    expect(await rows('nodes list -o jsonpath=$[?@.online==true].name')).toEqual(['web-10'])
    expect(await rows('nodes list -o jsonpath=$[?@.name=="web-2"].ipAddresses')).toEqual([
      '["100.64.0.9","fd7a:115c:a1e0::9"]',
    ])
    expect(await printed('nodes list -o jsonpath=$[?@.name=="nothing"]')).toBe('')
    // A result is one line and never controls a terminal, unlike the value itself.
    expect(await rows('nodes list -o jsonpath=$[3].name')).toEqual(['=1+1,"x"\\t\\x1b[31mred\\n two words'])
  })

  test('--columns prints these columns in this order, in tables, CSV and TSV', async () => {
    expect(await printed('nodes list --columns online,id,name')).toBe(
      [
        'Online  | ID | Name',
        'online  | 1  | web-10',
        'offline | 2  | web-2',
        'offline | 3  | 42',
        'offline | 4  | =1+1,"x"\\t\\x1b[31mred\\n two words',
        '',
      ].join('\n'),
    )
    expect(await rows('nodes list -o csv --columns=id,ipAddresses --no-header')).toEqual([
      '1,"100.64.0.10,fd7a:115c:a1e0::a"',
      '2,"100.64.0.9,fd7a:115c:a1e0::9"',
      '3,100.64.1.1',
      '4,100.64.0.100',
    ])
    expect(await rows('nodes list -o tsv --columns id --columns ip,id')).toEqual([
      'id\tip-addresses',
      '1\t100.64.0.10,fd7a:115c:a1e0::a',
      '2\t100.64.0.9,fd7a:115c:a1e0::9',
      '3\t100.64.1.1',
      '4\t100.64.0.100',
    ])
    expect(await printed('nodes list --no-header --columns id')).toBe('1\n2\n3\n4\n')
  })

  test('a node has the name of the list, and the host name of its client', async () => {
    if (release !== '0.15') expect(await run('nodes rename web-2 gateway')).toMatchObject({status: 0})
    const shown = ['web-10', release === '0.15' ? 'web-2' : 'gateway', '42']
    const table = (await rows('nodes list')).map((row) => row.split(' | ')[1]!.trim())
    expect(table.slice(0, 4)).toEqual(['Name', ...shown])
    for (const word of ['name', 'given-name', 'givenName', 'NAME'])
      expect(await rows(`nodes list --columns ${word}`)).toEqual(table)
    expect((await rows('nodes list -o name')).slice(0, 3)).toEqual([...shown.slice(0, 2), 'name:42'])
    const sorted = await rows('nodes list --columns name --no-header --sort name')
    expect(sorted.slice(1)).toEqual(shown.toReversed())
    for (const word of ['hostname', 'host-name'])
      expect((await rows(`nodes list --columns ${word}`)).slice(0, 4)).toEqual(['Hostname', 'web-10', 'web-2', '42'])
    // The headers of files for programs are the names of the JSON.
    expect((await rows('nodes list -o csv --columns name,hostname'))[0]).toBe('given-name,name')
    if (release !== '0.15') await run('nodes rename gateway web-2')
  })

  test.for([
    ['name', '4 3 2 1'],
    ['-name', '1 2 3 4'],
    ['id', '1 2 3 4'],
    ['-id', '4 3 2 1'],
    ['ip', '2 1 4 3'],
    ['-ip-addresses', '3 4 1 2'],
    ['last-seen', '3 4 2 1'],
    ['-last-seen', '1 2 4 3'],
    // Without a value last, in both directions.
    ['expiry', '2 1 3 4'],
    ['-expiry', '1 2 3 4'],
    ['online', '2 3 4 1'],
    ['-online', '1 2 3 4'],
    ['available-routes', '2 1 3 4'],
  ])('--sort %s', async ([column, ids]) => {
    expect((await rows(`nodes list --sort ${column} -o id`)).join(' ')).toBe(ids)
    expect((await rows(`nodes list --sort=${column} -o jsonpath=$[*].id`)).join(' ')).toBe(ids)
  })

  test('times are in UTC, in local time or relative', async () => {
    const times = (flags: string) =>
      rows(`nodes list --columns last-seen,expiry --no-header ${flags}`.trim(), {zoneOffset: 330})
    const utc = [
      '2026-05-01 12:00:00 | 2026-05-05 16:00:00',
      '2026-05-01 09:00:00 | 2026-05-01 11:00:00',
      '2026-03-22 12:00:00 | -',
      '2026-05-01 02:00:00 | -',
    ]
    expect(await times('')).toEqual(utc)
    expect(await times('--utc')).toEqual(utc)
    expect((await times('--local'))[1]).toBe('2026-05-01 14:30:00 +05:30 | 2026-05-01 16:30:00 +05:30')
    expect((await times('--local -o csv'))[1]).toBe('2026-05-01T14:30:00+05:30,2026-05-01T16:30:00+05:30')
    expect((await times('-o csv'))[1]).toBe('2026-05-01T09:00:00Z,2026-05-01T11:00:00Z')
    expect(await times('--relative')).toEqual(['now     | in 4d', '3h ago  | 1h ago', '40d ago | -', '10h ago | -'])
  })
})

describe('without a server', () => {
  const COLUMNS = 'columns: id, prefix, expiration, created-at, last-seen'
  const env = {HEADSCALE_CLI_ADDRESS: 'http://127.0.0.1:1', HEADSCALE_CLI_API_KEY: 'x'}
  const run = (line: string) => runHere(line.split(' '), {env})

  test.for(LISTS.filter((list) => !list.includes('-i')))('%s --columns help', async (list) => {
    const {status, stdout, stderr} = await run(`${list} --columns help`)
    await expect(stdout).toMatchFileSnapshot(
      `../golden/lists/columns-${list.replace(/ list$/, '').replace(' ', '-')}.txt`,
    )
    expect([status, stderr]).toEqual([0, ''])
  })

  test.for([
    ['--columns id,prefx', 'unknown column "prefx"', `did you mean prefix? ${COLUMNS}`],
    ['--columns nodes', 'unknown column "nodes"', COLUMNS],
    ['--columns=', '--columns has an empty value', 'see: headscale-ts apikeys list --help'],
    ['--columns id,,prefix', '--columns has an empty value', 'see: headscale-ts apikeys list --help'],
    ['--sort -craeted', 'unknown column "craeted"', `did you mean created? ${COLUMNS}`],
    ['--sort --no-header', '--sort expects a value', 'see: headscale-ts apikeys list --help'],
    ['--sort=', '--sort has an empty value', 'see: headscale-ts apikeys list --help'],
    ['-o xml', 'invalid value "xml" for --output', `expected one of: ${LIST_FORMATS.join(', ')}`],
    ['-o jsonpath', 'invalid value "jsonpath" for --output', `expected one of: ${LIST_FORMATS.join(', ')}`],
    ['-o jsonpath=', 'invalid value "jsonpath=" for --output', `expected one of: ${LIST_FORMATS.join(', ')}`],
    [
      '-o jsonpath={.items}',
      `invalid JSONPath "{.items}": expected '$', found '{' ('{.items}':0)`,
      "this is not kubectl's JSONPath; the syntax is RFC 9535, for example: -o 'jsonpath=$[*].id'",
    ],
    [
      '-o name --columns id',
      '--columns cannot be used with -o name',
      '--columns is for tables, -o wide, -o csv and -o tsv',
    ],
    [
      '-o id --no-header',
      '--no-header cannot be used with -o id',
      '--no-header is for tables, -o wide, -o csv and -o tsv',
    ],
    [
      '-o jsonpath=$ --local',
      '--local cannot be used with -o jsonpath',
      '--local is for tables, -o wide, -o csv and -o tsv',
    ],
    ['--utc --local', '--local and --utc cannot be used together', 'see: headscale-ts apikeys list --help'],
    ['--relative --local', '--local and --relative cannot be used together', 'see: headscale-ts apikeys list --help'],
  ] as const)('apikeys list %s', async ([flags, message, hint]) => {
    expect(await run(`apikeys list ${flags}`)).toEqual({
      status: 2,
      stdout: '',
      stderr: `error: ${message}\nhint: ${hint}\n`,
    })
  })

  test('with -o json an error is an object', async () => {
    const {status, stderr} = await run('apikeys list -o json --columns id')
    expect([status, (JSON.parse(stderr) as {error: {message: string}}).error.message]).toEqual([
      2,
      '--columns cannot be used with -o json',
    ])
  })
})
