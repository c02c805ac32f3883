import {availableParallelism} from 'node:os'
import {defineConfig} from 'vitest/config'

/** Slow suites, which `npm run test:matrix` runs, and those of test/e2e `npm run test:release`. */
const SLOW = [
  'test/doctor/doctor.test.ts',
  'test/e2e/derp-alone.test.ts',
  'test/e2e/derp-untrusted-input.test.ts',
  'test/e2e/waiting.test.ts',
  'test/setup/upgrade/upgrade.test.ts',
  'test/wire/unresponsive-server.test.ts',
]

/**
 * `npm test`: everything that needs no Go, the sandbox as one release per message set. vitest.matrix.config.ts has every
 * release, vitest.real.config.ts real servers.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'test/release/**', 'node_modules/**', ...SLOW],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    // More than there are cores: some suites mostly wait, for a timeout or a child process.
    maxWorkers: availableParallelism() + 2,
    // Test files share the modules of their process: loading them anew for each file took a third of the CPU time.
    isolate: false,
    globalSetup: ['test/build-once.ts'],
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
