/** The published JSON of an API key. */
import type {ApiKey} from '../../domain/api-key.ts'

export interface ApiKeyDocument {
  id: string
  prefix: string
  expiration: string | null
  createdAt: string | null
  lastSeen: string | null
  /** The secret, in the answer that creates it; null everywhere else. */
  key: string | null
}

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
