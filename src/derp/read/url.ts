/** Targets that are URLs: how they are recognized, and how messages show them. */
import {redact} from '../../text/secrets.ts'

/** Whether a target is a URL rather than a file. */
export function isUrl(target: string): boolean {
  return /^https?:\/\//i.test(target)
}

/** A target as messages show it: without the user and password of a URL. */
export function displayName(target: string): string {
  return isUrl(target) ? redact(target) : target
}
