/**
 * What each headscale release does with DERP maps: the only file of this folder that compares release numbers.
 *
 * Code asks for the named fact, never for a number. Taken from the sources of each tag (hscontrol/derp/derp.go and its
 * predecessors, hscontrol/app.go, hscontrol/types/config.go) and partly observed on 0.22.3 and 0.29.3.
 */
import {usageError} from '../errors.ts'

export interface Behaviour {
  /** As the user gave it, or the default. */
  release: string
  /** The YAML library of map files. v3 rejects a file with a duplicate key, where v2 keeps the last. */
  goYaml: 2 | 3
  /** Fields of tailcfg that came after this release's copy of it, by Go name, with the headscale that has them. */
  newerFields: ReadonlyMap<string, string>
  /** In which order sources are read; a later one replaces a region of an earlier one. The embedded region is last. */
  mergeOrder: readonly ('paths' | 'urls')[]
  /** A source that cannot be read: the rest of its kind is skipped with a log line, or the server does not start. */
  brokenSource: 'skipped' | 'fatal'
  /** No region at all in the end. */
  emptyMap: 'warning' | 'fatal'
  /** `900: null`: sent to clients as null, removes the region of earlier sources, or has no effect. */
  nullRegion: 'sent' | 'removes' | 'ignored'
  /** The update timer with a frequency of 0. */
  zeroUpdateFrequency: 'panic' | 'off'
  /** An entry of derp.urls that is not a URL. */
  badUrl: 'panic' | 'skipped'
  /** Whether derp.server.verify_clients exists (its default is true); before, the embedded relay is open to all. */
  embeddedVerifies: boolean
  /** How config.yaml's booleans are read (syntax/viper.ts). */
  viperYaml: 2 | 3
  viperFloats: boolean
  /** Whether derp.server has private_key_path (needed), ipv4, ipv6 and automatically_add_embedded_derp_region. */
  embeddedHasOwnKey: boolean
}

/** The release when none is given. */
export const DEFAULT_RELEASE = '0.29'

/** When headscale got tailcfg's later fields: 0.22 has tailcfg 1.38, 0.23 1.72, 0.25 1.80, 0.26 1.83. */
const FIELD_RELEASES = [
  {go: 'CanPort80', minor: 23},
  {go: 'HomeParams', minor: 23},
  {go: 'Latitude', minor: 23},
  {go: 'Longitude', minor: 23},
  {go: 'NoMeasureNoHome', minor: 26},
]

const OLDEST = [0, 15, 0]
const NEWEST = [0, 30, 99]

/**
 * The behaviour of a release: `0.26`, `0.26.1`, `v0.26`, `0.30-dev`. Without a patch number the release's last.
 *
 * @throws a usage error for anything else, and for releases before 0.15 or after 0.30
 */
export function behaviourOf(release: string = DEFAULT_RELEASE): Behaviour {
  const match = /^v?([0-9]{1,3})\.([0-9]{1,3})(?:\.([0-9]{1,3}))?(?:-[0-9A-Za-z.-]+)?$/.exec(release.trim())
  if (match === null) {
    throw usageError(`invalid headscale release "${release}"`, 'expected a release such as 0.26 or 0.26.1')
  }
  const version = [Number(match[1]), Number(match[2]), Number(match[3] ?? 99)]
  if (compare(version, OLDEST) < 0 || compare(version, NEWEST) > 0) {
    throw usageError(`headscale ${release} is not supported`, 'expected a release from 0.15 to 0.30')
  }
  const since = (...first: number[]) => compare(version, first) >= 0
  return {
    release: release.trim().replace(/^v/, ''),
    goYaml: since(0, 22) ? 3 : 2,
    newerFields: new Map(FIELD_RELEASES.filter(({minor}) => !since(0, minor)).map(({go, minor}) => [go, `0.${minor}`])),
    mergeOrder: since(0, 27) ? ['urls', 'paths'] : ['paths', 'urls'],
    brokenSource: since(0, 27) ? 'fatal' : 'skipped',
    emptyMap: since(0, 23) ? 'fatal' : 'warning',
    nullRegion: since(0, 30) ? 'ignored' : since(0, 27) ? 'removes' : 'sent',
    zeroUpdateFrequency: since(0, 24, 1) ? 'off' : 'panic',
    badUrl: since(0, 29) ? 'skipped' : 'panic',
    embeddedVerifies: since(0, 27),
    viperYaml: since(0, 16) ? 3 : 2,
    viperFloats: since(0, 23),
    embeddedHasOwnKey: since(0, 23),
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let part = 0; part < 3; part++) {
    const difference = (a[part] ?? 0) - (b[part] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
