/** A systemd unit of headscale: whether it may write where the config file says, and bind its ports. */
import {dirname} from 'node:path'
import {Places} from '../../syntax/tree.ts'
import {parseListen} from '../config/values.ts'
import type {Context} from '../check/context.ts'
import type {Place} from '../../syntax/tree.ts'

interface Line {
  name: string
  value: string
  place: Place
}

/** Whether a text is a unit of a service. */
export function isUnit(text: string): boolean {
  return /^\[Service\]\s*$/m.test(text)
}

export function checkUnit(context: Context, text: string, file: string): void {
  const lines = serviceLines(text, file)
  // An empty value resets a list.
  const all = (name: string) => {
    const own = lines.filter((line) => line.name === name)
    return own.slice(own.findLastIndex(({value}) => value === '') + 1)
  }
  const words = (name: string) => all(name).flatMap(({value}) => value.split(/\s+/))
  const last = (name: string) => all(name).at(-1)
  checkWritable(context, last('ProtectSystem'), [
    ...words('ReadWritePaths').map((path) => path.replace(/^[-+]+/, '')),
    ...words('StateDirectory').map((name) => `/var/lib/${name}`),
    ...words('RuntimeDirectory').map((name) => `/run/${name}`),
    ...words('CacheDirectory').map((name) => `/var/cache/${name}`),
  ])
  const user = last('User')?.value ?? 'root'
  const isPrivileged = user === 'root' || user === '0' || words('AmbientCapabilities').includes('CAP_NET_BIND_SERVICE')
  const place = last('User')?.place ?? lines[0]?.place
  if (isPrivileged || place === undefined) return
  const acme = context.settings.text('tls_letsencrypt_hostname') !== ''
  for (const key of ['listen_addr', ...(acme ? ['tls_letsencrypt_listen'] : [])]) {
    const port = parseListen(context.settings.text(key, key === 'listen_addr' ? '' : ':http'))?.port
    if (port === undefined || Number(port) >= 1024 || Number(port) === 0) continue
    context.error(
      'unit-port',
      key,
      [
        `The user ${user} of the unit cannot listen on port ${port} of ${key}`,
        'headscale does not start, or gets no certificate',
        'Add AmbientCapabilities=CAP_NET_BIND_SERVICE',
      ],
      place,
    )
  }
}

/** With ProtectSystem=strict, all but a few folders is read-only. */
function checkWritable(context: Context, protect: Line | undefined, writable: readonly string[]): void {
  if (protect?.value !== 'strict') return
  const {settings, rules} = context
  const keys = [
    ...(rules.noiseKey ? ['noise.private_key_path'] : []),
    ...(rules.legacyKey ? ['private_key_path'] : []),
    rules.flatKeys ? 'db_path' : 'database.sqlite.path',
    'unix_socket',
    ...(settings.text('tls_letsencrypt_hostname') === '' ? [] : ['tls_letsencrypt_cache_dir']),
  ]
  for (const key of keys) {
    const path = context.path(settings.text(key))?.replace(/^\/var\/run\//, '/run/')
    if (path === undefined || writable.some((folder) => isBelow(path, folder.replace(/^\/var\/run\//, '/run/'))))
      continue
    context.error(
      'unit-read-only',
      key,
      [
        `The unit makes ${dirname(path)} read-only, where ${key} is`,
        'headscale does not start: it cannot write there',
        `Add ReadWritePaths=${dirname(path)}`,
      ],
      protect.place,
    )
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`)
}

function serviceLines(text: string, file: string): Line[] {
  const places = new Places(file, text)
  let section = ''
  let at = 0
  const lines: Line[] = []
  for (const raw of text.split('\n')) {
    const head = /^\[(.*)\]\s*$/.exec(raw)
    if (head !== null) section = head[1]!
    const [, name, value] = /^([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(raw) ?? []
    if (section === 'Service' && name !== undefined)
      lines.push({name, value: value ?? '', place: places.at(at, at + raw.length)})
    at += raw.length + 1
  }
  return lines
}
