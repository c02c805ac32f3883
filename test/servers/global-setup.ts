/** Before a run over real servers: builds what is missing and lists what the run leaves out, and why. */
import {build, modules} from './build.ts'

export async function setup(): Promise<void> {
  const built = await build(modules(), (line) => console.error(line))
  for (const {reason} of built.values()) if (reason !== null) console.error(`left out: ${reason}`)
}
