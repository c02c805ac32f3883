/** Tags of nodes and pre-auth keys. Rule: hscontrol/grpcv1.go, validateTag, the same from v0.16.0 to v0.29.2. */
import {usageError} from '../../errors.ts'

/** @throws HeadscaleError (usage) naming the broken rule */
export function checkTag(tag: string): string {
  const broken = !tag.startsWith('tag:')
    ? 'it must start with tag:'
    : tag === 'tag:'
      ? 'nothing follows tag:'
      : tag !== tag.toLowerCase()
        ? 'it has upper-case letters'
        : /\s/.test(tag)
          ? 'it has white space'
          : null
  if (broken) throw usageError(`invalid tag ${JSON.stringify(tag)}: ${broken}`, 'for example: tag:server')
  return tag
}
