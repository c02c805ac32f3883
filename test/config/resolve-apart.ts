/** Started by fake-host.ts in a process of its own: {flags, host} as JSON in, the outcome as JSON out. */
import type {ConfigHost, ConnectionFlags} from '../../src/config/target.ts'
import {outcomeOf} from './outcome.ts'

const {flags, host} = JSON.parse(process.argv[2]!) as {flags: ConnectionFlags; host: ConfigHost}
console.log(JSON.stringify(await outcomeOf(flags, host)))
