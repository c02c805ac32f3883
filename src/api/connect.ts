/**
 * From a configured server to a ControlApi: transport, release, dialect. The only place where the three meet.
 *
 * The release is found by what the server answers, and remembered for a short time (detection/cache.ts). What is
 * remembered serves calls that change nothing: before a change the server is asked, since some requests do harm on a
 * release they were not meant for. When replies do not fit what is remembered the call fails, and the caller begins
 * again with `readsOnly` off.
 */
import type {ServerTarget} from '../config/target.ts'
import {HeadscaleError} from '../errors.ts'
import type {ControlApi} from './control-api.ts'
import {createControlApi} from './dialects/index.ts'
import type {ConnectHost} from './link.ts'
import {isNewerThanKnown, RELEASE_GROUPS} from './releases.ts'
import {dryRunTransport} from './transport/dry-run.ts'
import type {Transport} from './transport/transport.ts'

export type {ConnectHost} from './link.ts'

export interface Connection {
  api: ControlApi
  /** The release was not asked for now, but remembered; the server may be another by now. */
  remembered: boolean
  /** What works and should be known, each one line. */
  warnings: string[]
  close(): void
}

/** @throws HeadscaleError (unreachable, permission-denied, timeout …) with the reason and what to do */
export async function connect(target: ServerTarget, host: ConnectHost): Promise<Connection> {
  const {transport, group, remembered, version, via} =
    target.kind === 'socket'
      ? await (await import('./link-socket.ts')).linkSocket(target, host)
      : await (await import('./link-http.ts')).linkAddress(target, host)
  const newer = version !== null && isNewerThanKnown(version) ? version : null
  const outer = newer === null ? transport : transportToNewer(transport, newer)
  const api = createControlApi(
    host.dryRun ? dryRunTransport(outer) : outer,
    newer === null ? group : {...group, releases: newer},
    {via, version, now: host.now, timeoutMs: target.timeoutMs},
  )
  const warnings = newer === null ? [] : [`${isNewer(newer)}, and is used as ${newest()}`]
  return {api, remembered, warnings, close: () => transport.close()}
}

const newest = () => RELEASE_GROUPS.at(-1)!.releases

function isNewer(version: string): string {
  return `headscale ${version} is newer than this headscale-ts knows`
}

/** A transport to a server newer than any release known here: where it lacks a call, it is the program that is old. */
function transportToNewer(inner: Transport, version: string): Transport {
  return {
    async call(operation, request) {
      try {
        return await inner.call(operation, request)
      } catch (error) {
        if (!(error instanceof HeadscaleError) || error.code !== 'unsupported-by-server') throw error
        const {code, message, details} = error
        throw new HeadscaleError(code, message, {
          cause: error,
          hint: `${isNewer(version)}: update headscale-ts`,
          details,
        })
      }
    },
    close: () => inner.close(),
  }
}
