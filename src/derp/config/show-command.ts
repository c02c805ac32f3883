/**
 * `derp show` without its command: finds the configuration when none is named, and loads the effective map.
 */
import {access} from 'node:fs/promises'

import {configFolders, configPaths} from '../../config/config-file.ts'
import {HeadscaleError} from '../../errors.ts'
import {behaviourOf} from '../releases.ts'
import {loadMap} from '../read/source.ts'
import type {LoadedMap} from '../read/source.ts'

export interface ShowWords {
  /** A configuration or a map; absent: the configuration where headscale looks for it. */
  target: string | undefined
  release: string | undefined
  offline: boolean | undefined
}

export interface Surroundings {
  env: Record<string, string | undefined>
  home: string | null
  cwd: string
}

/** Loads what is to be shown. */
export async function showPlan({target, release, offline}: ShowWords, around: Surroundings): Promise<LoadedMap> {
  const file = target ?? (await findConfig(around))
  return loadMap(file, {behaviour: behaviourOf(release), cwd: around.cwd, fetch: offline !== true})
}

async function findConfig({env, home, cwd}: Surroundings): Promise<string> {
  if (env['HEADSCALE_CONFIG']) return env['HEADSCALE_CONFIG']
  const folders = configFolders(home, cwd)
  for (const file of configPaths(folders)) {
    try {
      await access(file)
      return file
    } catch (error) {
      // A file that is there and closed to us is the one, and reading it will say so.
      if ((error as NodeJS.ErrnoException).code === 'EACCES') return file
    }
  }
  throw new HeadscaleError('usage', `no headscale config file in ${folders.join(', ')}`, {
    hint: 'name the config file, or a map',
  })
}
