/** Tags of nodes and pre-auth keys. Rule: hscontrol/grpcv1.go, validateTag, the same from v0.16.0 to v0.29.2. */
import {usageError} from '../errors.ts'

/** @throws HeadscaleError (usage) naming the rule that is broken */
export function checkTag(tag: string): string {
  const broken = !tag.startsWith('tag:')
    ? 'it does not begin with tag:'
    : tag === 'tag:'
      ? 'nothing follows tag:'
      : tag !== tag.toLowerCase()
        ? 'it has upper-case letters'
        : /\s/.test(tag)
          ? 'it has white space'
          : null
  if (broken) throw usageError(`${JSON.stringify(tag)} is no tag: ${broken}`, 'write it as tag:server')
  return tag
}
