/** The entry point of both programs (npm and executable): calls runProgram with the real process. */
import {COMPLETE} from './completion/hidden-command.ts'
import {processIo} from './io/process-io.ts'
import {runProgram} from './program.ts'

export async function main(): Promise<void> {
  // Warnings of the runtime (experimental features) would mix with our output on standard error, which can be JSON.
  if (!process.env.DEBUG) process.removeAllListeners('warning')
  try {
    const status = await runProgram(process.argv.slice(2), processIo())
    // An interrupted command, or a completion whose time is over, can leave behind a connection that is being opened.
    if (status === 130 || process.argv[2] === COMPLETE) process.exit(status)
    process.exitCode = status
  } catch (error) {
    // An error before runProgram, or while it reported another error.
    process.stderr.write(`error: internal error: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
