/**
 * `derp check` without its command: flags and files become a map, the options of a check, and a schedule.
 *
 * Every error on the command line is reported here, before anything is sent.
 */
import {stat} from 'node:fs/promises'
import {resolve} from 'node:path'
import {parseDuration} from '../../domain/values/duration.ts'
import {usageError} from '../../errors.ts'
import {PIN_NOTATIONS, parsePin} from '../cert/pin-text.ts'
import {PIN_PREFIX} from '../map.ts'
import type {DerpMap, DerpNode} from '../map.ts'
import {readFileBounded, type Trace} from '../read/read.ts'
import {displayName, isUrl} from '../read/url.ts'
import type {LoadedMap} from '../read/source.ts'
import type {CheckOptions} from './check-map.ts'
import type {Credentials} from './context.ts'
import {parseMeshKey, parseNodeKey} from './relay/keys.ts'
import {mapOfOne, onlyNodes, parseHostPort} from '../net/target.ts'

/** Flags and argument as typed. */
export interface CheckFlags {
  target: string
  output?: string | undefined
  node?: string[] | undefined
  expect: string
  'node-key-file'?: string | undefined
  'mesh-key-file'?: string | undefined
  'ca-file'?: string | undefined
  timeout?: string | undefined
  watch: boolean
  interval?: string | undefined
  count?: number | undefined
  pin?: string | undefined
  'insecure-for-tests': boolean
  'stun-port'?: number | undefined
}

export interface PreparedCheck {
  map: DerpMap
  options: CheckOptions
  schedule: {intervalMs: number; count: number}
  /** Sources of a configuration that could not be read, a line each. */
  warnings: string[]
}

const DEFAULT_INTERVAL_MS = 60_000

/**
 * @param cwd where relative paths begin
 * @param trace receives a line for each request and each step
 * @throws HeadscaleError (usage, not-found, invalid-input, …)
 */
export async function prepareCheck(flags: CheckFlags, cwd: string, trace?: Trace): Promise<PreparedCheck> {
  const {target, watch, interval, count, timeout} = flags
  if (!watch && (interval !== undefined || count !== undefined)) {
    throw usageError(`--${interval === undefined ? 'count' : 'interval'} needs --watch`)
  }
  if (watch && flags.output === 'yaml') {
    throw usageError('--watch cannot print YAML: it prints one document per round', 'use -o json-line')
  }
  const timeoutMs = timeout === undefined ? undefined : positive(timeout, '--timeout')
  const {map: all, warnings} = await targetMap(flags, cwd, trace)
  const caFile = flags['ca-file']
  return {
    warnings,
    map: flags.node === undefined ? all : onlyNodes(all, flags.node),
    options: {
      target: displayName(target),
      signal: new AbortController().signal,
      expect: flags.expect === 'restricted' ? 'restricted' : 'works',
      credentials: await suppliedKeys(flags, cwd),
      trace,
      ...(timeoutMs !== undefined && {timeoutMs}),
      ...(caFile !== undefined && {moreRoots: [await readText(caFile, cwd)]}),
    },
    schedule: {
      intervalMs: interval === undefined ? DEFAULT_INTERVAL_MS : positive(interval, '--interval'),
      count: watch ? (count ?? Infinity) : 1,
    },
  }
}

async function targetMap(flags: CheckFlags, cwd: string, trace?: Trace): Promise<Pick<LoadedMap, 'map' | 'warnings'>> {
  const {target} = flags
  const one = isUrl(target) || target === '-' || (await isFile(resolve(cwd, target))) ? null : parseHostPort(target)
  if (one !== null && !/[\\/]|\.(?:ya?ml|json)$/i.test(target)) {
    return {map: mapOfOne(one, nodeFields(flags)), warnings: []}
  }
  const stray = (['pin', 'insecure-for-tests', 'stun-port'] as const).find(
    (flag) => flags[flag] !== undefined && flags[flag] !== false,
  )
  if (stray !== undefined) throw usageError(`--${stray} is for HOST:PORT`, 'in a map, it is a field of the node')
  const {loadMap} = await import('../read/source.ts')
  return loadMap(target, {cwd, limits: {trace}})
}

function nodeFields(flags: CheckFlags): Partial<DerpNode> {
  const {pin} = flags
  const hex = pin === undefined ? null : parsePin(pin)
  if (pin !== undefined && hex === null) {
    throw usageError(`invalid --pin: expected ${PIN_NOTATIONS}`, 'headscale-ts derp pin HOST:PORT prints the pin')
  }
  return {
    ...(hex !== null && {certName: PIN_PREFIX + hex}),
    insecureForTests: flags['insecure-for-tests'],
    stunPort: flags['stun-port'] ?? 0,
  }
}

async function suppliedKeys(flags: CheckFlags, cwd: string): Promise<Credentials | null> {
  const nodeKeyFile = flags['node-key-file']
  const meshKeyFile = flags['mesh-key-file']
  if (nodeKeyFile === undefined && meshKeyFile === undefined) return null
  if (nodeKeyFile !== undefined && meshKeyFile !== undefined) {
    throw usageError('--node-key-file and --mesh-key-file exclude each other', 'use one of them')
  }
  return {
    nodeKey: nodeKeyFile === undefined ? null : parseNodeKey(await readText(nodeKeyFile, cwd), nodeKeyFile),
    meshKey: meshKeyFile === undefined ? null : parseMeshKey(await readText(meshKeyFile, cwd), meshKeyFile),
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function readText(path: string, cwd: string): Promise<string> {
  return Buffer.from(await readFileBounded(path, cwd)).toString('utf8')
}

function positive(text: string, flag: string): number {
  const ms = parseDuration(text)
  if (ms === 0) throw usageError(`${flag} must be more than 0`)
  return ms
}
