/** Files with secrets that other users can read, and certificate files that are missing. */
import {isSecret} from './secrets.ts'
import type {Context} from './context.ts'

const PRIVATE = [
  'noise.private_key_path',
  'private_key_path',
  'derp.server.private_key_path',
  'tls_key_path',
  'oidc.client_secret_path',
]

export function checkFiles(context: Context): void {
  const {settings} = context
  for (const key of PRIVATE) {
    const text = settings.text(key)
    if (text !== '') checkMode(context, key, text, context.path(text), 'this key')
  }
  for (const key of ['tls_cert_path', 'tls_key_path']) {
    const text = settings.text(key)
    if (text === '' || settings.text('tls_cert_path') === '' || !context.misses(text)) continue
    context.error('missing-file', key, [
      `${key}: no such file ${text}`,
      'headscale does not start',
      'Put the file there, or correct the path',
    ])
  }
  const secret = settings.entries.find(
    ({path, value}) => isSecret(path) && value.kind === 'scalar' && value.text !== '',
  )
  if (secret === undefined || context.configPath === null) return
  const info = context.files.info(context.configPath)
  if (info?.kind !== 'file' || (info.mode & 0o007) === 0) return
  context.warning(
    'readable-by-others',
    secret.path,
    [
      `The file contains ${secret.path}, and its mode is ${octal(info.mode)}`,
      'Every user of this machine can read the secret',
      `Run: chmod 640 ${context.configPath}`,
    ],
    secret.value.place,
  )
}

function checkMode(context: Context, key: string, text: string, path: string | null, what: string): void {
  const info = path === null ? null : context.files.info(path)
  if (path === null || info?.kind !== 'file' || (info.mode & 0o007) === 0) return
  context.warning('readable-by-others', key, [
    `${text} has the mode ${octal(info.mode)}`,
    `Every user of this machine can use ${what}`,
    `Run: chmod 600 ${path}`,
  ])
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
