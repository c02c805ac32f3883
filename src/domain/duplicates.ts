/**
 * Duplicate nodes of one machine, and which of them to keep. Pure rules over nodes that were already read.
 *
 * A machine has one machine key, which it keeps until its client's state is deleted. Servers store it twice when a
 * registration is repeated (up to 0.22), or when it is registered for another user (0.27 and later). A machine that was
 * installed again has a new machine key; there only its host name is the same.
 */
import type {Node} from './node.ts'

export interface DuplicateRules {
  /** Nodes with the same host name and owner are of one machine, whatever their machine keys. */
  byName: boolean
  /** Nodes with the same machine key are of one machine, whoever owns them. */
  acrossUsers: boolean
}

/** The nodes of one machine. */
export interface DuplicateNodes {
  kept: Node
  /** At least one; all offline if no more than one node of all is online. */
  others: Node[]
  /** How many of all are online. With more than one, these are not duplicates, whatever their names. */
  online: number
}

/** The nodes of each machine that has several, in the order of the list. */
export function findDuplicates(nodes: readonly Node[], rules: DuplicateRules): DuplicateNodes[] {
  const groups = new Map<string, Set<Node>>()
  for (const node of nodes) {
    const keys = identities(node, rules)
    const known = new Set(keys.flatMap((key) => groups.get(key) ?? []))
    const [group = new Set<Node>(), ...joined] = [...known].toSorted((a, b) => b.size - a.size)
    for (const smaller of joined) {
      for (const each of smaller) {
        group.add(each)
        for (const key of identities(each, rules)) groups.set(key, group)
      }
    }
    group.add(node)
    for (const key of keys) groups.set(key, group)
  }
  return [...new Set(groups.values())]
    .filter(({size}) => size > 1)
    .map((group) => {
      const [kept, ...others] = [...group].toSorted(newestFirst)
      return {kept: kept!, others, online: [...group].filter(({online}) => online).length}
    })
}

/** What nodes of one machine share, one text for each rule. */
function identities(node: Node, {byName, acrossUsers}: DuplicateRules): string[] {
  const {machineKey, hostName} = node
  const owner = node.user ? `user ${node.user.id}` : node.tags.toSorted().join(' ')
  const named = (byName || machineKey === null) && hostName !== ''
  return [
    ...(machineKey === null ? [] : [`key ${machineKey} ${acrossUsers ? '' : owner}`]),
    ...(named ? [`name ${hostName.toLowerCase()} ${owner}`] : []),
  ]
}

/** Online before offline, then the one that was seen last, then the one that was registered last. */
function newestFirst(a: Node, b: Node): number {
  const seen = ({lastSeen, createdAt}: Node) => (lastSeen ?? createdAt)?.getTime() ?? 0
  return Number(b.online) - Number(a.online) || seen(b) - seen(a) || Number(BigInt(b.id) - BigInt(a.id))
}

/** Eight random characters (up to 0.28), or a number (since 0.29). */
const SUFFIX = {random: /^(.+)-[a-z0-9]{8}$/, number: /^(.+)-[1-9]\d*$/}

/**
 * The given name without the suffix that the server added because another node had the name; null if it has none.
 * @param numbered the server adds numbers
 */
export function nameWithoutSuffix({givenName, hostName}: Node, {numbered}: {numbered: boolean}): string | null {
  const patterns = numbered ? [SUFFIX.number, SUFFIX.random] : [SUFFIX.random]
  for (const pattern of patterns) {
    const name = givenName?.match(pattern)?.[1]
    // Servers replace characters in different ways; letters and digits stay the same.
    if (name !== undefined && plain(name) === plain(hostName)) return name
  }
  return null
}

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')
