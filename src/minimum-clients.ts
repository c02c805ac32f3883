/**
 * The oldest Tailscale client that each headscale release accepts, for the API (what a server accepts) and for setup
 * (what an upgrade changes), neither of which may import the other.
 *
 * Sources: the capability version that each tag checks, MinimumCapVersion in hscontrol/noise.go of v0.23.0 and
 * MinSupportedCapabilityVersion in hscontrol/capver of v0.25.1 to v0.29.3 and the 0.30 development tree; the client of
 * such a version is in capver_generated.go there. 0.24 is from the CHANGELOG. 0.23 too: it checks for 61, which 1.40
 * has, and the CHANGELOG promises 1.42 and later.
 */
const MINIMUM_CLIENTS: Readonly<Record<string, string>> = {
  '0.23': '1.42',
  '0.24': '1.56',
  '0.25': '1.62',
  '0.26': '1.62',
  '0.27': '1.64',
  '0.28': '1.74',
  '0.29': '1.80',
  '0.30': '1.84',
}

/**
 * The oldest client of a minor release, such as `1.80` for `0.29`; null where every client can connect (up to 0.22).
 */
export function minimumClientOf(minorRelease: string): string | null {
  return MINIMUM_CLIENTS[minorRelease] ?? null
}
