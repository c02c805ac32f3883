/** The entry both programs share: the real process around runProgram. */
import {processIo} from './process-io.ts'
import {runProgram} from './program.ts'

export async function main(): Promise<void> {
  // The runtime's own warnings (experimental features) would stand between the lines of standard error, or before its JSON.
  if (!process.env.DEBUG) process.removeAllListeners('warning')
  try {
    process.exitCode = await runProgram(process.argv.slice(2), processIo())
  } catch (error) {
    // Reporting an error failed, or there was nothing to report it with.
    process.stderr.write(`error: internal error: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
