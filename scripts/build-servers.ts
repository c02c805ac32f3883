/**
 * `npm run build:servers [MODULE…]`: builds the real servers and clients of test/servers that are missing or out of
 * date; without names, all of them. Progress and errors go to stderr, the folders of the built programs to stdout.
 * Exit 1 when something asked for is not there in the end. The building itself is in test/servers/build.ts.
 */
import {build, modules, programFolder} from '../test/servers/build.ts'

const asked = process.argv.slice(2)
const built = await build(asked.length > 0 ? asked : modules(), (line) => console.error(line))
for (const [name, {ok, reason}] of built) {
  if (ok) console.log(programFolder(name))
  else {
    console.error(reason)
    process.exitCode = 1
  }
}
