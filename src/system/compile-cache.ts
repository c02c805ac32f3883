/**
 * Enables Node's compile cache for the npm program. Node runs cached code without comparing it with the source, and its
 * default cache folder is shared by all users of the machine, so another user could put code there that root then runs.
 * Here the cache is in a folder of the user, or there is none.
 *
 * bin/run.js calls this before it loads the program, so it imports as little as possible.
 */
import module from 'node:module'
import {homeFolder} from './home.ts'
import {privateFolder} from './private-folder.ts'

export function enableCompileCache(): void {
  const {env} = process
  // Absent in Bun. If NODE_COMPILE_CACHE is set, the cache is already enabled, and the user's folder is kept.
  if (!module.enableCompileCache || module.getCompileCacheDir?.()) return
  const folder = privateFolder('compiled', {env, home: homeFolder(env)})
  if (folder !== null) module.enableCompileCache(folder)
}
