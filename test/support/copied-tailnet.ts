/** A tailnet with everything that a tailnet file can hold on a release, for tests that make a copy of a sandbox. */
import type {SeedData, SeedNode} from '../../src/sandbox/index.ts'
import {policyFor} from './tailnets.ts'

const SECRET = 'fedcba9876543210'.repeat(4)

/** Keys that are in the seed, and must not be in what is written. */
export const SECRETS = [SECRET, SECRET.replaceAll('f', '0'), SECRET.replaceAll('e', '1')]

const TIME = '2026-01-02T03:04:05Z'

export function copiedTailnet(minor: number): SeedData {
  const nodes: SeedNode[] = [
    {
      id: 2,
      name: 'router',
      user: 'alpha',
      ip: '10.1.0.7',
      routes: ['10.0.0.0/24', '10.9.0.0/16'],
      approved: ['10.0.0.0/24'],
      serving: [],
    },
    {
      id: 3,
      name: 'yes',
      givenName: 'gateway',
      user: 'alpha',
      routes: ['0.0.0.0/0', '::/0', '10.0.0.0/24'],
      approved: ['0.0.0.0/0', '10.0.0.0/24', '::/0'],
      serving: ['10.0.0.0/24'],
    },
    {id: 6, name: 'laptop', user: 'beta', online: false, lastSeen: '2026-01-03T00:00:00.123Z', expiry: TIME},
    {id: 7, name: 'laptop', givenName: 'laptop-1', user: 'beta', online: false, machineKey: SECRET, preAuthKey: 4},
    {id: 12, name: '1e3', user: 'alpha', machineKey: SECRET, preAuthKey: 9, ip: ['10.1.0.200', 'fd7a:115c:a1e0::9']},
  ]
  if (minor >= 16) nodes.push({id: 20, name: 'ci', user: minor >= 29 ? null : 'alpha', tags: ['tag:ci', 'tag:prod']})
  if (minor >= 16 && minor <= 27) nodes.push({id: 21, name: 'asks', user: 'alpha', requestedTags: ['tag:prod']})
  if (minor >= 18 && minor <= 25) {
    nodes[0]!.routeIds = {'10.0.0.0/24': 5, '10.9.0.0/16': 8, '10.77.0.0/16': 6}
    nodes[1]!.routeIds = {'10.0.0.0/24': 7}
  }
  if (minor >= 24) nodes.push({id: 30, name: 'sso', user: 'id:8', registerMethod: 'oidc', ip: []})
  return {
    prefixes: ['10.1.0.0/16', 'fd7a:115c:a1e0::/48'],
    users: [
      {id: 2, name: 'alpha', createdAt: TIME},
      {id: 5, name: 'beta', createdAt: '2026-02-02T03:04:05.678Z'},
      ...(minor >= 24
        ? [
            {id: 7, name: 'gamma', displayName: 'Gamma: "3" #', email: 'gamma@example.com'},
            {id: 8, displayName: 'Jane', email: 'jane@example.com', providerId: 'https://idp.example.com/8'},
            {id: 9, name: 'alpha', providerId: 'https://idp.example.com/9', profilePicUrl: 'https://example.com/9.png'},
            {id: 11, providerId: 'https://idp.example.com/11', provider: 'oidc'},
          ]
        : []),
    ].map((user) => ({createdAt: TIME, ...user})),
    nodes: nodes.map((node) => ({
      createdAt: TIME,
      ...node,
      ...(minor >= 24 && node.user === 'alpha' && {user: 'id:2'}),
    })),
    preAuthKeys: [
      {id: 4, user: 'beta', key: SECRETS[1]!, ephemeral: true, used: true, createdAt: TIME, expiration: TIME},
      {id: 9, user: minor >= 24 ? 'id:2' : 'alpha', key: SECRETS[2]!, reusable: true, createdAt: TIME},
      {id: 10, user: 'beta', createdAt: TIME},
    ],
    // There are two users alpha, which 0.29 rejects in a policy.
    ...(minor >= 23 && {policy: `// "Who" may\n${policyFor(minor).replaceAll('alpha', 'beta')}\n`}),
  }
}
