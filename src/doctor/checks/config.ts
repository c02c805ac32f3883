/** The configuration of this program, and the config file of the server as `setup check` judges it. */
import {HeadscaleError} from '../../errors.ts'
import {parseAddress} from '../../config/address.ts'
import {resolveTarget} from '../../config/target.ts'
import type {ConnectionFlags, ServerTarget} from '../../config/target.ts'
import {failed, sentence} from '../check-run.ts'
import type {DoctorHost} from '../host.ts'
import {error, skipped, warning} from '../result.ts'
import type {Problem, Verdict} from '../result.ts'
import {findServerConfig} from '../server-config.ts'
import type {ServerConfig} from '../server-config.ts'
import type {Setup} from '../sites.ts'

export interface ConfigVerdict extends Verdict {
  /** Its address is known also where the configuration is incomplete. */
  setup: Setup
}

/** Finds the server that commands use, and the config file of a server on this machine. */
export async function checkConfig(flags: ConnectionFlags, host: DoctorHost): Promise<ConfigVerdict> {
  const problems: Problem[] = []
  const found = await findServerConfig(flags, host).catch((cause: unknown) => {
    problems.push(problemOf(cause))
    return null
  })
  const target = await resolveTarget(flags, host).catch((cause: unknown) => {
    const problem = problemOf(cause)
    if (!problems.some(({message}) => message === problem.message)) problems.push(problem)
    return null
  })
  for (const text of target?.warnings ?? []) {
    problems.push(
      warning('configuration', [
        sentence(text),
        'Commands print the same warning',
        'Correct it, or name the server with --address or --socket',
      ]),
    )
  }
  const server = target?.target ?? null
  const config = found === null ? null : usable(found.config, server, host)
  return {
    setup: {
      ...{config, target: server},
      address: server?.kind === 'remote' ? server.url : server === null ? addressOf(flags, host) : null,
    },
    problems,
    target: config?.path ?? null,
    seen: server === null && found !== null ? `no usable server; ${fileSeen(found, config)}` : fileSeen(found, config),
  }
}

function fileSeen(found: Awaited<ReturnType<typeof findServerConfig>> | null, config: ServerConfig | null): string {
  if (found === null) return 'not readable'
  if (config !== null) {
    const kind = config.simulated ? ', of a sandbox' : ''
    return `${config.path} (${config.namedBy ?? 'default location'}${kind})`
  }
  if (found.config !== null) return `${found.config.path} is of another server`
  return found.closed.length > 0 ? 'no permission to read it' : `no config file in ${found.folders.join(', ')}`
}

/** A file at a default location can be that of another server on this machine. */
function usable(config: ServerConfig | null, server: ServerTarget | null, host: DoctorHost): ServerConfig | null {
  if (config === null || config.namedBy !== null || server?.kind !== 'socket' || server.source.kind === 'default')
    return config
  if (config.socket === null) return host.locations?.sockets.includes(server.path) === false ? null : config
  return config.socket === server.path ? config : null
}

function addressOf({address}: ConnectionFlags, {env}: DoctorHost): URL | null {
  const text = address ?? env.HEADSCALE_CLI_ADDRESS?.trim()
  try {
    return text ? parseAddress(text, 'the configuration') : null
  } catch {
    return null
  }
}

function problemOf(cause: unknown): Problem {
  if (!(cause instanceof HeadscaleError)) throw cause
  return failed(cause, {as: 'configuration', reason: 'No command can use the server'}).problems![0]!
}

/** `setup check` of the server's file, in one line: its own command has the details. */
export async function checkSettings(
  config: ServerConfig | null,
  release: string | undefined,
  host: DoctorHost,
): Promise<Verdict> {
  if (config === null) return skipped('no config file of the server')
  const {runCheck} = await import('../../setup/check/check-command.ts')
  const {countFindings, countText} = await import('../../diagnostics/report.ts')
  const {report} = await runCheck({config: config.path, release}, host)
  const {findings} = report
  const {errors, warnings} = countFindings(findings)
  const rules = release === undefined ? ` by the rules of headscale ${report.release}` : ''
  const verdict = {target: config.path, seen: `${countText(findings)}${rules}`}
  if (errors + warnings === 0) return verdict
  const [first] = findings.toSorted((a, b) => a.severity.localeCompare(b.severity))
  const {file, line, column} = first!.place
  // The rules of another release than that of the server prove nothing.
  const build = errors > 0 && release !== undefined ? error : warning
  const flags = ` --for ${release ?? 'RELEASE'}`
  return {
    ...verdict,
    problems: [
      build('settings', [
        `setup check finds ${countText(findings)}${rules}; the first: ${file}:${line}:${column}: ${first!.message}`,
        first!.reason,
        `headscale-ts setup check ${config.path}${flags}`,
      ]),
    ],
  }
}
