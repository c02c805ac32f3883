/** What a server has as its policy, whether it stores it in its database or reads it from a file. */
import type {ControlApi, StoredPolicy} from '../../api/control-api.ts'
import {HeadscaleError} from '../../errors.ts'

export type ServerPolicy =
  | {
      mode: 'database'
      /** Null if none was ever stored. */
      stored: StoredPolicy | null
    }
  | {
      mode: 'file'
      /** Null if the server does not give it (before 0.23), or no file is named. */
      text: string | null
    }

/** @throws HeadscaleError for a file that the server cannot read, and for a lost connection */
export async function readServerPolicy(api: ControlApi): Promise<ServerPolicy> {
  try {
    const stored = await api.policy.get()
    return stored.updatedAt === null ? {mode: 'file', text: stored.text} : {mode: 'database', stored}
  } catch (error) {
    if (!(error instanceof HeadscaleError)) throw error
    if (error.code === 'unsupported-by-server') return {mode: 'file', text: null}
    if (error.code === 'not-found') {
      return error.details.policyMode === 'file' ? {mode: 'file', text: null} : {mode: 'database', stored: null}
    }
    throw error
  }
}

/** The text; null if there is none or it is not known. */
export function policyTextOf(policy: ServerPolicy): string | null {
  return policy.mode === 'file' ? policy.text : (policy.stored?.text ?? null)
}

/** How to change the policy of a server that reads it from a file. */
export function policyFileError(
  api: ControlApi,
  {
    file,
    path,
  }: {/** as on the command line; null for a text that is in no file */ file: string | null; path: string | null},
): HeadscaleError {
  const {capabilities, releases} = api.server
  const key = capabilities.policyApi ? 'policy.path' : 'acl_policy_path'
  const target = path ?? `the file that ${key} in its config.yaml names`
  const source = file === null || file === '-' ? 'the new policy' : file
  const reload = 'systemctl reload headscale'
  return new HeadscaleError(
    'unsupported-by-server',
    capabilities.policyApi
      ? 'this server reads its policy from a file (policy.mode: file)'
      : `headscale ${releases} reads its policy from a file`,
    {
      hint: `on the machine of the server, write ${source} to ${target}, then run: ${reload} (or: kill -HUP $(pidof headscale))`,
      details: {policyPath: path, reload},
    },
  )
}
