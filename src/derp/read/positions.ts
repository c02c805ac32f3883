/**
 * Where the values of a decoded map were written. Kept separately from the map.
 *
 * A map made from flags has no places and is the same map. Rules ask here for the place of a field, whether it was
 * written, whether its value was rejected, and where a missing one could be inserted.
 */
import type {Edit} from '../../diagnostics/finding.ts'
import type {DerpMap, DerpRegion} from '../map.ts'
import type {MapTree, Place} from '../../syntax/tree.ts'

/** How to insert a field before the first one of a map. */
export interface Insertion {
  offset: number
  quote: string
  separator: string
}

export class MapPlaces {
  readonly #whole = new WeakMap<object, Place>()
  readonly #fields = new WeakMap<object, Map<string, Place>>()
  readonly #broken = new WeakMap<object, Set<string>>()
  readonly #insertions = new WeakMap<object, Insertion>()
  /** The start of the file. */
  readonly file: Place

  constructor(file: Place) {
    this.file = file
  }

  set(object: object, place: Place, field?: string): void {
    if (field === undefined) this.#whole.set(object, place)
    else this.#fields.set(object, (this.#fields.get(object) ?? new Map<string, Place>()).set(field, place))
  }

  /** Forgets that a field was written. */
  remove(object: object, field: string): void {
    this.#fields.get(object)?.delete(field)
  }

  /** The place of a region is its key; a null one has no object of its own. */
  setRegion(map: DerpMap, id: number, region: DerpRegion | null, key: Place): void {
    if (region === null) this.set(map, key, `null ${id}`)
    else this.set(region, key)
  }

  /** The field was written, but its value was rejected and is not in the map. */
  setBroken(object: object, field: string): void {
    this.#broken.set(object, (this.#broken.get(object) ?? new Set<string>()).add(field))
  }

  setInsertion(object: object, insertion: Insertion | null): void {
    if (insertion !== null) this.#insertions.set(object, insertion)
  }

  /** Of a field, else of the object that lacks it, else of the file. */
  of(object: object, field?: string): Place {
    return this.written(object, field) ?? this.#whole.get(object) ?? this.file
  }

  /** Of a null region. */
  ofNull(map: DerpMap, id: number): Place {
    return this.of(map, `null ${id}`)
  }

  /** Of a field that was written, or null. */
  written(object: object, field: string | undefined): Place | null {
    return field === undefined ? null : (this.#fields.get(object)?.get(field) ?? null)
  }

  broken(object: object, field: string): boolean {
    return this.#broken.get(object)?.has(field) === true
  }

  /** The edit that adds a field to an object, or null where it has no safe place. */
  insertion(object: object, name: string, value: string): Edit | null {
    const found = this.#insertions.get(object)
    if (found === undefined) return null
    const text = `${found.quote}${name}${found.quote}: ${value}${found.separator}`
    return {offset: found.offset, end: found.offset, text}
  }
}

/** How to add a field to this map; null when it is empty. */
export function insertionBefore(tree: MapTree): Insertion | null {
  const first = tree.entries[0]?.key
  if (first === undefined) return null
  return {
    offset: first.place.offset,
    quote: first.style === 'quoted' ? '"' : '',
    separator: tree.flow ? ', ' : `\n${' '.repeat(first.place.column - 1)}`,
  }
}
