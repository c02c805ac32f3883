/**
 * Bundles the part of undici that the program uses, as a plugin of the bundler. undici's entry loads all of it: fetch, web
 * sockets, caches and mocks, HTTP/2, and for two constants Node's own HTTP client. Together they are more than half of
 * the bundled undici and of the time that it takes to load. The sources import undici as usual, so that the tests have the
 * whole of it, and a name that is left out here fails when the bundle is made.
 */
import type {Plugin} from 'rolldown'

/** What src/ imports from undici. */
const ENTRY = `
Object.assign(require('./lib/dispatcher/dispatcher.js').prototype, {request: require('./lib/api/api-request.js')})
exports.Agent = require('./lib/dispatcher/agent.js')
exports.EnvHttpProxyAgent = require('./lib/dispatcher/env-http-proxy-agent.js')
exports.interceptors = {redirect: require('./lib/interceptor/redirect.js')}
`

/** The file, what it loads, and what it gets instead. */
const REPLACED: readonly (readonly [file: string, load: string, instead: string])[] = [
  // Node's default limit of the size of headers.
  ['lib/dispatcher/client.js', "require('node:http')", '{maxHeaderSize: 16384}'],
  // The program opens connections with HTTP/1.1 only.
  ['lib/dispatcher/client.js', "require('./client-h2.js')", "() => { throw new Error('HTTP/2 is left out') }"],
  // Another parser of HTTP/1.1, which is used if an environment variable asks for it.
  ['lib/dispatcher/client-h1.js', "require('./parser-h1.js')", '{getMiloEnabled: () => false}'],
  // For bodies that are forms; those of the program are text.
  ['lib/dispatcher/client-h1.js', "require('../web/fetch/body.js').extractBody", 'undefined'],
  ['lib/core/request.js', "require('../web/fetch/formdata')", 'undefined'],
  ['lib/core/request.js', "require('../web/webidl').webidl.is.FormData", '() => false'],
  // For bodies that are requests of a Node server.
  ['lib/core/util.js', "require('node:http')", '{IncomingMessage: class {}}'],
]

export const slimUndici: Plugin = {
  name: 'slim-undici',
  transform: {
    filter: {id: /node_modules\/undici\/.*\.js$/},
    handler(code, id) {
      if (id.endsWith('node_modules/undici/index.js')) return ENTRY
      return REPLACED.filter(([file]) => id.endsWith(`node_modules/undici/${file}`)).reduce(
        (text, [file, load, instead]) => {
          if (!text.includes(load)) throw new Error(`undici's ${file} does not contain ${load}`)
          return text.replace(load, () => instead)
        },
        code,
      )
    },
  },
}
