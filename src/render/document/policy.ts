/** The published JSON of the stored policy. */
import {documentTime} from '../time.ts'
import type {PolicyDocument} from './schemas.ts'

export function policyDocument({text, updatedAt}: {text: string; updatedAt: Date | null}): PolicyDocument {
  return {policy: text, updatedAt: documentTime(updatedAt)}
}
