/** Whether a seed that was not read from a file can be used: a simulated release must accept it before it is written. */
import {HeadscaleError, usageError} from '../../errors.ts'
import type {SeedData} from '../../tailnet-file/tailnet-data.ts'
import {loadSimulator} from '../releases/load-simulator.ts'
import {applySeed} from './apply-seed.ts'

/** @throws HeadscaleError (usage) as reading it from a file and starting the sandbox would */
export async function checkSeed(seed: SeedData, release: string): Promise<void> {
  const {seedSchema, messageOf} = await import('../../tailnet-file/tailnet-schema.ts')
  const {success, error} = seedSchema.safeParse(seed)
  if (!success) {
    const [issue] = error.issues
    throw usageError(`invalid seed: ${issue ? `${issue.path.join('.')}: ${messageOf(issue)}` : 'invalid'}`)
  }
  applySeed(seed, await loadSimulator(release), () => new Date())
}

/** The reason of an error of checkSeed, without its context. */
export function seedFault(error: unknown): string | null {
  return error instanceof HeadscaleError && error.code === 'usage' ? error.message.replace(/^invalid seed: /, '') : null
}
