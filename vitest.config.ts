import {defineConfig} from 'vitest/config'

/** `npm test`: everything that needs no Go. The suite over real servers has its own file, vitest.real.config.ts. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/build-once.ts'],
    env: {
      NO_COLOR: '1',
      TZ: 'UTC',
      HEADSCALE_CONFIG: '',
      HEADSCALE_UNIX_SOCKET: '',
      HEADSCALE_CLI_ADDRESS: '',
      HEADSCALE_CLI_API_KEY: '',
    },
  },
})
