/** Keys whose values are secret, and are never printed. */
const SECRET = /(?:^|[._])(?:pass|api_key|client_secret)$/

export function isSecret(key: string): boolean {
  return SECRET.test(key)
}
