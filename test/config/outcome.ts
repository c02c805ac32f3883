/** What the search for the server came to, as a plain object. */
import {type ConfigHost, type ConnectionFlags, resolveTarget} from '../../src/config/target.ts'
import {HeadscaleError} from '../../src/errors.ts'

/** What resolveTarget came to, as JSON can hold it. */
export type Outcome =
  | {target: Record<string, unknown>; warnings?: string[]}
  | {error: string; hint: string | null; code: string; exit: number}

/** The outcome with the URL as text, without what is at its default: no warnings, 30 s. */
export async function outcomeOf(flags: ConnectionFlags, host: ConfigHost): Promise<Outcome> {
  try {
    const {target, warnings} = await resolveTarget(flags, host)
    const shown: Record<string, unknown> = {...target}
    if (target.kind === 'remote') shown['url'] = target.url.href
    if (shown['timeoutMs'] === 30_000) delete shown['timeoutMs']
    if (shown['insecure'] === false) delete shown['insecure']
    if (shown['caFile'] === null) delete shown['caFile']
    const {debugListener} = target
    if (debugListener === null) delete shown['debugListener']
    else shown['debugListener'] = `${debugListener.origin} (${debugListener.source.name})`
    shown['source'] = target.source.name
    // Tested by its use: the note of "apikeys rotate".
    delete shown['apiKeySource']
    return warnings.length === 0 ? {target: shown} : {target: shown, warnings}
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    return {error: error.message, hint: error.hint, code: error.code, exit: error.exitCode}
  }
}
