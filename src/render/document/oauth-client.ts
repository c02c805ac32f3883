/** The published JSON of an OAuth client. */
import type {OAuthClient} from '../../domain/oauth-client.ts'
import {documentTime} from '../time.ts'
import type {OAuthClientDocument} from './schemas.ts'

export function oauthClientDocument(client: OAuthClient, secret: string | null = null): OAuthClientDocument {
  const {id, description, scopes, tags, createdAt} = client
  return {id, description, scopes, tags, createdAt: documentTime(createdAt), key: secret}
}
