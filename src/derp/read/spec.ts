/**
 * Regions and nodes in short form: the spec file, and the flags of `derp render` for a region and a node.
 *
 * A spec file is YAML or JSON with a list of regions where headscale has a map:
 *
 *     regions:
 *       - {id: 900, code: thk, name: Tencent Hongkong, nodes: [{host: derp.example.com, port: 12345}]}
 *
 * Unlike headscale's own formats it is strict: an unknown key is an error. Ids are written once; a node without a name
 * gets the region id and a letter.
 */
import {HeadscaleError, usageError} from '../../errors.ts'
import {parsePin} from '../cert/pin-text.ts'
import {PIN_PREFIX, createMap, createNode, createRegion} from '../map.ts'
import {MapPlaces} from './positions.ts'
import {isListOfRegions} from './unwrap.ts'
import {goBool, isNull} from '../../syntax/go-scalars.ts'
import {lookUp} from '../../syntax/tree.ts'
import type {ParsedMap} from './decode.ts'
import type {DerpNode, DerpRegion} from '../map.ts'
import type {Document, MapTree, Tree} from '../../syntax/tree.ts'

/** Sets one field of a node or region from a text; returns what was expected instead, or null. */
type Setter<T> = (target: T, text: string) => string | null

const text =
  <T>(field: keyof T): Setter<T> =>
  (target, value) => {
    Object.assign(target as object, {[field]: value})
    return value === '' ? 'a value' : null
  }

const number =
  <T>(field: keyof T, pattern: RegExp, wanted: string): Setter<T> =>
  (target, value) => {
    if (!pattern.test(value)) return wanted
    Object.assign(target as object, {[field]: Number(value)})
    return null
  }

const port = <T>(field: keyof T): Setter<T> => {
  const set = number<T>(field, /^[1-9][0-9]{0,4}$/, 'a port from 1 to 65535')
  return (target, value) => (Number(value) > 65535 ? 'a port from 1 to 65535' : set(target, value))
}

const flag =
  <T>(field: keyof T): Setter<T> =>
  (target, value) => {
    const place = {file: '', line: 1, column: 1, offset: 0, end: 0}
    const outcome = goBool({kind: 'scalar', style: 'plain', text: value === '' ? 'true' : value, place})
    if (outcome.value === null) return 'true or false'
    Object.assign(target as object, {[field]: outcome.value})
    return null
  }

const stunPort: Setter<DerpNode> = (node, value) => {
  if (value !== 'off' && value !== '-1') return port<DerpNode>('stunPort')(node, value)
  node.stunPort = -1
  return null
}

const pin: Setter<DerpNode> = (node, value) => {
  const hex = parsePin(value)
  if (hex === null) return 'the 64 hex digits of a SHA-256'
  node.certName = PIN_PREFIX + hex
  return null
}

/** The keys of a node. */
const NODE_KEYS: Record<string, Setter<DerpNode>> = {
  name: text('name'),
  host: text('hostName'),
  ipv4: text('ipv4'),
  ipv6: text('ipv6'),
  port: port('derpPort'),
  'stun-port': stunPort,
  'stun-only': flag('stunOnly'),
  pin,
  'cert-name': text('certName'),
  'insecure-for-tests': flag('insecureForTests'),
  'can-port-80': flag('canPort80'),
}

/** The keys of a region, without `nodes`. */
const REGION_KEYS: Record<string, Setter<DerpRegion>> = {
  id: number('regionId', /^[1-9][0-9]{0,8}$/, 'a number above 0'),
  code: text('regionCode'),
  name: text('regionName'),
  latitude: number('latitude', /^-?[0-9]{1,3}(\.[0-9]+)?$/, 'degrees'),
  longitude: number('longitude', /^-?[0-9]{1,3}(\.[0-9]+)?$/, 'degrees'),
  'no-measure-no-home': flag('noMeasureNoHome'),
}

/**
 * `--region ID:CODE:NAME`. The name may hold colons; code and name may be left out.
 *
 * @throws a usage error
 */
export function parseRegionFlag(value: string): DerpRegion {
  const [id = '', code = '', ...name] = value.split(':')
  const region = createRegion()
  if (REGION_KEYS['id']?.(region, id) !== null) {
    throw usageError(`--region ${value}: invalid region id "${id}"`, "for example: --region 900:thk:'Tencent Hongkong'")
  }
  region.regionCode = code === '' ? String(region.regionId) : code
  region.regionName = name.length === 0 || name.join(':') === '' ? region.regionCode : name.join(':')
  return region
}

/**
 * `--add-node REGION/NAME,host=…,port=…`, with the keys of a node in a spec file. The name may be left out (`900,host=…`).
 *
 * @throws a usage error
 */
