/**
 * Started by fake-host.ts in a process of its own: {flags, host, files} as JSON in, the outcome with each of the files as
 * JSON out.
 */
import {writeFileSync} from 'node:fs'
import type {ConfigHost, ConnectionFlags} from '../../src/config/target.ts'
import {type Outcome, outcomeOf} from './outcome.ts'

interface Question {
  flags: ConnectionFlags
  host: ConfigHost
  /** The path of a file and its texts; null for the files as they are. */
  file: {path: string; texts: string[]} | null
}

const {flags, host, file} = JSON.parse(process.argv[2]!) as Question
const outcomes: Outcome[] = []
for (const text of file?.texts ?? [null]) {
  if (text !== null) writeFileSync(file!.path, text)
  outcomes.push(await outcomeOf(flags, host))
}
console.log(JSON.stringify(outcomes))
