/**
 * Node's compile cache for the npm program: compiled code of an earlier run, which Node runs without comparing it with
 * its source. Node's own default is a folder that all users of the machine share, so somebody else could put code
 * there that root then runs. Here it is a folder of the user's own, or none.
 *
 * bin/run.js calls this before it loads the program, so it imports as little as can be.
 */
import module from 'node:module'
import {homeFolder} from './home.ts'
import {privateFolder} from './private-folder.ts'

export function enableCompileCache(): void {
  const {env} = process
  // Absent in Bun. A folder that NODE_COMPILE_CACHE names is in use by now, and stays the user's choice.
  if (!module.enableCompileCache || module.getCompileCacheDir?.()) return
  const folder = privateFolder('compiled', {env, home: homeFolder(env)})
  if (folder !== null) module.enableCompileCache(folder)
}
