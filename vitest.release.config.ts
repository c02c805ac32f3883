import {defineConfig} from 'vitest/config'

import base from './vitest.config.ts'

/** `npm run test:release`: builds a release and installs and runs it as its users do. */
export default defineConfig({
  test: {
    include: ['test/release/**/*.test.ts'],
    env: {...base.test?.env, HEADSCALE_TS_RELEASES: '1'},
    testTimeout: 240_000,
    hookTimeout: 240_000,
    globalSetup: [...[base.test?.globalSetup ?? []].flat(), 'test/release/setup.ts'],
  },
})
