import {defineConfig} from 'vitest/config'
import base from './vitest.config.ts'

/** `npm run test:matrix`: the contract suites over the sandbox as every release. */
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/contract/**/*.test.ts'],
    env: {...base.test?.env, HEADSCALE_TS_MATRIX: '1'},
  },
})
