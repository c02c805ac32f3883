/** Where the headscale server of this machine reads its policy from, by its own config file. */
import {dirname, resolve} from 'node:path'
import {readSmallFile} from '../system/files.ts'
import {CONFIG_FOLDER, configFolders, configPaths} from './config-file.ts'

const LIMIT = 1_048_576

/**
 * @param options.config the file that a flag or a variable names; without it, the first at a default location
 * @returns `policy.path`, or `acl_policy_path` of releases before 0.23, as an absolute path; null if no file can be read or
 * it does not say
 */
export async function configuredPolicyPath({
  config,
  home,
  cwd,
  folder = CONFIG_FOLDER,
}: {
  config: string | undefined
  home: string | null
  cwd: string
  folder?: string
}): Promise<string | null> {
  const paths = config === undefined ? configPaths(configFolders(home, cwd, folder)) : [config]
  for (const path of paths) {
    const read = readSmallFile(path, LIMIT, cwd, {regular: true})
    if (read.kind !== 'text') continue
    const named = await pathIn(read.text)
    return named === null ? null : resolve(dirname(read.path), named)
  }
  return null
}

async function pathIn(text: string): Promise<string | null> {
  const {parse} = await import('yaml')
  try {
    const top = parse(text) as {policy?: {path?: unknown}; acl_policy_path?: unknown} | null
    const path = top?.policy?.path ?? top?.acl_policy_path
    return typeof path === 'string' && path !== '' ? path : null
  } catch {
    return null
  }
}
