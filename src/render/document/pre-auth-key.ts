/** The published JSON of a pre-auth key. */
import {maskedKey, type PreAuthKey} from '../../domain/pre-auth-key.ts'
import {documentTime} from '../time.ts'
import type {PreAuthKeyDocument} from './schemas.ts'

/** @param secret whether to show the full key */
export function preAuthKeyDocument(key: PreAuthKey, {secret}: {secret: boolean} = {secret: false}): PreAuthKeyDocument {
  return {
    id: key.id,
    key: secret ? key.key : maskedKey(key.key),
    user: key.user && {id: key.user.id, name: key.user.name},
    reusable: key.reusable,
    ephemeral: key.ephemeral,
    used: key.used,
    expiration: documentTime(key.expiration),
    createdAt: documentTime(key.createdAt),
    aclTags: key.tags,
  }
}
