/** The database and the keys: where they are, and whether they survive. */
import {isMissing} from './machine-files.ts'
import type {Context} from './context.ts'
import {dirname} from 'node:path'

const STOPS = 'headscale does not start'

/** What a service may not write, or what is gone after a restart. */
const UNFIT = /^\/(?:etc|usr|boot|proc|sys|run|var\/run|dev)\//

const SSL_MODES = new Set(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])

export function checkStorage(context: Context): void {
  checkDatabase(context)
  checkKeys(context)
}

function checkDatabase(context: Context): void {
  const {settings, rules} = context
  const typeKey = rules.flatKeys ? 'db_type' : 'database.type'
  const pathKey = rules.flatKeys ? 'db_path' : 'database.sqlite.path'
  const type = settings.text(typeKey)
  const types = rules.flatKeys ? ['sqlite3', 'postgres'] : ['sqlite', 'sqlite3', 'postgres']
  if (!types.includes(type)) {
    const what = type === '' ? `${typeKey} is missing` : `${typeKey} is '${type}'`
    context.error('database-type', typeKey, [
      what,
      STOPS,
      `Write ${typeKey.split('.').at(-1)!}: ${types[0]!}, or postgres`,
    ])
    return
  }
  if (type === 'postgres') return checkPostgres(context)
  const path = settings.text(pathKey)
  if (path === '' || path === ':memory:') {
    const reason =
      path === '' && rules.emptyDatabasePathIsFatal ? STOPS : 'All users, nodes and keys are lost when headscale stops'
    context.error('database-path', pathKey, [
      path === '' ? `${pathKey} is missing` : `${pathKey} is :memory:`,
      reason,
      `Add ${pathKey.split('.').at(-1)!}: /var/lib/headscale/db.sqlite`,
    ])
    return
  }
  checkPlace(context, pathKey, path)
  checkDatabaseOwner(context, pathKey, path)
}

function checkPostgres(context: Context): void {
  const {settings, rules} = context
  const name = (last: string) => (rules.flatKeys ? `db_${last}` : `database.postgres.${last}`)
  for (const last of ['host', 'name', 'user']) {
    if (settings.text(name(last)) !== '') continue
    context.error('database-postgres', name(last), [
      `${name(last)} is missing`,
      `${STOPS}: the address of the database is not complete`,
      `Add ${name(last).split('.').at(-1)!}`,
    ])
  }
  const ssl = settings.text(name('ssl'), 'false')
  if (!/^(?:1|0|t|f|true|false)$/i.test(ssl) && !SSL_MODES.has(ssl)) {
    context.error('database-postgres', name('ssl'), [
      `${name('ssl')} is '${ssl}'`,
      STOPS,
      `Write true, false, or one of ${[...SSL_MODES].join(', ')}`,
    ])
  }
}

function checkDatabaseOwner(context: Context, key: string, text: string): void {
  const path = context.path(text)
  const database = path === null ? null : context.files.info(path)
  if (path === null || database === null) return
  if (database.kind === 'folder') {
    context.error('database-path', key, [
      `${key} ${text} is a folder`,
      STOPS,
      `Write a file in it: ${text.replace(/\/$/, '')}/db.sqlite`,
    ])
    return
  }
  const folder = context.files.info(dirname(path))
  if (folder !== null && folder.uid !== database.uid && database.uid === 0) {
    context.warning('database-owner', key, [
      `${text} belongs to root, and its folder to another user`,
      'headscale run as that user finds a read-only database; it was probably run as root once',
      `Run: chown --reference=${dirname(path)} ${path}*`,
    ])
  }
}

function checkKeys(context: Context): void {
  const {settings, rules} = context
  const noise = settings.text('noise.private_key_path')
  if (rules.noiseKey && noise === '') {
    context.error('key-missing', 'noise.private_key_path', [
      'noise.private_key_path is missing',
      STOPS,
      'Add noise with private_key_path: /var/lib/headscale/noise_private.key; headscale creates the key',
    ])
  }
  const legacy = settings.text('private_key_path')
  if (rules.legacyKey && legacy === '') {
    context.error('key-missing', 'private_key_path', [
      'private_key_path is missing',
      STOPS,
      'Add private_key_path: /var/lib/headscale/private.key; headscale creates the key',
    ])
  }
  if (rules.legacyKey && legacy !== '' && legacy === noise) {
    context.error('key-shared', 'noise.private_key_path', [
      'noise.private_key_path and private_key_path are the same file',
      STOPS,
      'Name another file; headscale creates the key',
    ])
  }
  for (const key of ['noise.private_key_path', 'private_key_path', 'derp.server.private_key_path']) {
    const isUsed =
      key === 'private_key_path'
        ? rules.legacyKey
        : key.startsWith('derp')
          ? settings.bool('derp.server.enabled', false) && !rules.flatKeys
          : rules.noiseKey
    const text = settings.text(key)
    if (!isUsed || text === '') continue
    checkPlace(context, key, text)
    checkKeyContent(context, key, text)
  }
}

/** A file that headscale creates: its folder must be one that lasts and can be written. */
function checkPlace(context: Context, key: string, text: string): void {
  const path = context.path(text)
  if (path === null) return
  if (UNFIT.test(path)) {
    const shown = path === text ? path : `${text} is ${path}, which`
    context.warning('state-path', key, [
      `${key}: ${shown} is not in a folder for data`,
      'A hardened service cannot write there, a container loses it, and /run is empty after a restart',
      'Write a path below /var/lib/headscale',
    ])
  }
  const folder = dirname(path)
  if (!context.installed || !isMissing(folder)) return
  context.warning('folder-missing', key, [
    `The folder of ${key}, ${folder}, does not exist on this machine`,
    'headscale creates it if its user may, and does not start otherwise',
    `Run: install -d -o headscale -g headscale -m 750 ${folder}`,
  ])
}

function checkKeyContent(context: Context, key: string, text: string): void {
  const path = context.path(text)
  const info = path === null ? null : context.files.info(path)
  if (path === null || info === null) return
  if (info.kind === 'folder') {
    context.error('key-file', key, [
      `${key} ${text} is a folder`,
      STOPS,
      'Write the name of a file in it; headscale creates the key',
    ])
    return
  }
  const content = context.files.read(path)
  if (content === null || /^privkey:[0-9a-f]{64}$/.test(content.trim())) return
  // Keys from before 0.12 have no prefix; 0.22 and earlier accept an old key with a message only.
  context.error('key-file', key, [
    `${text} does not contain a key of headscale`,
    STOPS,
    content.trim() === ''
      ? 'Delete the empty file; headscale creates the key'
      : 'Restore the key from a backup; with a new key every node must log in again',
  ])
}
