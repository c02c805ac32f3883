/** The published JSON of an API key. */
import type {ApiKey} from '../../domain/api-key.ts'
import {documentTime} from '../time.ts'
import type {ApiKeyDocument} from './schemas.ts'

export function apiKeyDocument(key: ApiKey, secret: string | null = null): ApiKeyDocument {
  return {
    id: key.id,
    prefix: key.prefix,
    expiration: documentTime(key.expiration),
    createdAt: documentTime(key.createdAt),
    lastSeen: documentTime(key.lastSeen),
    key: secret,
  }
}
