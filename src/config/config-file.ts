/**
 * Finds and reads headscale's own config file.
 *
 * A file that the user names must exist and be readable. A file at a default location can be missing or not readable:
 * on a server it belongs to the headscale user, and operators use other accounts. An invalid file is an error in both
 * cases, since its settings are unknown.
 *
 * This file chooses the parser: those of JSON and Bun are fast but do not report lines, so they are used for valid
 * files only. yaml-reader.ts reads everything else.
 */
import {extname, join} from 'node:path'
import {HeadscaleError} from '../errors.ts'
import {readSmallFile} from '../system/files.ts'
import {fileError} from './named-file.ts'
import {type FileSettings, settingsOf} from './settings.ts'

/** The largest config file that is read. headscale's example has 20 KiB. */
const CONFIG_FILE_LIMIT = 1_048_576

/** headscale's config file in one folder, in the order viper looks for it. */
const NAMES = ['config.yaml', 'config.yml', 'config.json']

/** The folder of the config file in headscale's packages. */
export const CONFIG_FOLDER = '/etc/headscale'

/** The config file in it that headscale's packages install. */
export const INSTALLED_CONFIG = `${CONFIG_FOLDER}/config.yaml`

/** Other formats of viper, 1.10 and earlier; reading them as YAML would only give a misleading error. */
const OTHER_FORMATS = new Set('.toml .hcl .tfvars .ini .properties .props .prop .env .dotenv'.split(' '))

/** A config file that was read. */
export interface ConfigFile {
  path: string
  /** Permission bits; null if it is not a regular file. */
  mode: number | null
  settings: FileSettings
}

/** The folders headscale searches for its config file, in order. */
export function configFolders(home: string | null, cwd: string, installed: string = CONFIG_FOLDER): string[] {
  return [...new Set([installed, ...(home === null ? [] : [join(home, '.headscale')]), cwd])]
}

/** Every path that can be headscale's config file, in the order of the search. */
export function configPaths(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
}

/**
 * Reads the file the user named.
 *
 * @param source what names it: "--config" or "HEADSCALE_CONFIG"
 */
export async function readNamedConfig(path: string, source: string, cwd: string): Promise<ConfigFile> {
  const read = readSmallFile(path, CONFIG_FILE_LIMIT, cwd)
  const invalid = (failed: Parameters<typeof fileError>[0]['read'], hint: string): HeadscaleError =>
    fileError({what: 'config file', path, source, read: failed, hint})

  if (read.kind !== 'absent' && OTHER_FORMATS.has(extname(read.path).toLowerCase())) {
    const reason = 'expected YAML or JSON'
    throw invalid({kind: 'failed', path: read.path, reason}, 'name the server with --address or --socket instead')
  }
  switch (read.kind) {
    case 'text':
      return {path: read.path, mode: read.mode, settings: await parseSettings(read.path, read.text)}
    case 'absent':
      throw invalid(read, `check the path, or omit ${source} to search the default locations`)
    case 'special':
      throw invalid(read, `name a file, for example ${join(read.path, 'config.yaml')}`)
    case 'forbidden':
      throw invalid(read, 'run as a user who can read it, or name the server with --address or --socket')
    default:
      throw invalid(read, "name headscale's own config file")
  }
}

/**
 * Reads the first config file found in these folders.
 *
 * @param closed receives the path of each file that could not be opened for lack of permission
 * @returns null when there is none
 */
export async function findConfig(folders: readonly string[], closed: string[]): Promise<ConfigFile | null> {
  for (const folder of folders) {
    for (const path of configPaths([folder])) {
      const read = readSmallFile(path, CONFIG_FILE_LIMIT, folder, {regular: true})
      if (read.kind === 'text') return {path, mode: read.mode, settings: await parseSettings(path, read.text)}
      if (read.kind === 'failed' || read.kind === 'not-text' || read.kind === 'too-large') {
        const hint = 'fix the file, or name the server with --address or --socket'
        throw new HeadscaleError('usage', `cannot read the config file ${path}: ${read.reason}`, {
          hint,
          cause: read.cause,
        })
      }
      if (read.kind === 'forbidden') {
        closed.push(path)
        // If the folder itself is not readable, its other files would repeat the warning.
        break
      }
    }
  }
  return null
}

async function parseSettings(path: string, text: string): Promise<FileSettings> {
  const parse = extname(path).toLowerCase() === '.json' ? JSON.parse : bunYaml()
  if (parse !== null) {
    try {
      const content: unknown = parse(text)
      // Bun returns several documents as an array, and a list at the top level too.
      if (!Array.isArray(content)) return settingsOf(content)
    } catch {
      // yaml-reader.ts finds the same error again and reports its line.
    }
  }
  const {readSettings} = await import('./yaml-reader.ts')
  return readSettings(path, text)
}

/** Bun's parser, in the executable: it takes 5% of the time of the yaml package. */
function bunYaml(): ((text: string) => unknown) | null {
  const {Bun} = globalThis as {Bun?: {YAML?: {parse(text: string): unknown}}}
  return Bun?.YAML?.parse ?? null
}
