/** A key for the REST gateway, as lists show it: never the secret. */
export interface ApiKey {
  id: string
  /** Enough of the key to tell it from others; masked (`hskey-api-…-***`) from 0.28 on. */
  prefix: string
  expiration: Date | null
  createdAt: Date | null
  lastSeen: Date | null
}
