/**
 * The tailnet of the guide, as clients that wait to be registered: `--seed guide`.
 *
 * Registered in this order into one namespace they get ids 1 to 6 and addresses 10.1.0.1 to 10.1.0.6, with the node
 * keys the guide's tables show ([Ew3RB], [k7bzX], [7LdVc] are base64 of the first bytes). The three clients the guide
 * leaves out have names of our own.
 */
import type {SeedData} from '../../tailnet-file/tailnet-data.ts'

export const guide: SeedData = {
  prefixes: ['10.1.0.0/16'],
  pending: [
    {
      key: '905cf165204800247fbd33989dbc22be95c987286c45aac3033937041150d846',
      name: 'coredns',
      nodeKey: '130dd104c5b79a7e6e0f6f1ab41e1d9c2f2a6d0c2f4f4f1bb05b1f0d4f3f6a21',
    },
    {
      key: '21d7a3c10f5e94b8627c3d0a9be84f1563c2e7d09a8b4f7651e0c3d2b4a59687',
      name: 'carsondemacbook-pro',
      nodeKey: '93b6f35d8e0c47a2b1f9d36e5c7a80412d9be3f6a7c5081e4b2d6f9a3c8e7051',
    },
    {
      key: '3ac85f92d1e7046b8f5d2c9a7e30b1648d2f5c7b9e10a3d4f6c8b7a5928e1f03',
      name: 'gateway',
      nodeKey: '5e07c9a1d3b58f6240ea7bd9183c5f62a4d7e80b9c1f3a56d2e4b8c7f0915a3d',
    },
    {
      key: '4fb1d07e63a9c2585e0d8f7b4a91c3d26e5f8a0b7c9d1e34f2a6b8c5d7e09f14',
      name: 'nas',
      nodeKey: '2c9f7e51b8d3064ae17f5c0d92b8a64391e5d7c0f8a2b36497d1e5c3fb80a246',
    },
    {
      key: '58e2c6b90d4f7a13be6c5d8f0a29e7b41c3d5f8e7a9b0c2d4e6f8a1b3c5d7e90',
      name: 'phone',
      nodeKey: '7ad1840fc25be9367d0e4fa8b5913c6e2f7d9b0a8c4e1536f2d7b9c8e0a4135f',
    },
    {
      key: '6d93f0a7e5c1b842906e7d5f3c8b1a04e2f9d7c6b5a3849f1e0d2c4b6a8f7e53',
      name: 'openwrt',
      nodeKey: 'ecb75573a1c4f96e08d2b5e7f3096c1a84d7e2b9f5c03d681ea7b4c9d2f05836',
      routes: ['192.168.100.0/24'],
    },
  ],
}
