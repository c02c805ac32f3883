/** Domain values for the tables: ordinary ones, and some with terminal control characters. */
import type {Node} from '../../src/domain/node.ts'
import type {User} from '../../src/domain/user.ts'

export const NOW = new Date('2022-03-20T10:00:00Z')

const USER: User = {
  id: '1',
  name: 'default',
  displayName: null,
  email: null,
  provider: null,
  providerId: null,
  profilePictureUrl: null,
  createdAt: new Date('2022-03-09T06:12:06.789Z'),
}

export function user(more: Partial<User> = {}): User {
  return {...USER, ...more}
}

export function node(more: Partial<Node> = {}): Node {
  return {
    id: '1',
    hostName: 'coredns',
    givenName: null,
    machineKey: `mkey:${'a1'.repeat(32)}`,
    nodeKey: 'nodekey:130dd104c5b79a7e6e0f6f1ab41e1d9c2f2a6d0c2f4f4f1bb05b1f0d4f3f6a21',
    discoKey: `discokey:${'c3'.repeat(32)}`,
    ipAddresses: ['10.1.0.1'],
    user: USER,
    lastSeen: new Date('2022-03-20T09:08:58.126Z'),
    expiry: null,
    createdAt: new Date('2022-03-09T06:12:06Z'),
    registerMethod: null,
    preAuthKey: null,
    tags: [],
    requestedTags: [],
    routes: null,
    online: true,
    client: null,
    ...more,
  }
}

/** The two rows the guide shows. */
export const GUIDE: Node[] = [
  node(),
  node({
    id: '2',
    hostName: 'carsondemacbook-pro',
    nodeKey: 'nodekey:93b6f35d8e0c47a2b1f9d36e5c7a80412d9be3f6a7c5081e4b2d6f9a3c8e7051',
    ipAddresses: ['10.1.0.2'],
    lastSeen: new Date('2022-03-20T09:48:30Z'),
  }),
]

/** What today's servers give. */
export const TODAY: Node[] = [
  node({
    id: '9',
    hostName: 'Carson’s MacBook',
    givenName: 'carsons-macbook',
    ipAddresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'],
    registerMethod: 'oidc',
    user: user({id: '12', name: 'carson@example.com', displayName: 'Carson', email: 'carson@example.com'}),
    routes: {available: ['10.0.0.0/24'], approved: ['10.0.0.0/24'], serving: []},
    expiry: new Date('2022-03-20T10:00:00Z'),
  }),
  node({
    id: '10',
    givenName: 'runner',
    user: null,
    tags: ['tag:ci', 'tag:linux'],
    nodeKey: null,
    ipAddresses: [],
    lastSeen: null,
    online: false,
    preAuthKey: {
      id: '3',
      key: 'hskey-auth-abcdef***',
      user: null,
      reusable: true,
      ephemeral: true,
      used: true,
      expiration: null,
      createdAt: null,
      tags: ['tag:ci'],
    },
    expiry: new Date('2022-03-20T10:00:01Z'),
  }),
]

/** Names people and attackers give. */
export const ODD: Node[] = [
  '服务器',
  'ｆｕｌｌ',
  'café',
  'cafe\u0301',
  '🖥️ desk',
  '👩‍👩‍👧‍👦',
  'two\nlines\tand a tab',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  'back\u0008space',
  '\u009b31m',
  '\u202egnp.exe',
  'a | b',
  '',
].map((hostName, i) => node({id: String(i + 1), hostName}))
