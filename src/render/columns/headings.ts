/** Headings with the terms of the server's release. */

/** `Namespace` up to 0.18, `User` after. */
export function ownerHeading(word: 'namespace' | 'user'): 'Namespace' | 'User' {
  return word === 'namespace' ? 'Namespace' : 'User'
}

/** `Machine` up to 0.22, `Node` after: the beginning of the sentence after a change. */
export function nodeHeading(word: 'machine' | 'node'): 'Machine' | 'Node' {
  return word === 'machine' ? 'Machine' : 'Node'
}
