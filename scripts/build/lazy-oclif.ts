/**
 * Makes oclif's modules load what they require when they first use it, as a plugin of the bundler.
 *
 * oclif's Command reaches nearly all of oclif and its dependencies at load; one command uses a tenth of that. Its files
 * are TypeScript's CommonJS output, `const x_1 = require("./x")` at the top and `x_1.name` in use, so the rewrite is
 * mechanical: x_1 becomes a function, and `x_1.name` becomes `(x_1()).name`. Dependencies of what this program does not use
 * are left out: oclif's discovery of plugins and commands, its help pages and spinners.
 */
import type {Plugin} from 'rolldown'

const TOP_REQUIRE = /^const (\w+_\d+|Errors|Parser) = ((?:__importDefault|__importStar)\()?require\(("[^"]+")\)\)?;$/gm
const LEFT_OUT =
  /^(?:ansi-escapes|cli-spinners|debug|ejs|get-package-type|lilconfig|minimatch|tinyglobby|widest-line|wsl-utils)$/
const FROM_OCLIF = /node_modules\/@oclif\/core\//
const OCLIF_FILE = /node_modules\/@oclif\/core\/lib\/.*\.js$/
/** oclif throws when standard output cannot be written, where nothing can catch it; src/cli/io/process-io.ts reports it. */
const OUTPUT_HANDLER = /^process\.stdout\.on\('error', [^]*?^\}\);$/m
const NOTHING =
  'module.exports = Object.assign(() => Object.assign(() => {}, {enabled: false}), {default: () => () => {}})'

export const lazyOclif: Plugin = {
  name: 'lazy-oclif',
  resolveId: {
    filter: {id: LEFT_OUT},
    handler: (id, importer) => (importer && FROM_OCLIF.test(importer) ? `\0left-out:${id}` : null),
  },
  load: {filter: {id: /^\0left-out:/}, handler: () => NOTHING},
  transform: {filter: {id: OCLIF_FILE}, handler: (code) => makeLazy(code)},
}

/** @returns the module with its requires at first use; a name that is also used in another way stays as it was */
export function makeLazy(source: string): string {
  let text = source.replace(OUTPUT_HANDLER, '')
  for (const [statement, name, helper = '', target] of source.matchAll(TOP_REQUIRE)) {
    const uses = [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length - 1
    const plain = [...text.matchAll(new RegExp(`\\b${name}\\.`, 'g'))].length
    if (uses !== plain) continue
    const value = helper ? `${helper}require(${target}))` : `require(${target})`
    text = text
      .replace(statement, `let ${name}$; const ${name} = () => ${name}$ ??= ${value};`)
      .replace(new RegExp(`\\b${name}\\.`, 'g'), `(${name}()).`)
  }
  return text
}
