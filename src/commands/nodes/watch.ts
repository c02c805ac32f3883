import {nodeSelectorFlags, nodeSelectorOf} from '../../cli/args/selectors.ts'
import {intervalFlag} from '../../cli/args/wait-flags.ts'
import {ServerCommand} from '../../cli/commands/base-command.ts'
import type {EventCommand} from '../../cli/commands/event-command.ts'
import {interruptible} from '../../cli/commands/interruptible.ts'
import {textFlag} from '../../cli/flags.ts'
import type {Io} from '../../cli/io/io.ts'
import {watchServer} from '../../cli/watch-server.ts'
import {describeEvent, NODE_EVENTS, type NodeEvent} from '../../domain/events.ts'
import {HeadscaleError, usageError} from '../../errors.ts'
import {nodeEventDocument} from '../../render/document/node-event.ts'
import {tableTime} from '../../render/time.ts'
import {printable} from '../../text/untrusted.ts'
import {readWatched, watchedEvents} from '../../usecases/nodes/watch-nodes.ts'

const DEFAULT_INTERVAL_MS = 5000
const TYPE_WIDTH = Math.max(...NODE_EVENTS.map(({length}) => length))

export default class NodesWatch extends ServerCommand<typeof NodesWatch> {
  static override summary = 'Print changes of nodes as they happen'
  static override description =
    'One line for each event, until Ctrl-C. headscale does not report changes: the list of nodes is read again and again, ' +
    'and what happens and ends between two requests is not seen. --exec starts a program for each event, one after the ' +
    'other and without a shell, with the event as JSON on standard input and in HEADSCALE_TS_EVENT_* variables; words ' +
    'after -- are its arguments.'
  static override usage = 'nodes watch [flags] [--exec PROGRAM [-- ARGUMENT…]]'
  static override examples = [
    '<%= config.bin %> nodes watch',
    '<%= config.bin %> nodes watch --tag tag:router --interval 1s',
    '<%= config.bin %> nodes watch -o json-line',
    '<%= config.bin %> nodes watch --exec ./notify.sh',
    '<%= config.bin %> nodes watch --exec sh -- -c \'logger "$HEADSCALE_TS_EVENT_TYPE $HEADSCALE_TS_EVENT_NODE_NAME"\'',
  ]
  static override flags = {
    ...nodeSelectorFlags,
    interval: intervalFlag({default: '5s'}),
    exec: textFlag({
      description: 'program to run for each event; its arguments are the words after --',
      helpValue: 'PROGRAM',
    }),
  }

  #args: string[] = []

  /** Everything after `--` belongs to the program of --exec. */
  override async execute(io: Io, invokedAs: string[]): Promise<number> {
    const end = this.argv.indexOf('--')
    if (end >= 0) {
      this.#args = this.argv.slice(end + 1)
      this.argv = this.argv.slice(0, end)
    }
    return super.execute(io, invokedAs)
  }

  protected override async runParsed(): Promise<number> {
    const {io} = this
    const {interval = DEFAULT_INTERVAL_MS} = this.flags
    const selector = nodeSelectorOf(this.flags)
    const command = await this.#command()
    try {
      return await interruptible(io, (signal) =>
        watchServer({
          flags: this.flags,
          io,
          signal,
          intervalMs: interval,
          read: (api) => readWatched(api, selector, io.now()),
          started: ({watched}) => {
            const nodes = watched.size === 1 ? '1 node' : `${watched.size} nodes`
            this.note(
              `watching ${nodes}: the list is read every ${interval / 1000} s; what happens in between is not seen`,
            )
          },
          compare: async (before, after) => {
            for (const event of watchedEvents(before, after)) await this.#report(event, after.at, command)
          },
        }),
      )
    } catch (error) {
      // Ctrl-C is the way to end it, so it needs no message.
      if (error instanceof HeadscaleError && error.code === 'cancelled') return error.exitCode
      throw error
    }
  }

  async #command(): Promise<EventCommand | null> {
    const {exec} = this.flags
    if (exec === undefined) {
      if (this.#args.length > 0)
        throw usageError('arguments after -- are for the program of --exec', 'add --exec PROGRAM')
      return null
    }
    const {checkProgram} = await import('../../cli/commands/event-command.ts')
    const command = {program: exec, args: this.#args, env: this.io.env, cwd: this.io.cwd}
    checkProgram(command)
    return command
  }

  async #report(event: NodeEvent, at: Date, command: EventCommand | null): Promise<void> {
    const document = nodeEventDocument(event, at)
    if (this.flags.output === 'yaml') await this.io.out('---\n')
    await this.print(
      () => `${tableTime(at)} | ${event.type.padEnd(TYPE_WIDTH)} | ${printable(describeEvent(event))}\n`,
      () => document,
    )
    // Each event at once, and so that a closed pipe is noticed.
    await this.io.flush()
    if (!command) return
    const {runEventCommand} = await import('../../cli/commands/event-command.ts')
    const failure = await runEventCommand(command, document)
    if (failure !== null)
      this.warn(`${command.program} ended with ${failure} at ${document.time}: ${event.type}, ${document.summary}`)
  }
}
