/**
 * The lines to type for one hop, as root on a Debian or Ubuntu server with the unit `headscale`: backup, new files, package, start,
 * check. Each line can be run as it is, one after the other.
 */
import {dirname, join} from 'node:path'
import {INSTALLED_CONFIG} from '../../config/config-file.ts'
import {shellWord} from '../../deploy/shell.ts'
import type {Settings} from '../config/settings.ts'
import type {Hop, UpgradeRules} from './releases.ts'

const DOWNLOADS = 'https://github.com/juanfont/headscale/releases/download'
const ARCH = '$(dpkg --print-architecture)'

/** Packages from 0.26 on start the service that they find, which would open the database beside configtest. */
const STOP_AGAIN = 'systemctl stop headscale  # the package may have started it'

export interface Database {
  kind: 'sqlite' | 'postgres'
  /** Absolute; null for PostgreSQL, and where the file does not say it. */
  path: string | null
  /** `USER@HOST/NAME`, for messages; null for SQLite. */
  address: string | null
}

export interface Place {
  /** Absolute, on the server. */
  config: string
  backupFolder: string
}

/** A file that replaces another one. */
export interface NewFile {
  from: string
  to: string
}

export function databaseOf(settings: Settings, {config}: Place, flatKeys: boolean): Database {
  const type = settings.text(flatKeys ? 'db_type' : 'database.type')
  const value = (name: string) => settings.text(flatKeys ? `db_${name}` : `database.postgres.${name}`)
  if (type !== 'postgres') {
    const path = settings.text(flatKeys ? 'db_path' : 'database.sqlite.path')
    return {kind: 'sqlite', path: path === '' ? null : absolute(path, config), address: null}
  }
  return {kind: 'postgres', path: null, address: `${value('user')}@${value('host')}/${value('name')}`}
}

/** The line that lists the versions of clients; null without a database file. */
export function clientsLine({path}: Database, {nodeTable}: UpgradeRules): string | null {
  if (path === null) return null
  const version = "json_extract(CAST(host_info AS TEXT), '\\$.IPNVersion')"
  return `sqlite3 -column ${shellWord(path)} "SELECT hostname, ${version} FROM ${nodeTable}"`
}

/** The backup before a hop. @param settings of the config file before it */
export function backupLines(
  hop: Hop,
  place: Place,
  {
    settings,
    flatKeys,
    policyPath,
    exists,
  }: {
    settings: Settings
    flatKeys: boolean
    policyPath: string | null
    exists: (path: string) => boolean
  },
): string[] {
  const database = databaseOf(settings, place, flatKeys)
  const keys = ['private_key_path', 'noise.private_key_path', 'derp.server.private_key_path']
    .map((key) => settings.text(key))
    .filter((path) => path !== '')
    .map((path) => absolute(path, place.config))
    .filter(exists)
  const files = [place.config, ...new Set(keys), ...(policyPath === null ? [] : [policyPath].filter(exists))]
  const archive = join(place.backupFolder, `before-${hop.release}`)
  const stamp = '$(date -u +%Y%m%dT%H%M%SZ)'
  const database_ = database.path === null ? [] : [`${shellWord(database.path)}*`]
  return [
    `install -d -m 700 ${shellWord(place.backupFolder)}`,
    `tar -czPf ${shellWord(archive)}-${stamp}.tar.gz ${[...files.map(shellWord), ...database_].join(' ')}`,
    ...(database.kind === 'postgres'
      ? [`pg_dump -Fc ${postgresFlags(settings, flatKeys)} -f ${shellWord(archive)}-${stamp}.dump`]
      : []),
  ]
}

function postgresFlags(settings: Settings, flatKeys: boolean): string {
  const value = (name: string) => settings.text(flatKeys ? `db_${name}` : `database.postgres.${name}`)
  const flags: [string, string][] = [
    ['-h', value('host')],
    ['-p', value('port')],
    ['-U', value('user')],
    ['-d', value('name')],
  ]
  return flags
    .filter(([, text]) => text !== '' && text !== '0')
    .map(([flag, text]) => `${flag} ${shellWord(text)}`)
    .join(' ')
}

