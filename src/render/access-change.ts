/** The access that nodes gain and lose, as lines for a person. */

/** As in the published JSON. */
export interface ShownAccess {
  sources: readonly string[]
  destinations: readonly string[]
  access: readonly string[]
}

/** @param options.max rows of each kind that are shown; the rest is counted */
export function accessChangeText(
  {gained, lost}: {gained: readonly ShownAccess[]; lost: readonly ShownAccess[]},
  {max = Infinity}: {max?: number} = {},
): string {
  if (gained.length === 0 && lost.length === 0) return 'access: no change\n'
  return [...part('gained', '+', gained, max), ...part('lost', '-', lost, max)].join('')
}

function part(what: string, mark: string, rows: readonly ShownAccess[], max: number): string[] {
  if (rows.length === 0) return []
  const lines = rows.slice(0, max).map(({sources, destinations, access}) => {
    return `${mark} ${names(sources)} -> ${names(destinations)}: ${access.join(' ')}\n`
  })
  const more = rows.length - lines.length
  return [`access ${what}:\n`, ...lines, ...(more > 0 ? [`… and ${more} more (policy diff shows all)\n`] : [])]
}

/** Names that are shown before the rest is counted; JSON has them all. */
const MAX_NAMES = 12

function names(list: readonly string[]): string {
  const shown = list.slice(0, MAX_NAMES).join(', ')
  return list.length > MAX_NAMES ? `${shown} and ${list.length - MAX_NAMES} more` : shown
}
