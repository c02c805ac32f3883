/**
 * `derp show` without its command: finds the configuration when none is given, and loads the effective map.
 */
import {access} from 'node:fs/promises'

import {configFolders, configPaths} from '../../config/config-file.ts'
import {HeadscaleError} from '../../errors.ts'
import {behaviourOf} from '../releases.ts'
import {loadMap} from '../read/source.ts'
import type {Trace} from '../read/read.ts'
import type {LoadedMap} from '../read/source.ts'

export interface ShowOptions {
  /** A configuration or a map; absent: the configuration in its default location. */
  target: string | undefined
  release: string | undefined
  offline: boolean | undefined
}

export interface ShowEnvironment {
  env: Record<string, string | undefined>
  home: string | null
  cwd: string
  /** Receives a line about each request. */
  debug?: Trace | undefined
}

/** Loads the map to show. */
export async function runShow(
  {target, release, offline}: ShowOptions,
  environment: ShowEnvironment,
): Promise<LoadedMap> {
  const file = target ?? (await findConfig(environment))
  const {cwd, debug: trace} = environment
  return loadMap(file, {behaviour: behaviourOf(release), cwd, fetch: offline !== true, limits: {trace}})
}

async function findConfig({env, home, cwd}: ShowEnvironment): Promise<string> {
  if (env['HEADSCALE_CONFIG']) return env['HEADSCALE_CONFIG']
  const folders = configFolders(home, cwd)
  for (const file of configPaths(folders)) {
    try {
      await access(file)
      return file
    } catch (error) {
      // A file that exists and cannot be read is the one; reading it gives the error.
      if ((error as NodeJS.ErrnoException).code === 'EACCES') return file
    }
  }
  throw new HeadscaleError('usage', `no headscale config file in ${folders.join(', ')}`, {
    hint: 'give the config file, or a map',
  })
}
