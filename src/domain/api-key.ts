/** A key for the REST API, as lists show it: without the secret. */
export interface ApiKey {
  id: string
  /** The start of the key, which identifies it; masked (`hskey-api-…-***`) since 0.28. */
  prefix: string
  expiration: Date | null
  createdAt: Date | null
  lastSeen: Date | null
}
