import {defineConfig} from 'vitest/config'
import base from './vitest.config.ts'

/**
 * `npm run test:matrix`: the contract suites over the sandbox as every release, and the suites that run child processes
 * with both programs or are slow, except for test/e2e, which `npm run test:release` runs with the installed ones.
 */
export default defineConfig({
  test: {
    ...base.test,
    include: [
      'test/contract/**/*.test.ts',
      'test/sandbox/commands.test.ts',
      'test/commands/{errors,keys,list-formats,routes}.test.ts',
      'test/doctor/doctor.test.ts',
      'test/setup/upgrade/upgrade.test.ts',
      'test/wire/unresponsive-server.test.ts',
    ],
    exclude: ['node_modules/**'],
    env: {...base.test?.env, HEADSCALE_TS_MATRIX: '1'},
  },
})
