/**
 * Sections 1 and 2 of the guide with what each package installs, on the sandbox and on the oldest and the newest real
 * headscale that can be started here, over the socket and over REST. The golden files are those of the contract suite.
 */
import {mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {runCommand} from '../support/program.ts'
import {available} from '../support/real-servers.ts'
import {realSpec, sandboxSpec, type ServerSpec} from '../support/servers.ts'
import {joinTwoNodes} from '../support/walkthrough.ts'
import {INSTALLED, isBuilt, outputOf, releaseFile, VERSION} from './support.ts'

const DEB = `headscale-ts_${VERSION}_${process.arch === 'x64' ? 'amd64' : process.arch}.deb`
const EXECUTABLE = `headscale-ts-linux-${process.arch}`

/** What starts the program of each package. Null if this machine could not build it. */
const PACKAGES: Readonly<Record<string, string | null>> = {
  'npm package': join(INSTALLED, 'bin/headscale-ts'),
  'Debian package': isBuilt(DEB) ? join(unpacked(DEB), 'usr/bin/headscale-ts') : null,
  executable: isBuilt(EXECUTABLE) ? releaseFile(EXECUTABLE) : null,
}

function unpacked(deb: string): string {
  const root = mkdtempSync(join(process.env.HEADSCALE_TS_SCRATCH ?? tmpdir(), 'deb-'))
  outputOf(['dpkg-deb', '-x', releaseFile(deb), root])
  return root
}

const SERVERS: readonly ServerSpec[] = (['socket', 'REST'] as const).flatMap((via) => [
  ...['0.15', '0.29'].map((release) => sandboxSpec(release, via)),
  ...['0.17.1', '0.29.3'].filter((version) => available(version).ok).map((version) => realSpec(version, via)),
])

describe.for(Object.keys(PACKAGES))('the %s', (name) => {
  const program = PACKAGES[name]!

  test.skipIf(program === null).for(SERVERS)('prints the tables of the guide on $label', async (spec) => {
    const server = await spec.start()
    try {
      const text = await joinTwoNodes((argv) => runCommand([program, ...argv], {env: server.env}))
      await expect(text).toMatchFileSnapshot(`../golden/walkthrough/joined-${spec.line}.txt`)
    } finally {
      await server.close()
    }
  })
})
