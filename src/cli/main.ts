/** The entry point of both programs (npm and executable): calls runProgram with the real process. */
import {processIo} from './io/process-io.ts'
import {runProgram} from './program.ts'

export async function main(): Promise<void> {
  // Warnings of the runtime (experimental features) would mix with our output on standard error, which can be JSON.
  if (!process.env.DEBUG) process.removeAllListeners('warning')
  try {
    process.exitCode = await runProgram(process.argv.slice(2), processIo())
  } catch (error) {
    // An error before runProgram, or while it reported another error.
    process.stderr.write(`error: internal error: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
