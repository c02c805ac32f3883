/**
 * Every command on every server: either it works, and the server shows the result, or it fails with exit code 8, names
 * the release it needs and the one of the server, and sends no change. JSON output matches the published schema. The
 * results are written to docs/releases.md.
 */
import {afterAll, describe, expect, test} from 'vitest'
import {POLICY_SCHEMAS} from '../../../src/policy/schemas.ts'
import {SCHEMAS} from '../../../src/render/document/schemas.ts'
import {headscaleVersions} from '../../support/real-servers.ts'
import {type Row, ROWS} from './matrix.ts'
import {type Sight, writeReleases} from './table.ts'
import {type Env, MATRIX, runHere, scratchFolder} from '../../support/program.ts'
import {useFixture, type Fixture} from '../../support/fixture.ts'
import {ALL_SERVERS, LONG_SUITE_SERVERS, type ServerSpec} from '../../support/servers.ts'
import {routedTailnet} from '../../support/tailnets.ts'

const sights: Sight[] = []

/** Only a complete run may write the document. */
afterAll(() => {
  const real = new Set(ALL_SERVERS.filter(({kind}) => kind === 'real').map(({label}) => label))
  const complete = real.size === 2 * headscaleVersions().length && sights.length === ALL_SERVERS.length * ROWS.length
  if (complete) writeReleases(commands, sights)
})

const commands = ROWS.map(({command}) => command)

describe.for(MATRIX ? ALL_SERVERS : LONG_SUITE_SERVERS)('$label', (spec) => {
  const server = useFixture(spec, {tailnet: routedTailnet, recorded: true})
  // Where replaced policies are saved, and an editor that changes a word.
  const own: Env = {XDG_STATE_HOME: scratchFolder(), EDITOR: 'sed -i s/made/edited/'}

  test.for(ROWS)('$command', async (row) => {
    const {since = 0, until = 99, without = []} = row
    const able = server.minor >= since && server.minor <= until && !without.includes(spec.line)
    await (able ? isDone : isRejected)(row, server, own)
    note(row, spec, able)
  })
})

async function isDone(row: Row, server: Fixture, own: Env): Promise<void> {
  const {status, stdout, stderr} = await runHere([...(await row.line(server)), '-o', 'json'], {
    env: {...server.env, ...own},
  })
  expect({status, stderr}).toMatchObject({status: 0})
  const answer: unknown = JSON.parse(stdout)
  if (row.schema !== undefined) expect({...SCHEMAS, ...POLICY_SCHEMAS}[row.schema]!.parse(answer)).toEqual(answer)
  // Go's zero time means "not set" and is never printed.
  expect(stdout).not.toMatch(/"0{3}[01]-/)
  await row.check(answer as never, server)
}

async function isRejected(row: Row, server: Fixture, own: Env): Promise<void> {
  const line = await row.line(server)
  server.recorder.changes()
  const {status, stdout, stderr} = await runHere(line, {env: {...server.env, ...own}})
  expect({status, stdout}).toEqual({status: 8, stdout: ''})
  expect(server.recorder.changes()).toEqual([])
  if (row.readsFile) {
    expect(stderr).toMatch(READS_FILE)
    return
  }
  const needs =
    row.until === undefined ? `0\\.${row.since}(?:\\.1)?(?: or later)?` : `0\\.${row.since} to 0\\.${row.until}`
  const found = `the server is (?:.* or )?0\\.${server.minor}(?:\\.\\d)?(?: or .*)?\n`
  expect(stderr).toMatch(
    new RegExp(`^error: "${line[0]} ${line[1]}(?: --[a-z-]+)?" needs headscale ${needs}; ${found}hint: .+\n$`),
  )
}

const READS_FILE =
  /^error: headscale .+ reads its policy from a file\nhint: on the machine of the server, write \S.* to the file that acl_policy_path in its config.yaml names, then run: .+\n$/m

function note({command}: Row, {line, kind}: ServerSpec, able: boolean): void {
  sights.push({command, line, kind, seen: able ? 'done' : 'rejected'})
}
