/**
 * The commands of section 3 of the guide, unchanged, on a sandbox with the guide's tailnet: grep finds the router, its
 * route is listed, enabled and listed again. Both programs, over both transports.
 */
import {expect, test} from 'vitest'
import {guide} from '../../src/sandbox/seed/guide.ts'
import {maskTimes, runChild, runHere, runScript, withPrograms} from '../support/program.ts'
import {startTestSandbox, type Via} from '../support/servers.ts'

const CASES = withPrograms<{via: Via}>([{via: 'socket'}, {via: 'REST'}])

test.for(CASES)('the $program enables the route of the router over $via', async ({program, via}) => {
  const {env, close} = await startTestSandbox({via, seed: guide})
  try {
    await runHere(['namespaces', 'create', 'default'], {env})
    for (const {key} of guide.pending ?? []) {
      const registered = await runHere(['-n', 'default', 'nodes', 'register', '--key', key], {env})
      expect(registered).toEqual({status: 0, stdout: 'Machine register\n', stderr: ''})
    }
    const script = `
      headscale-ts nodes list|grep openwrt
      headscale-ts routes list -i 6
      headscale-ts routes enable -i 6 -r "192.168.100.0/24"
      headscale-ts routes list -i 6`
    const {status, stdout, stderr} = await runScript(program, script, {env})
    expect([status, stderr]).toEqual([0, ''])
    // The row in the guide is not padded to the longest name, since the guide leaves that node out.
    expect(maskTimes(stdout)).toBe(
      [
        '6  | openwrt             | [7LdVc] | default   | 10.1.0.6     | false     | YYYY-MM-DD HH:MM:SS | online | no',
        'Route            | Enabled',
        '192.168.100.0/24 | false',
        'Route            | Enabled',
        '192.168.100.0/24 | true',
        'Route            | Enabled',
        '192.168.100.0/24 | true',
        '',
      ].join('\n'),
    )
    // The name of the node works as well.
    expect(await runChild(program, ['routes', 'disable', '-i', 'openwrt', '-r', '192.168.100.0/24'], {env})).toEqual({
      status: 0,
      stdout: 'Route            | Enabled\n192.168.100.0/24 | false\n',
      stderr: '',
    })
  } finally {
    await close()
  }
})