export function parseNodeFlag(value: string): DerpNode {
  const [where = '', ...fields] = value.split(',')
  const [id = '', name = ''] = where.split('/')
  const usage = (problem: string) =>
    usageError(
      `--add-node ${value}: ${problem}`,
      'for example: --add-node 900/900a,host=derp.example.com,ipv4=198.51.100.7,port=12345',
    )
  if (!/^[1-9][0-9]{0,8}$/.test(id)) throw usage(`invalid region id "${id}"`)
  const node = createNode({name, regionId: Number(id)})
  const seen = new Set<string>()
  for (const field of fields) {
    const [key = '', ...rest] = field.split('=')
    const setter = Object.hasOwn(NODE_KEYS, key) ? NODE_KEYS[key] : undefined
    if (setter === undefined) throw usage(`unknown key "${key}": expected ${Object.keys(NODE_KEYS).join(', ')}`)
    if (seen.has(key)) throw usage(`${key} is specified more than once`)
    seen.add(key)
    const wanted = setter(node, rest.join('='))
    if (wanted !== null) throw usage(`invalid ${key} "${rest.join('=')}": expected ${wanted}`)
  }
  if (node.hostName === '') throw usage('missing host')
  return node
}

/** Names every node without a name: the id of its region and the first free letter. */
export function nameNodes(region: DerpRegion): void {
  const taken = new Set(region.nodes.map((node) => node.name))
  for (const node of region.nodes) {
    if (node.name !== '') continue
    for (let index = 0; node.name === ''; index++) {
      const name = `${region.regionId}${index < 26 ? String.fromCharCode(97 + index) : `-${index + 1}`}`
      if (!taken.has(name)) node.name = name
    }
    taken.add(node.name)
  }
}

/** Whether a document is a spec: its regions are a list, and not headscale's regions by mistake. */
export function isSpec({root}: Document): boolean {
  const regions = lookUp(root, 'regions')
  return regions?.kind === 'list' && !isListOfRegions(regions)
}

/**
 * A spec → map.
 *
 * @throws HeadscaleError `invalid-input` with file, line and column of the first error
 */
export function decodeSpec({root, format}: Document): ParsedMap {
  const places = new MapPlaces(root.place)
  const map = createMap()
  for (const {key, value} of (root as MapTree).entries) {
    if (key.text !== 'regions' || value.kind !== 'list')
      fail(key, `unknown key "${key.text}" in a spec file: expected regions`)
    else {
      for (const item of value.items) {
        const region = decodeRegion(item, places)
        if (map.regions.has(region.regionId)) fail(item, `region ${region.regionId} is specified more than once`)
        map.regions.set(region.regionId, region)
      }
    }
  }
  return {map, file: root.place.file, format, findings: [], places, rejected: false}
}

function decodeRegion(tree: Tree, places: MapPlaces): DerpRegion {
  const region = createRegion()
  places.set(region, tree.place)
  const nodes = decodeFields(tree, region, REGION_KEYS, 'nodes')
  if (region.regionId === 0) fail(tree, 'missing id of the region')
  if (region.regionCode === '') region.regionCode = String(region.regionId)
  if (region.regionName === '') region.regionName = region.regionCode
  if (nodes?.kind !== 'list' || nodes.items.length === 0)
    return fail(nodes ?? tree, 'missing list of nodes in the region')
  for (const item of nodes.items) {
    const node = createNode({regionId: region.regionId})
    places.set(node, item.place)
    decodeFields(item, node, NODE_KEYS, null)
    if (node.hostName === '') fail(item, 'missing host of the node')
    region.nodes.push(node)
  }
  nameNodes(region)
  return region
}

/** Sets the fields of a map on a target; returns the tree under `except`. */
function decodeFields<T>(
  tree: Tree,
  target: T,
  setters: Record<string, Setter<T>>,
  except: string | null,
): Tree | null {
  if (tree.kind !== 'map') return fail(tree, `expected a map with ${Object.keys(setters).join(', ')}`)
  const seen = new Set<string>()
  let rest: Tree | null = null
  for (const {key, value} of tree.entries) {
    if (seen.has(key.text)) fail(key, `${key.text} is specified more than once`)
    seen.add(key.text)
    if (key.text === except) {
      rest = value
      continue
    }
    const setter = Object.hasOwn(setters, key.text) ? setters[key.text] : undefined
    if (setter === undefined)
      fail(
        key,
        `unknown key "${key.text}": expected ${Object.keys(setters).join(', ')}${except === null ? '' : `, ${except}`}`,
      )
    const written = value.kind === 'scalar' && !isNull(value) ? value.text : null
    const wanted = written === null ? 'a value' : setter?.(target, written)
    if (wanted !== null)
      fail(value, `invalid ${key.text}${written === null ? '' : ` "${written}"`}: expected ${wanted}`)
  }
  return rest
}

function fail(tree: Tree, message: string): never {
  const {file, line, column} = tree.place
  throw new HeadscaleError('invalid-input', `${file}:${line}:${column}: ${message}`, {
    hint: 'see docs/derp.md for the spec file',
    details: {file, line, column},
  })
}
