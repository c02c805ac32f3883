/** Single sign-on. The provider itself is not asked. */
import type {Context} from './context.ts'

const STOPS = 'headscale does not start'

export function checkOidc(context: Context): void {
  const {settings} = context
  const secret = settings.text('oidc.client_secret')
  const secretPath = settings.text('oidc.client_secret_path')
  if (secret !== '' && secretPath !== '') {
    context.error('oidc-secret', 'oidc.client_secret_path', [
      'oidc.client_secret and oidc.client_secret_path are both set',
      STOPS,
      'Keep oidc.client_secret_path',
    ])
  } else if (secretPath !== '' && !secretPath.includes('$') && context.misses(secretPath)) {
    context.error('missing-file', 'oidc.client_secret_path', [
      `oidc.client_secret_path: no such file ${secretPath}`,
      STOPS,
      'Write the secret to this file, readable for the user of headscale',
    ])
  }
  const method = settings.text('oidc.pkce.method', 'S256')
  if (method !== 'plain' && method !== 'S256') {
    const isFatal = settings.bool('oidc.enabled', false)
    if (isFatal || settings.bool('oidc.pkce.enabled', false)) {
      context.error('oidc-pkce', 'oidc.pkce.method', [
        `oidc.pkce.method is '${method}'`,
        isFatal ? STOPS : 'The provider rejects the login',
        'Write S256',
      ])
    }
  }
  const issuer = settings.text('oidc.issuer')
  if (issuer === '') {
    const set = ['oidc.client_id', 'oidc.client_secret', 'oidc.client_secret_path'].find(
      (key) => settings.text(key) !== '',
    )
    if (set !== undefined)
      context.error('oidc-issuer', set, [
        `${set} is set without oidc.issuer`,
        'Single sign-on is off',
        'Add oidc.issuer, the URL of the provider',
      ])
    return
  }
  const discovery = '/.well-known/openid-configuration'
  if (issuer.includes(discovery)) {
    context.error('oidc-issuer', 'oidc.issuer', [
      'oidc.issuer is the URL of the discovery document',
      `headscale adds ${discovery} itself, and finds nothing`,
      `Write ${issuer.slice(0, issuer.indexOf(discovery))}`,
    ])
  } else if (!/^https?:\/\/[^\s/]/.test(issuer) && !/\$|\{\{/.test(issuer)) {
    context.error('oidc-issuer', 'oidc.issuer', [
      `oidc.issuer '${issuer}' is not a URL`,
      STOPS,
      'Write the issuer URL of the provider, such as https://sso.example.com',
    ])
  }
  if (settings.text('oidc.client_id') === '') {
    context.error('oidc-client', 'oidc.client_id', [
      'oidc.client_id is missing',
      'The provider rejects every login',
      'Add the client id that the provider gave',
    ])
  }
  if (secret === '' && secretPath === '' && !settings.bool('oidc.pkce.enabled', false)) {
    context.warning('oidc-client', 'oidc.client_secret', [
      'oidc has neither client_secret nor client_secret_path',
      'Most providers reject a login without it',
      'Add client_secret_path, a file with the secret',
    ])
  }
  if (settings.isSet('oidc.scope') && !settings.list('oidc.scope').some(({text}) => text === 'openid')) {
    context.error('oidc-scope', 'oidc.scope', [
      'oidc.scope has no openid',
      'The provider sends no identity, and every login fails',
      'Add openid',
    ])
  }
  if (
    settings.list('oidc.allowed_groups').length > 0 &&
    settings.isSet('oidc.scope') &&
    !settings.list('oidc.scope').some(({text}) => text === 'groups')
  ) {
    context.warning('oidc-scope', 'oidc.allowed_groups', [
      'oidc.allowed_groups is set, and oidc.scope has no groups',
      'Many providers then send no groups, and every login is refused',
      'Add groups to oidc.scope, if the provider has that scope',
    ])
  }
}
