/** The environment of a command: its process and its messages. */
import type {Messages} from '../output/messages.ts'
import type {ProcessIo} from './process-io.ts'

export interface Io extends ProcessIo, Messages {}
