/**
 * Sorts items by the value of a column: numbers, times and addresses by value, other texts in natural order (`web-2`
 * before `web-10`). Items with equal values keep their order; items without a value are last in both directions.
 */
import {isIPv4, isIPv6} from 'node:net'
import type {ListColumn, Value} from './columns/column.ts'

export function sortItems<Item>(
  items: readonly Item[],
  column: ListColumn<Item>,
  {descending, now}: {descending: boolean; now: Date},
): Item[] {
  const {compare: compareTexts} = new Intl.Collator('en', {numeric: true})
  const compareOne = column.addresses ? byAddress(compareTexts) : compareTexts
  const rows = items.map((item) => ({item, value: column.value(item, now)}))
  return rows
    .toSorted((a, b) => {
      const [noA, noB] = [isEmpty(a.value), isEmpty(b.value)]
      if (noA || noB) return Number(noA) - Number(noB)
      return (descending ? -1 : 1) * compareValues(a.value, b.value, compareOne)
    })
    .map(({item}) => item)
}

type Compare = (a: string, b: string) => number

function isEmpty(value: Value): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function compareValues(a: Value, b: Value, compare: Compare): number {
  if (typeof a === 'string' && typeof b === 'string') return compare(a, b)
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a as string[], b as string[], compare)
  return Number(a) - Number(b)
}

function compareLists(a: readonly string[], b: readonly string[], compare: Compare): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** IPv4 before IPv6, then by number, then by the length of the prefix; anything else at the end, as text. */
function byAddress(compareTexts: Compare): Compare {
  const keys = new Map<string, string | null>()
  const keyOf = (text: string) => {
    let key = keys.get(text)
    if (key === undefined) keys.set(text, (key = addressKey(text)))
    return key
  }
  return (a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    if (x === null || y === null) return x === y ? compareTexts(a, b) : Number(x === null) - Number(y === null)
    return x < y ? -1 : Number(x > y)
  }
}

/** A text of fixed length whose order is that of the addresses. */
function addressKey(text: string): string | null {
  const [address = '', bits = ''] = text.split('/')
  const length = bits.padStart(3, '0')
  if (isIPv4(address)) {
    return `4${address
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('')}${length}`
  }
  return isIPv6(address) ? `6${hexDigits(address)}${length}` : null
}

/** The 32 hexadecimal digits of an IPv6 address. */
function hexDigits(address: string): string {
  // The URL parser writes an address that ends in dotted IPv4 notation in groups.
  const plain = new URL(`http://[${address.split('%')[0]}]/`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join('')
}
