/**
 * Connects to a configured server and returns a ControlApi. Only this file combines transport, release and dialect.
 *
 * The release is detected from the server's replies and cached for a short time (detection/cache.ts). A cached release
 * is used for reads only: before a change the release is detected again, since some requests do damage on a release
 * they are not meant for. If a reply does not match the cached release, the call fails and the caller connects again
 * with `readsOnly` off.
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
  /** The release comes from the cache; the server may be another one by now. */
  remembered: boolean
  /** Warnings for the user, one line each. */
  warnings: string[]
  close(): void
}

/** @throws HeadscaleError (unreachable, permission-denied, timeout …) with the reason and what to do */
export async function connect(target: ServerTarget, host: ConnectHost): Promise<Connection> {
  if (!host.readsOnly) host.trace?.('release: detecting it; a remembered one is used for reads only')
  const {transport, group, remembered, version, via} =
    target.kind === 'socket'
      ? await (await import('./link-socket.ts')).linkSocket(target, host)
      : await (await import('./link-http.ts')).linkAddress(target, host)
  const newer = version !== null && isNewerThanKnown(version) ? version : null
  const inner = host.waiting ? reportingTransport(transport, host.waiting) : transport
  const outer = newer === null ? inner : transportToNewer(inner, newer)
  const api = createControlApi(
    host.dryRun ? dryRunTransport(outer) : outer,
    newer === null ? group : {...group, releases: newer},
    {
      via,
      version,
      address: target.kind === 'remote' ? via : null,
      socketPath: target.kind === 'socket' ? target.path : null,
      now: host.now,
      timeoutMs: target.timeoutMs,
      debugListener: target.debugListener,
      trace: host.trace,
      ...(target.kind === 'remote' && {
        apiKey: target.apiKey,
        apiKeySource: target.apiKeySource.name,
        connectWith: (apiKey: string) => connect({...target, apiKey}, host),
      }),
    },
  )
  const warnings = newer === null ? [] : [`${isNewer(newer)}, and is used as ${newest()}`]
  return {api, remembered, warnings, close: () => transport.close()}
}

const newest = () => RELEASE_GROUPS.at(-1)!.releases

function isNewer(version: string): string {
  return `headscale ${version} is newer than this headscale-ts knows`
}

/** A transport that reports when a call begins and ends. */
function reportingTransport(inner: Transport, waiting: (what: string) => () => void): Transport {
  return {
    async call(operation, request) {
      const end = waiting(operation.replace(/[A-Z]+/g, (letters) => ` ${letters.toLowerCase()}`).trim())
      try {
        return await inner.call(operation, request)
      } finally {
        end()
      }
    },
    close: () => inner.close(),
  }
}

/** A transport to a server newer than any known release: if a call does not exist there, this program is too old. */
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
