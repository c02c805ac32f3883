/**
 * Recorded cases in which headscale differs from Tailscale, and this program with it: exactly those that headscale's own tests
 * skip, and the reason.
 */

const PASSKEYS = 'headscale has no passkeys, so user:*@passkey is nobody'
const DOMAINS =
  'headscale does not know which domains belong to the tailnet, so it accepts any in user:*@ and localpart:*@'
const FUNNEL = 'headscale has no funnel, and rejects it'
const IP_POOL = 'headscale allocates no addresses from ipPool, and rejects it'
const ROLES = 'users of headscale have no roles'

/** Tailscale takes the policy and headscale rejects it, or the other way round. */
export const OTHER_VERDICT: ReadonlyMap<string, string> = new Map([
  ['nodeattrs_results/nodeattrs-attr-c1-funnel', FUNNEL],
  ['nodeattrs_results/nodeattrs-funnel-f1-tag', FUNNEL],
  ['nodeattrs_results/nodeattrs-funnel-f2-user', FUNNEL],
  ['nodeattrs_results/nodeattrs-ippool-g1-admin', IP_POOL],
  ['nodeattrs_results/nodeattrs-ippool-g2-group', IP_POOL],
  ['nodeattrs_results/nodeattrs-ippool-g3-mixed', IP_POOL],
  ['nodeattrs_results/nodeattrs-target-a10-autogroup-admin', ROLES],
  ['nodeattrs_results/nodeattrs-target-a11-autogroup-owner', ROLES],
  ['ssh_results/ssh-b4', DOMAINS],
  ['ssh_results/ssh-d1', DOMAINS],
  ['ssh_results/ssh-e1', DOMAINS],
  ['ssh_results/ssh-e2', DOMAINS],
  ['ssh_results/ssh-malformed-user-localpart-multi-glob', DOMAINS],
  ['sshtest_results/sshtest-malformed-dst-bare-ipv6', 'headscale takes an IPv6 address as the dst of an sshTest'],
])

/** Both take the policy, and the nodes get other rules. */
export const OTHER_RULES: ReadonlyMap<string, string> = new Map([
  ['grant_results/grant-k20', PASSKEYS],
  ['grant_results/grant-k21', PASSKEYS],
  ['ssh_results/ssh-b5', PASSKEYS],
  ['ssh_results/ssh-d10', PASSKEYS],
])
