/** The framed report and the JSON of fixed example checks, so that every time in them is known. */
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {checkDocument} from '../../src/derp/check/output/document.ts'
import {checkReport, roundReport} from '../../src/derp/check/output/check-report.ts'
import {checkExitCode, combineHealth} from '../../src/derp/check/result.ts'
import type {CheckResult, NodeResult, PathResult, Step, Verdict} from '../../src/derp/check/result.ts'
import {check} from '../../src/derp/check/output/schemas.ts'
import {StepLog} from '../../src/derp/check/step-log.ts'
import {VERDICTS, verdict} from '../../src/derp/check/verdict.ts'
import {createNode, createRegion} from '../../src/derp/map.ts'

const golden = (name: string): string => join(import.meta.dirname, 'golden', name)
const plain = (_: string, text: string): string => text
const CODES: Record<string, number> = {header: 96, good: 92, bad: 91}
const coloured = (tone: string, text: string): string =>
  CODES[tone] === undefined ? text : `\u001b[${CODES[tone]}m${text}\u001b[39m`
const pin = `sha256-raw:${'5a'.repeat(32)}`

function steps(...done: [Step['name'], Step['outcome'], number, string?][]): Step[] {
  const log = new StepLog()
  for (const [name, outcome, ms, detail] of done) log.record(name, outcome as 'ok', ms, detail)
  return log.list()
}

function path(address: string, what: Verdict, taken: Step[], more: Partial<PathResult> = {}): PathResult {
  const family = address.includes(':') ? 6 : 4
  const unknown = {notes: [], certificate: null, serverKey: null, mapped: null, openToAll: null}
  return {family, address, verdict: what, steps: taken, ...unknown, ...more}
}

function node(
  given: Parameters<typeof createNode>[0],
  paths: PathResult[],
  more: Partial<NodeResult> = {},
): NodeResult {
  return {
    node: createNode(given),
    paths,
    verdict: paths[0]?.verdict ?? verdict('no-address'),
    notes: [],
    dnsMs: null,
    ...more,
  }
}

const good = path(
  '203.0.113.7',
  verdict('works'),
  steps(
    ['tcp', 'ok', 21.42],
    ['tls', 'ok', 48.61, 'TLSv1.3'],
    ['http', 'ok', 22.5, 'GET /derp: 426'],
    ['upgrade', 'ok', 21.9],
    ['relay', 'ok', 43.04],
    ['packet', 'ok', 9.96],
    ['stun', 'ok', 20.04, '198.51.100.7:41641'],
  ),
  {
    mapped: '198.51.100.7:41641',
    openToAll: true,
    serverKey: 'ab'.repeat(32),
    certificate: {
      pin,
      subject: 'CN=203.0.113.7',
      altNames: 'IP Address:203.0.113.7',
      notBefore: new Date('2026-11-01T00:00:00Z'),
      notAfter: new Date('2027-11-01T00:00:00Z'),
      certificates: 1,
      protocol: 'TLSv1.3',
      checked: true,
    },
  },
)
const wrongPin = path(
  '2001:db8::9',
  verdict('certificate-rejected', {
    message: 'the certificate is not the pinned one',
    certificate: {
      fault: 'pin-mismatch',
      expected: pin,
      found: `sha256-raw:${'00'.repeat(32)}`,
      fix: 'put the pin found into the map',
    },
  }),
  steps(['tcp', 'ok', 1234.5], ['tls', 'failed', 12, 'pin-mismatch'], ['stun', 'failed', 3000, 'no answer']),
)
const proxied = path(
  '203.0.113.10',
  verdict('proxy'),
  steps(['tcp', 'ok', 1], ['tls', 'ok', 2], ['http', 'ok', 3], ['upgrade', 'failed', 4], ['stun', 'ok', 0.26]),
)
const expected = path(
  '203.0.113.11',
  verdict('works'),
  steps(
    ['tcp', 'ok', 1],
    ['tls', 'ok', 2],
    ['http', 'ok', 3],
    ['upgrade', 'ok', 4],
    ['relay', 'ok', 5],
    ['packet', 'ok', 6],
    ['unknown-client', 'ok', 7, 'unknown clients are rejected'],
  ),
  {notes: ['no STUN in the map: clients do not choose the region as home while another region answers']},
)

