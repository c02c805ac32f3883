/**
 * Regions and nodes in short words: our spec file and the flags `--region` and `--node`, one vocabulary for both.
 *
 * A spec is YAML or JSON with a list of regions where headscale has a map:
 *
 *     regions:
 *       - {id: 900, code: thk, name: Tencent Hongkong, nodes: [{host: derp.example.com, port: 12345}]}
 *
 * Unlike headscale's own formats it is strict: an unknown word is an error. Ids are written once, node names come
 * from the region's id and a letter when left out.
 */
import {HeadscaleError, usageError} from '../../errors.ts'
import {parsePin} from '../cert/pin-text.ts'
import {PIN_PREFIX, createMap, createNode, createRegion} from '../map.ts'
import {MapPlaces} from './positions.ts'
import {goBool, isNull} from '../../syntax/go-scalars.ts'
import {lookUp} from '../../syntax/tree.ts'
import type {ParsedMap} from './decode.ts'
import type {DerpNode, DerpRegion} from '../map.ts'
import type {Document, MapTree, Tree} from '../../syntax/tree.ts'

/** Sets one thing of a node or region from a text; answers what was expected instead, or null. */
type Setter<T> = (target: T, text: string) => string | null

const text =
  <T>(field: keyof T): Setter<T> =>
  (target, value) => {
    Object.assign(target as object, {[field]: value})
    return value === '' ? 'a text' : null
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

/** What a node can be told, by the word for it. */
const NODE_WORDS: Record<string, Setter<DerpNode>> = {
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

/** What a region can be told; `nodes` comes beside these. */
const REGION_WORDS: Record<string, Setter<DerpRegion>> = {
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
  if (REGION_WORDS['id']?.(region, id) !== null) {
    throw usageError(`--region ${value}: '${id}' is no region id`, "write it as --region 900:thk:'Tencent Hongkong'")
  }
  region.regionCode = code === '' ? String(region.regionId) : code
  region.regionName = name.length === 0 || name.join(':') === '' ? region.regionCode : name.join(':')
  return region
}

/**
 * `--node REGION/NAME,host=…,port=…`: the words of a spec's node. The name may be left out (`900,host=…`).
 *
 * @throws a usage error
 */
export function parseNodeFlag(value: string): DerpNode {
  const [where = '', ...words] = value.split(',')
  const [id = '', name = ''] = where.split('/')
  const usage = (problem: string) =>
    usageError(
      `--node ${value}: ${problem}`,
      'write it as --node 900/900a,host=derp.example.com,ipv4=198.51.100.7,port=12345',
    )
  if (!/^[1-9][0-9]{0,8}$/.test(id)) throw usage(`'${id}' is no region id`)
  const node = createNode({name, regionId: Number(id)})
  const seen = new Set<string>()
  for (const word of words) {
    const [key = '', ...rest] = word.split('=')
    const setter = Object.hasOwn(NODE_WORDS, key) ? NODE_WORDS[key] : undefined
    if (setter === undefined) throw usage(`unknown word '${key}', known are ${Object.keys(NODE_WORDS).join(', ')}`)
    if (seen.has(key)) throw usage(`${key} stands twice`)
    seen.add(key)
    const wanted = setter(node, rest.join('='))
    if (wanted !== null) throw usage(`${key} needs ${wanted}, not '${rest.join('=')}'`)
  }
  if (node.hostName === '') throw usage('it has no host')
  return node
}

/** Gives every nameless node its region's id and the first free letter. */
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

/** Whether a document is a spec of ours: its regions are a list. */
export function isSpec({root}: Document): boolean {
  return lookUp(root, 'regions')?.kind === 'list'
}

/**
 * A spec → map.
 *
 * @throws HeadscaleError `invalid-input` with file, line and column of the first thing that is wrong
 */
export function decodeSpec({root, dialect}: Document): ParsedMap {
  const places = new MapPlaces(root.place)
  const map = createMap()
  for (const {key, value} of (root as MapTree).entries) {
    if (key.text !== 'regions' || value.kind !== 'list')
      fail(key, `unknown word '${key.text}' in a spec, known is regions`)
    else {
      for (const item of value.items) {
        const region = decodeRegion(item, places)
        if (map.regions.has(region.regionId)) fail(item, `region ${region.regionId} stands twice`)
        map.regions.set(region.regionId, region)
      }
    }
  }
  return {map, file: root.place.file, dialect, findings: [], places, refused: false}
}

function decodeRegion(tree: Tree, places: MapPlaces): DerpRegion {
  const region = createRegion()
  places.set(region, tree.place)
  const nodes = decodeWords(tree, region, REGION_WORDS, 'nodes')
  if (region.regionId === 0) fail(tree, 'a region needs an id')
  if (region.regionCode === '') region.regionCode = String(region.regionId)
  if (region.regionName === '') region.regionName = region.regionCode
  if (nodes?.kind !== 'list' || nodes.items.length === 0) return fail(nodes ?? tree, 'a region needs a list of nodes')
  for (const item of nodes.items) {
    const node = createNode({regionId: region.regionId})
    places.set(node, item.place)
    decodeWords(item, node, NODE_WORDS, null)
    if (node.hostName === '') fail(item, 'a node needs a host')
    region.nodes.push(node)
  }
  nameNodes(region)
  return region
}

/** Sets the words of a map on a target; answers the tree under `except`. */
function decodeWords<T>(tree: Tree, target: T, words: Record<string, Setter<T>>, except: string | null): Tree | null {
  if (tree.kind !== 'map') return fail(tree, `a map with ${Object.keys(words).join(', ')} was expected`)
  const seen = new Set<string>()
  let rest: Tree | null = null
  for (const {key, value} of tree.entries) {
    if (seen.has(key.text)) fail(key, `${key.text} stands twice`)
    seen.add(key.text)
    if (key.text === except) {
      rest = value
      continue
    }
    const setter = Object.hasOwn(words, key.text) ? words[key.text] : undefined
    if (setter === undefined)
      fail(
        key,
        `unknown word '${key.text}', known are ${Object.keys(words).join(', ')}${except === null ? '' : `, ${except}`}`,
      )
    const written = value.kind === 'scalar' && !isNull(value) ? value.text : null
    const wanted = written === null ? 'a value' : setter?.(target, written)
    if (wanted !== null) fail(value, `${key.text} needs ${wanted}${written === null ? '' : `, not '${written}'`}`)
  }
  return rest
}

function fail(tree: Tree, message: string): never {
  const {file, line, column} = tree.place
  throw new HeadscaleError('invalid-input', `${file}:${line}:${column}: ${message}`, {
    hint: 'docs/derp.md describes the spec file',
    details: {file, line, column},
  })
}
