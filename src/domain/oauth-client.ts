/** A program that gets its own short-lived tokens for the v2 API (headscale 0.30). */
export interface OAuthClient {
  id: string
  description: string
  scopes: string[]
  tags: string[]
  createdAt: Date | null
}

/** The scopes headscale knows (hscontrol/scope/scope.go of the 0.30 tree); it accepts any other too. */
export const SCOPES = [
  'all',
  'auth_keys',
  'oauth_keys',
  'devices:core',
  'devices:routes',
  'policy_file',
  'feature_settings',
  'users',
]

/** The scopes that headscale does not know: a misspelled scope would create a client without that permission. */
export function unknownScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => !SCOPES.includes(scope.replace(/:read$/, '')))
}
