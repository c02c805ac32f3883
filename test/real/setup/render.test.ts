/** Rendered config files start the real servers as they are, with loopback addresses put in, and without a warning. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, test} from 'vitest'

import {DERP} from '../../setup/cases.ts'
import {folderOf, setup} from '../../setup/support.ts'
import {programFolder} from '../../servers/build.ts'
import {lastLines, run, startBackground} from '../../servers/process.ts'
import {available, headscaleVersions, serverEnvironment} from '../../support/real-servers.ts'

const VERSIONS = headscaleVersions().filter((version) => available(version).ok)

/** Ports of this suite alone. */
const PORTS: [RegExp, string][] = [
  [/0\.0\.0\.0:8080/, '127.0.0.1:18580'],
  [/127\.0\.0\.1:8080/g, '127.0.0.1:18580'],
  [/127\.0\.0\.1:9090/, '127.0.0.1:18590'],
  [/127\.0\.0\.1:50443/, '127.0.0.1:18543'],
]

describe.each(VERSIONS)('the config file for %s', (version) => {
  test.each([
    ['plain HTTP', ['--server-url', 'http://127.0.0.1:8080']],
    [
      'a proxy, names and name servers',
      [
        '--server-url',
        'https://hs.example.com',
        '--tls',
        'proxy',
        '--base-domain',
        'tn.example.com',
        '--nameserver',
        '1.1.1.1',
      ],
    ],
  ])('with %s passes configtest and starts', async (_, words) => {
    const folder = folderOf({config: '', files: {'derp.yaml': {text: DERP}}})
    const {stdout, stderr} = await setup(folder, [
      'render',
      '--release',
      version,
      '--derp',
      'FOLDER/derp.yaml',
      ...words,
    ])
    expect(stderr).toBe('')
    const text = PORTS.reduce((all, [port, other]) => all.replace(port, other), stdout).replaceAll(
      /\/var\/(?:lib|run)\/headscale|FOLDER/g,
      folder,
    )
    const config = join(folder, 'config.yaml')
    writeFileSync(config, text)
    const check = await setup(folder, ['check', 'config.yaml', '--for', version])
    expect(check.stdout).toBe(`config.yaml: no errors, no warnings (headscale ${version})\n`)

    const headscale = join(programFolder(`headscale-${version}`), 'headscale')
    const env = serverEnvironment(version, folder)
    if (Number(version.split('.')[1]) >= 22) {
      const tested = await run([headscale, '-c', config, 'configtest'], {cwd: folder, env})
      expect(tested.code, tested.stdout + tested.stderr).toBe(0)
      expect(tested.stdout + tested.stderr).not.toMatch(/ WRN |[Ww]arn/)
    }
    const log = join(folder, 'serve.log')
    const server = startBackground([headscale, '-c', config, 'serve'], {cwd: folder, env, log})
    try {
      expect(await answers('http://127.0.0.1:18580/health', () => server.alive()), lastLines(log)).toBe(true)
    } finally {
      await server.stop()
    }
  })
})

/** Whether a server answers before it ends, within 20 seconds. */
async function answers(url: string, alive: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 200 && alive(); tries++) {
    const status = await fetch(url).then(
      ({status}) => status,
      () => 0,
    )
    if (status === 200) return true
    await sleep(100)
  }
  return false
}
