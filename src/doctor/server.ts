/**
 * Connections of `doctor` to a server. Nothing can be changed over them: the transport throws before it sends a change.
 */
import {connect} from '../api/connect.ts'
import type {Connection} from '../api/connect.ts'
import type {ControlApi} from '../api/control-api.ts'
import type {ServerTarget} from '../config/target.ts'
import {HeadscaleError} from '../errors.ts'
import type {DoctorHost} from './host.ts'

const SOURCE = {kind: 'default', name: 'doctor'} as const

/** The connections that are open, to close them at the end. */
export class Connections {
  readonly #host: DoctorHost
  readonly #open: Connection[] = []

  constructor(host: DoctorHost) {
    this.#host = host
  }

  /** Finds out the release, never from the cache. @throws HeadscaleError as `connect` */
  async open(target: ServerTarget): Promise<Connection> {
    const {env, home, now, trace} = this.#host
    const connection = await connect(target, {env, home, now, trace, readsOnly: false, dryRun: true})
    this.#open.push(connection)
    return connection
  }

  /** The server at a socket of this machine, if it answers. */
  async atSocket(path: string, timeoutMs: number): Promise<ControlApi | null> {
    return this.#openOrNull({kind: 'socket', path, timeoutMs, debugListener: null, source: SOURCE})
  }

  /** Whether a server accepts a key; null if it does not answer. The certificate is not verified: for this machine alone. */
  async accepts(url: URL, apiKey: string, timeoutMs: number): Promise<boolean | null> {
    const api = await this.#openOrNull({
      ...{
        kind: 'remote',
        url,
        apiKey,
        apiKeySource: SOURCE,
        insecure: true,
        caFile: null,
        timeoutMs,
        debugListener: null,
        source: SOURCE,
      },
    })
    if (api === null) return null
    try {
      await api.apiKeys.list()
      return true
    } catch (cause) {
      if (!(cause instanceof HeadscaleError)) throw cause
      return cause.code === 'unauthenticated' ? false : null
    }
  }

  close(): void {
    for (const {close} of this.#open.splice(0)) close()
  }

  async #openOrNull(target: ServerTarget): Promise<ControlApi | null> {
    try {
      return (await this.open(target)).api
    } catch (cause) {
      if (!(cause instanceof HeadscaleError)) throw cause
      return null
    }
  }
}
