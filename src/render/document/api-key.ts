/** The published JSON of an API key. */
import type {ApiKey} from '../../domain/api-key.ts'
import type {ApiKeyDocument} from './schemas.ts'

export function apiKeyDocument(key: ApiKey, secret: string | null = null): ApiKeyDocument {
  return {
    id: key.id,
    prefix: key.prefix,
    expiration: key.expiration?.toISOString() ?? null,
    createdAt: key.createdAt?.toISOString() ?? null,
    lastSeen: key.lastSeen?.toISOString() ?? null,
    key: secret,
  }
}
