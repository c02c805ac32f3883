/** DNS names as they are in records: lower case, without the dot at the end. */

const LONGEST_NAME = 253
const LONGEST_LABEL = 63

/** The name in lower case, without the dot at the end. */
export function canonicalDnsName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/**
 * Why a canonical name cannot be the name of a record, or null if it can. Tailscale clients compare whole names, so a
 * wildcard would never match.
 */
export function dnsNameProblem(name: string): string | null {
  if (name === '') return 'it is empty'
  if (name.includes('*')) return 'Tailscale clients do not support wildcards'
  if (name.length > LONGEST_NAME) return `it is longer than ${LONGEST_NAME} characters`
  for (const label of name.split('.')) {
    const problem = labelProblem(label)
    if (problem !== null) return problem
  }
  return null
}

function labelProblem(label: string): string | null {
  if (label === '') return 'it has an empty part between dots'
  if (label.length > LONGEST_LABEL) return `a part is longer than ${LONGEST_LABEL} characters`
  const odd = label.match(/[^a-z0-9_-]/u)
  if (odd) return `it contains ${JSON.stringify(odd[0])}`
  return /^-|-$/.test(label) ? 'a part begins or ends with a hyphen' : null
}
