/**
 * Finds and reads headscale's own config file.
 *
 * A file somebody named must be there and be readable. One we look for ourselves may be missing, and may be closed to
 * us: on a server it belongs to the headscale user, and operators run as somebody else. But one that is read and makes
 * no sense is an error either way, since what it was meant to say is lost.
 *
 * The parser is chosen here: JSON's and Bun's own are fast and know no lines, so they only say yes. All else goes to
 * yaml-reader.ts.
 */
import {extname, join, resolve} from 'node:path'
import {HeadscaleError} from '../errors.ts'
import {readSmallFile} from './read-file.ts'
import {type FileSettings, settingsOf} from './settings.ts'

/** The largest config file that is read. headscale's example has 20 KiB. */
const CONFIG_FILE_LIMIT = 1_048_576

const NAMES = ['config.yaml', 'config.yml', 'config.json']

/** What viper reads besides YAML and JSON, or once did (1.10.1); such a file would only end in a riddle about YAML. */
const OTHER_FORMATS = new Set('.toml .hcl .tfvars .ini .properties .props .prop .env .dotenv'.split(' '))

/** A config file that was read. */
export interface ConfigFile {
  path: string
  /** Nobody named it and no installation put it there: it lay in the working directory. */
  stray: boolean
  settings: FileSettings
}

/**
 * Reads the file somebody named.
 *
 * @param source who named it: "--config" or "HEADSCALE_CONFIG"
 */
export async function readNamedConfig(path: string, source: string, cwd: string): Promise<ConfigFile> {
  const full = resolve(cwd, path)
  const refuse = (words: string, hint: string, cause?: unknown): HeadscaleError =>
    new HeadscaleError('usage', `cannot read the config file ${full} (${source}): ${words}`, {hint, cause})

  if (OTHER_FORMATS.has(extname(full).toLowerCase())) {
    throw refuse('only YAML and JSON are read', 'name the server with --address or --socket instead')
  }
  const read = readSmallFile(full, CONFIG_FILE_LIMIT)
  switch (read.kind) {
    case 'text':
      return {path: full, stray: false, settings: await parseSettings(full, read.text)}
    case 'absent':
      throw refuse(read.words, `check the path, or leave ${source} out to look in the usual folders`, read.cause)
    case 'folder':
      throw refuse(read.words, `name the file in it, as in ${join(full, 'config.yaml')}`)
    case 'forbidden':
      throw refuse(
        read.words,
        'run as a user who may read it, or name the server with --address or --socket',
        read.cause,
      )
    default:
      throw refuse(read.words, "name headscale's own config file", read.cause)
  }
}

/**
 * Reads the first config file found in the installation's folders, in their order, and then in the working directory.
 *
 * @param closed gets the path of each that could not be opened for want of permission
 * @returns null when there is none
 */
export async function findConfig(
  folders: readonly string[],
  cwd: string,
  closed: string[],
): Promise<ConfigFile | null> {
  for (const folder of new Set([...folders, cwd])) {
    for (const name of NAMES) {
      const path = join(folder, name)
      const read = readSmallFile(path, CONFIG_FILE_LIMIT)
      if (read.kind === 'text') {
        return {path, stray: !folders.includes(folder), settings: await parseSettings(path, read.text)}
      }
      if (read.kind === 'failed') {
        const hint = 'mend the file, or name the server with --address or --socket'
        throw new HeadscaleError('usage', `cannot read the config file ${path}: ${read.words}`, {
          hint,
          cause: read.cause,
        })
      }
      if (read.kind === 'forbidden') {
        closed.push(path)
        // The folder itself may be what is closed, and then its other names would say the same again.
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
      // Bun answers several documents with an array, which a list at the top level would be too.
      if (!Array.isArray(content)) return settingsOf(content)
    } catch {
      // The careful reader finds the same fault again, with its line.
    }
  }
  const {readSettings} = await import('./yaml-reader.ts')
  return readSettings(path, text)
}

/** Bun's parser, in the executable: it takes a twentieth of the yaml package's time. */
function bunYaml(): ((text: string) => unknown) | null {
  const {Bun} = globalThis as {Bun?: {YAML?: {parse(text: string): unknown}}}
  return Bun?.YAML?.parse ?? null
}
