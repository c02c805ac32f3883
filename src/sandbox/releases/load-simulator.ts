/**
 * The simulator of each release. A patch version means its line: 0.17.1 is 0.17. Only 0.27.0 differs from the last of
 * its line in a way that clients can tell.
 */
import {usageError} from '../../errors.ts'
import type {ReleaseSimulator} from './shared/release-simulator.ts'

/** Oldest first. */
export const SANDBOX_RELEASES = [
  '0.15',
  '0.16',
  '0.17',
  '0.18',
  '0.19',
  '0.20',
  '0.21',
  '0.22',
  '0.23',
  '0.24',
  '0.25',
  '0.26',
  '0.27.0',
  '0.27',
  '0.28',
  '0.29',
  '0.30',
] as const

export type SandboxRelease = (typeof SANDBOX_RELEASES)[number]

/** The simulator of a release, given as `0.15`, `v0.15` or `0.17.1`. */
export async function loadSimulator(release: string): Promise<ReleaseSimulator> {
  const line = /^v?(\d+\.\d+)(\.\d+)?$/.exec(release)?.[1]
  switch (line) {
    case '0.15':
    case '0.16':
    case '0.17':
    case '0.18':
    case '0.19':
    case '0.20':
    case '0.21':
    case '0.22':
      return (await import('./v0_15-v0_22/simulator.ts')).createSimulator(line)
    case '0.23':
    case '0.24':
    case '0.25':
    case '0.26':
      return (await import('./v0_23-v0_26/simulator.ts')).createSimulator(line)
    case '0.27':
      return (await import('./v0_27-v0_29/simulator.ts')).createSimulator(
        release.endsWith('0.27.0') ? '0.27.0' : '0.27',
      )
    case '0.28':
    case '0.29':
      return (await import('./v0_27-v0_29/simulator.ts')).createSimulator(line)
    case '0.30':
      return (await import('./v0_30/simulator.ts')).createSimulator()
    default:
      throw usageError(
        `the sandbox does not simulate headscale ${JSON.stringify(release)}`,
        `available releases: ${SANDBOX_RELEASES.join(', ')}`,
      )
  }
}
