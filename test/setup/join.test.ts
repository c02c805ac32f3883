/** The lines of `setup join` for each system, whole; those for a shell are also read by one. */
import {spawnSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {joinLines} from '../../src/setup/join/join.ts'
import {type JoinOptions, type Platform, PLATFORMS} from '../../src/setup/join/options.ts'

const PLAIN: JoinOptions = {
  serverUrl: 'https://hs.example.com',
  authKey: null,
  hostname: null,
  subnets: [],
  exitNode: false,
  acceptRoutes: null,
  acceptDns: null,
  minimumClient: null,
}
const WITH_KEY = {...PLAIN, authKey: 'hskey-auth-abc-def', minimumClient: '1.80'}
const ROUTER = {
  ...WITH_KEY,
  hostname: 'router',
  subnets: ['192.168.100.0/24', 'fd00:1::/64'],
  exitNode: true,
  acceptRoutes: false,
  acceptDns: false,
}

test.for(PLATFORMS)('%s', async (platform) => {
  const cases = {
    'registered afterwards': PLAIN,
    ...(platform !== 'ios' && {'with a key': WITH_KEY}),
    ...(platform === 'android' && {'an exit node': {...WITH_KEY, exitNode: true}}),
    ...(platform !== 'ios' && platform !== 'android' && {'a router and exit node': ROUTER}),
  }
  const text = Object.entries(cases)
    .map(([title, options]) => `== ${title}\n${joinLines(platform, options).join('\n')}\n`)
    .join('\n')
  await expect(text).toMatchFileSnapshot(`golden/join/${platform}.txt`)
})

describe('a shell runs the lines as they are meant', () => {
  /** Every command that is not one of the shell prints its words in place of its work. */
  function words(platform: Platform, options: JoinOptions): string[] {
    const programs = ['tailscale', 'docker', 'sysctl', 'uci', 'service']
    const stubs = programs.map(
      (name) => `${name}() { for word in ${name} "$@"; do printf '[%s]' "$word"; done; echo; }`,
    )
    const lines = joinLines(platform, options).map((line) => line.replace(' > /etc/sysctl.d/99-tailscale.conf', ''))
    const {status, stdout, stderr} = spawnSync('sh', ['-eu'], {
      input: [...stubs, ...lines].join('\n'),
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
    return stdout.trimEnd().split('\n')
  }

  test('linux', () => {
    expect(words('linux', ROUTER)).toEqual([
      'net.ipv4.ip_forward = 1',
      'net.ipv6.conf.all.forwarding = 1',
      '[sysctl][-p][/etc/sysctl.d/99-tailscale.conf]',
      '[tailscale][up][--login-server][https://hs.example.com][--auth-key][hskey-auth-abc-def][--hostname][router]' +
        '[--accept-dns=false][--advertise-routes][192.168.100.0/24,fd00:1::/64][--advertise-exit-node]',
    ])
  })

  test('docker', () => {
    const [line] = words('docker', {...PLAIN, acceptRoutes: null})
    expect(line).toContain('[--env][TS_EXTRA_ARGS=--login-server=https://hs.example.com --accept-routes]')
  })

  test('a key of any text is one word', () => {
    const authKey = 'a\'b $(touch /tmp/x) "c'
    expect(words('linux', {...PLAIN, authKey})).toEqual([
      `[tailscale][up][--login-server][https://hs.example.com][--auth-key][${authKey}][--accept-routes]`,
    ])
  })
})
