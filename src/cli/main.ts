/** The entry both programs share: the real process around runProgram. */
import {processIo} from './io.ts'
import {runProgram} from './program.ts'

export async function main(): Promise<void> {
  const io = processIo()
  process.exitCode = await runProgram(process.argv.slice(2), io)
}
