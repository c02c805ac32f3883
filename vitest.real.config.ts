import {defineConfig} from 'vitest/config'

import base from './vitest.config.ts'

/** `npm run test:real`: the same contract suite with real headscale servers in it, and what needs them alone. */
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts', 'test/contract/**/*.test.ts'],
    env: {...base.test?.env, HEADSCALE_TS_REAL: '1', HEADSCALE_TS_MATRIX: '1'},
    isolate: false,
    // Servers wait for their database, and a run may share its machine with a build.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    // Mostly waits for servers: a change takes half a second and more from 0.27 on.
    maxWorkers: 6,
    globalSetup: [...[base.test?.globalSetup ?? []].flat(), 'test/servers/global-setup.ts'],
  },
})
