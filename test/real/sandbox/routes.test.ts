/**
 * Routes with ids (0.18 to 0.25) through headscale's own CLI: which of them are enabled and primary after each call must
 * be the same on the real server and on the simulator. Two offline nodes; the second one advertises a prefix of the
 * first. Left out is what 0.22 corrects a few seconds later: a primary route that is enabled again is not primary until
 * then.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {configYaml} from '../../../src/sandbox/config-file.ts'
import {startSandbox} from '../../../src/sandbox/index.ts'
import {advertise} from '../../support/advertise.ts'
import {run} from '../../servers/process.ts'
import {available, startHeadscale} from '../../support/real-servers.ts'

const ROUTES = {gate: ['10.0.0.0/24', '0.0.0.0/0', '::/0'], spare: ['10.0.0.0/24', '10.7.0.0/16', '::/0']}

/** After each line, all routes are listed. */
const CALLS = `
enable 1
enable 4
disable 1
enable 1
enable 2
disable 3
enable 3
enable 6
delete 3
enable 5
delete 5
disable 4
delete 1
enable 4
enable 9`

const SIMULATORS = [
  {version: '0.22.3', release: '0.22', keys: [`nodekey:${'ab'.repeat(32)}`, `nodekey:${'cd'.repeat(32)}`]},
  {version: '0.23.0', release: '0.23', keys: [`mkey:${'ab'.repeat(32)}`, `mkey:${'cd'.repeat(32)}`]},
  // 0.25.1 numbers its routes in a different order in each run, so its transcript cannot be compared.
]

describe.each(SIMULATORS.filter(({version}) => available(version).ok))(
  'routes of $version',
  ({version, release, keys}) => {
    test('are enabled and disabled alike on both', {timeout: 120_000}, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sb-'))
      const socketPath = join(folder, 'sandbox.sock')
      writeFileSync(join(folder, 'config.yaml'), configYaml(folder, socketPath))
      const nodes = Object.entries(ROUTES).map(([name, routes]) => ({name, user: 'default', online: false, routes}))
      const sandbox = await startSandbox({release, socketPath, seed: {nodes}})
      const server = await startHeadscale({version})
      try {
        await server.cli(['users', 'create', 'default'])
        for (const [index, [name, routes]] of Object.entries(ROUTES).entries()) {
          const options = ['--name', name, '-u', 'default', '-k', keys[index]!, '-r', routes.join(',')]
          await server.cli(['debug', 'create-node', ...options])
          await server.cli(['nodes', 'register', '-u', 'default', '-k', keys[index]!])
        }
        await advertise(server, {1: ROUTES.gate, 2: ROUTES.spare})
        const transcript = async (configPath: string) => {
          const shown: string[] = []
          for (const call of CALLS.trim().split('\n')) {
            const [verb = '', id = ''] = call.split(' ')
            for (const words of [[verb, '-r', id], ['list']]) {
              const {stdout, stderr} = await run([server.bin, '-c', configPath, 'routes', ...words], {env: server.env})
              shown.push(`$ ${words.join(' ')}\n${stdout}${stderr}`)
            }
          }
          return shown.join('').replaceAll(/^\S+ WRN .*\n/gm, '')
        }
        expect(await transcript(join(folder, 'config.yaml'))).toBe(await transcript(server.configPath))
      } finally {
        await server.stop()
        await sandbox.close()
        rmSync(folder, {recursive: true})
      }
    })
  },
)