/** Downloads the release before the server is stopped. */
export function downloadLines({release}: Hop, {hasPackage}: UpgradeRules): string[] {
  const name = fileOf(release, hasPackage)
  return [`wget ${DOWNLOADS}/v${release}/${name}`]
}

function fileOf(release: string, hasPackage: boolean): string {
  return `headscale_${release}_linux_${ARCH}${hasPackage ? '.deb' : ''}`
}

export function installLines({release}: Hop, {hasPackage}: UpgradeRules): string[] {
  const name = fileOf(release, hasPackage)
  return hasPackage
    ? [`apt-get install -y -o Dpkg::Options::=--force-confold ./${name}`, STOP_AGAIN]
    : [`install -m 755 ${name} "$(command -v headscale)"`]
}

/** Files that the plan wrote; `cp` keeps owner and mode of what it replaces. */
export function replaceLines(files: readonly NewFile[]): string[] {
  return files.map(({from, to}) => `cp ${shellWord(from)} ${shellWord(to)}`)
}

/** headscale as its own user, so that no file belongs to root. @param variable one that it gets, `NAME=value` */
export function asHeadscale(words: readonly string[], {config}: Place, variable: string | null = null): string {
  const flags = config === INSTALLED_CONFIG ? [] : ['-c', config]
  const program = [...(variable === null ? [] : ['env', variable]), 'headscale']
  return ['runuser', '-u', 'headscale', '--', ...program, ...flags, ...words].map(shellWord).join(' ')
}

/** Starts the server, after a test of its configuration. */
export function startLines(place: Place, {hasConfigtest}: UpgradeRules): string[] {
  return [...(hasConfigtest ? [asHeadscale(['configtest'], place)] : []), 'systemctl start headscale']
}

export function checkLines(place: Place): string[] {
  return [ours(['health', '--wait', '60s'], place), ours(['version'], place)]
}

/**
 * The same for a policy in the database, in which users get their "@": the release starts with the engine before, takes the new
 * text, and starts again.
 */
export function startWithPolicyLines(file: string, place: Place): string[] {
  const variable = 'HEADSCALE_POLICY_V1'
  return [
    asHeadscale(['configtest'], place, `${variable}=1`),
    `systemctl set-environment ${variable}=1`,
    'systemctl start headscale',
    ours(['health', '--wait', '60s'], place),
    ours(['policy', 'set', '-f', file], place),
    `systemctl unset-environment ${variable}`,
    'systemctl restart headscale',
  ]
}

function ours(words: readonly string[], {config}: Place): string {
  const flags = config === INSTALLED_CONFIG ? [] : ['-c', config]
  return ['headscale-ts', ...flags, ...words].map(shellWord).join(' ')
}

/** How to go back by one hop, of a plan whose last release has these rules. */
export function restoreLines(database: Database, {hasPackage}: UpgradeRules): string[] {
  const log = (suffix: string) => shellWord(`${database.path ?? ''}${suffix}`)
  return [
    'systemctl stop headscale',
    ...(database.path === null ? [] : [`rm -f ${log('-wal')} ${log('-shm')}`]),
    'tar -xzPf ARCHIVE',
    ...(database.kind === 'postgres' ? ['pg_restore --clean --if-exists -d DATABASE DUMP'] : []),
    hasPackage
      ? 'apt-get install -y --allow-downgrades -o Dpkg::Options::=--force-confold ./PACKAGE_OF_THE_RELEASE_BEFORE'
      : 'install -m 755 PROGRAM_OF_THE_RELEASE_BEFORE "$(command -v headscale)"',
    'systemctl start headscale',
  ]
}

/** As headscale resolves it: from the folder of the config file. */
export function absolute(path: string, config: string): string {
  return path.startsWith('/') ? path : join(dirname(config), path)
}
