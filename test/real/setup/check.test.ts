/**
 * `setup check` against real servers: what a server refuses is reported as an error, what starts is what the cases say,
 * and the example file of each release has no finding.
 */
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, test} from 'vitest'

import {CASES, DERP} from '../../setup/cases.ts'
import type {CheckCase} from '../../setup/cases.ts'
import {folderOf, setup} from '../../setup/support.ts'
import {programFolder, sourceFolder} from '../../servers/build.ts'
import {lastLines, run, startBackground} from '../../servers/process.ts'
import {available, headscaleVersions, serverEnvironment} from '../../support/real-servers.ts'

const VERSIONS = headscaleVersions().filter((version) => available(version).ok)

/** The built release of a line such as 0.29. */
const built = (release: string) => VERSIONS.find((version) => version.startsWith(`${release}.`))

const headscale = (version: string) => join(programFolder(`headscale-${version}`), 'headscale')

/** From 0.22 on; 0.17.1 is started instead. */
const hasConfigtest = (version: string) => Number(version.split('.')[1]) >= 22

/** Whether a server that is started still runs after a while. */
async function starts(version: string, folder: string, env: NodeJS.ProcessEnv): Promise<{ok: boolean; log: string}> {
  const log = join(folder, 'serve.log')
  const config = join(folder, 'config.yaml')
  const server = startBackground([headscale(version), '-c', config, 'serve'], {cwd: folder, env, log})
  try {
    for (let waited = 0; server.alive() && waited < 50; waited++) await sleep(100)
    return {ok: server.alive(), log: lastLines(log)}
  } finally {
    await server.stop()
  }
}

/** What the server does with a file, as a case says it. */
async function refusal(
  version: string,
  folder: string,
  given: CheckCase,
): Promise<{refused: string | null; log: string}> {
  const env = {...serverEnvironment(version, folder), ...given.env}
  if (hasConfigtest(version)) {
    const command = [headscale(version), '-c', join(folder, 'config.yaml'), 'configtest']
    const {code, stdout, stderr} = await run(command, {cwd: folder, env})
    if (code !== 0) return {refused: 'configtest', log: stdout + stderr}
    if (given.refused !== 'start') return {refused: null, log: stdout + stderr}
  }
  const {ok, log} = await starts(version, folder, env)
  return {refused: ok ? null : 'start', log}
}

describe.each(CASES.filter(({release}) => built(release) !== undefined))('case $number: $title', (given) => {
  const version = built(given.release)!

  test(`${version} ${given.refused === null ? 'accepts it' : `refuses it at ${given.refused}`}`, async () => {
    const folder = folderOf(given)
    const {refused, log} = await refusal(version, folder, given)
    expect(refused, log).toBe(given.refused)
    const {status} = await setup(folder, ['check', 'config.yaml', '--for', version, ...given.flags], {env: given.env})
    // What a server refuses is an error, whatever else is one.
    if (given.refused !== null) expect(status).toBe(6)
    else expect(status).toBe(given.verdict === 'error' ? 6 : 0)
  })
})

describe.each(VERSIONS)('the example file of %s', (version) => {
  const example = join(sourceFolder(version), 'config-example.yaml')

  test.runIf(existsSync(example))('has no finding', async () => {
    const config = readFileSync(example, 'utf8')
    const {stdout, stderr, status} = await setup(folderOf({config, files: {}}), [
      'check',
      'config.yaml',
      '--for',
      version,
    ])
    expect({stdout, stderr, status}).toEqual({
      stdout: `config.yaml: no errors, no warnings (headscale ${version})\n`,
      stderr: '',
      status: 0,
    })
  })
})

describe('the example file of 0.22.3, renamed', () => {
  const example = join(sourceFolder('0.22.3'), 'config-example.yaml')
  const later = VERSIONS.filter((version) => Number(version.split('.')[1]) >= 23)

  test.runIf(existsSync(example)).each(later)('passes the configtest of %s', async (version) => {
    // Without the network, and below the folder of the test.
    const config = readFileSync(example, 'utf8')
      .replaceAll(/\/var\/(?:lib|run)\/headscale/g, 'FOLDER')
      .replace('    - https://controlplane.tailscale.com/derpmap/default\n', '')
      .replace('  paths: []', '  paths: [FOLDER/derp.yaml]')
      // In the policy from 0.29 on, which a person must write.
      .replace(/^randomize_client_port: .*\n/m, '')
    const folder = folderOf({config, files: {'derp.yaml': {text: DERP}}})
    const words = ['check', 'config.yaml', '--for', version, '--fix', '--force']
    const {status, stdout} = await setup(folder, words)
    expect(stdout).toContain('no errors')
    expect(status).toBe(0)
    const command = [headscale(version), '-c', join(folder, 'config.yaml'), 'configtest']
    const {code, stdout: out, stderr} = await run(command, {cwd: folder, env: serverEnvironment(version, folder)})
    expect(code, out + stderr).toBe(0)
  })
})