const result: CheckResult = {
  target: 'derp.yaml',
  startedAt: new Date('2026-11-22T12:00:00Z'),
  ms: 3456.78,
  health: 'degraded',
  regions: [
    {
      region: createRegion({regionId: 900, regionCode: 'thk', regionName: 'Tencent Hongkong'}),
      nodes: [
        node({name: '900a', hostName: '203.0.113.7', derpPort: 12_345}, [good]),
        node({name: '900b', hostName: 'derp.example.com'}, [wrongPin]),
      ],
      mesh: [],
      health: 'degraded',
      notes: [],
    },
    {
      region: createRegion({regionId: 901, regionCode: 'ali-sh', regionName: '阿里云上海'}),
      nodes: [
        node({name: '901a', hostName: 'gone.example.com'}, [], {
          verdict: verdict('no-address', {message: 'gone.example.com has no address'}),
        }),
        node({name: '901b', hostName: '203.0.113.10'}, [proxied], {notes: ['9 IPv4 addresses, 4 of them checked']}),
        node({name: '901c', hostName: '203.0.113.11', stunPort: -1}, [expected]),
      ],
      mesh: [{from: '901b', to: '901c', forwarded: false}],
      health: 'degraded',
      notes: ['clients on 901b do not reach clients on 901c: mesh the two'],
    },
  ],
}

test('the report', async () => {
  await expect(await checkReport(result, plain)).toMatchFileSnapshot(golden('report.txt'))
})

test('the report in colour', async () => {
  await expect(await checkReport(result, coloured)).toMatchFileSnapshot(golden('report-colour.txt'))
})

test('the report is ASCII even if the map has other characters', async () => {
  const report = await checkReport(result, plain)
  expect(report.replaceAll('阿里云上海', '')).toMatch(/^[\n\u0020-\u007e]*$/)
})

test('the JSON', async () => {
  expect(check.parse(checkDocument(result))).toEqual(checkDocument(result))
  await expect(`${JSON.stringify(checkDocument(result), null, 2)}\n`).toMatchFileSnapshot(golden('check.json'))
})

test('a later round of --watch prints changes only', () => {
  const changes = [
    {node: '900a', address: '203.0.113.7', before: verdict('works'), after: verdict('restricted')},
    {node: '900b', address: '203.0.113.8', before: null, after: verdict('works')},
  ]
  expect(roundReport(result, changes, coloured)).toBe(
    '2026-11-22T12:00:00Z 900a 203.0.113.7 works -> restricted: the relay is running, but closed the connection before it admitted the check\n' +
      '2026-11-22T12:00:00Z 900b 203.0.113.8 new -> \u001b[92mworks\u001b[39m: works: a packet went through it\n',
  )
  expect(roundReport(result, [], plain)).toBe('')
})

test('every verdict, as documented', async () => {
  const lines = Object.entries(VERDICTS).map(
    ([code, {health, message, fix}]) => `${code} (${health})\n  ${message}\n${fix === null ? '' : `  fix: ${fix}\n`}`,
  )
  await expect(lines.join('')).toMatchFileSnapshot(golden('verdicts.txt'))
})

test.for([
  [[], 'broken'],
  [['ok', 'ok'], 'ok'],
  [['ok', 'degraded'], 'degraded'],
  [['ok', 'broken'], 'degraded'],
  [['ok', 'unreachable'], 'degraded'],
  [['degraded', 'restricted'], 'degraded'],
  [['restricted', 'restricted'], 'restricted'],
  [['restricted', 'broken'], 'broken'],
  [['broken', 'unreachable'], 'broken'],
  [['unreachable', 'unreachable'], 'unreachable'],
] as const)('parts %j add up to %s', ([parts, sum]) => {
  expect(combineHealth(parts)).toBe(sum)
})

test('exit status', () => {
  expect((['ok', 'degraded', 'restricted', 'broken', 'unreachable'] as const).map(checkExitCode)).toEqual([
    0, 6, 6, 6, 7,
  ])
})
