/** Before a run over real servers: builds missing servers and lists those that the run leaves out, with the reason. */
import {build, modules} from './build.ts'

export async function setup(): Promise<void> {
  const built = await build(modules(), (line) => console.error(line))
  for (const {reason} of built.values()) if (reason !== null) console.error(`left out: ${reason}`)
}
