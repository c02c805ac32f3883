import {defineConfig} from 'vitest/config'

import base from './vitest.config.ts'

/** `npm run test:release`: builds a release and installs it; every test that runs programs then runs the installed ones. */
export default defineConfig({
  test: {
    ...base.test,
    exclude: ['node_modules/**'],
    include: ['test/release/**/*.test.ts', 'test/e2e/**/*.test.ts'],
    env: {...base.test?.env, HEADSCALE_TS_RELEASES: '1', HEADSCALE_TS_MATRIX: '1'},
    testTimeout: 240_000,
    hookTimeout: 240_000,
    globalSetup: [...[base.test?.globalSetup ?? []].flat(), 'test/release/setup.ts'],
  },
})
