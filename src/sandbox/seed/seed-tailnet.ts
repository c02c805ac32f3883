/**
 * The users and nodes of a seed as plain values, for commands that need a tailnet and no server. Ids and free addresses are those
 * that the sandbox gives; without pools in the seed they come from headscale's own. The release does not matter for these.
 */
import type {Tailnet} from '../../policy/compile/tailnet.ts'
import {policyTailnet} from '../policy-tailnet.ts'
import {loadSimulator} from '../releases/load-simulator.ts'
import {applySeed} from './apply-seed.ts'
import {loadSeed} from './seed-file.ts'

/** headscale's pools. */
const POOLS = ['100.64.0.0/10', 'fd7a:115c:a1e0::/48']

/** @param file a seed file, or `guide` @throws HeadscaleError as loadSeed and applySeed */
export async function readSeedTailnet(file: string): Promise<Tailnet> {
  const seed = await loadSeed(file)
  const simulator = await loadSimulator('0.29')
  return policyTailnet(applySeed({prefixes: POOLS, ...seed}, simulator, () => new Date()))
}
