/**
 * Which releases lie between two, and what depends on their numbers: the only file of this folder that compares them.
 *
 * Newest patches: the CHANGELOG of v0.29.3 (2026-07-29) for 0.15 to 0.28; for 0.29 the list of releases on GitHub on
 * 2026-11-04. No release of 0.30 was known then. A skipped minor release is refused by 0.29 and later
 * (hscontrol/db/versioncheck.go), and by 0.28 for databases before 0.25, whose migrations it no longer has.
 */
import {usageError} from '../../errors.ts'
import {minimumClientOf} from '../../minimum-clients.ts'
import {configRules} from '../releases.ts'

/** The last number of the newest release of each line, from 0.15 on. */
const FIRST = 15
const NEWEST_PATCHES = [0, 4, 1, 0, 0, 0, 0, 3, 0, 3, 1, 1, 1, 0, 7, 0]

/** The line that was not released when this was written. */
const UNRELEASED = 30

/**
 * Releases between which test/real/setup/upgrade.test.ts upgrades, with joined clients: each from the one before it. 0.24
 * is not served as a Go module.
 */
export const TESTED_RELEASES = ['0.22.3', '0.23.0', '0.25.1', '0.26.1', '0.27.1', '0.28.0', '0.29.3'] as const

export interface Release {
  /** `0.29` or `0.29.3`. */
  text: string
  minor: number
  /** Null if it is not known. */
  patch: number | null
}

/** One release to install. */
export interface Hop {
  /** The release before it, as far as it is known. */
  from: string
  /** With its patch number. */
  release: string
  minor: number
  /** Whether the line is another than before; a new patch changes nothing but itself. */
  isNewLine: boolean
  /** The release from which our tests upgrade to this one; null if they do not. */
  testedFrom: string | null
  /** Whether a release of the line was known. */
  released: boolean
  /** The oldest client that can connect; null if every client can. */
  minimumClient: string | null
}

/** @throws a usage error for a release that is not known */
export function parseRelease(text: string): Release {
  const {release, minor} = configRules(text)
  const [, patch] = /^0\.\d+\.(\d+)/.exec(release) ?? []
  return {text: release, minor, patch: patch === undefined ? null : Number(patch)}
}

/**
 * The releases to install, in order; none if the target is there already.
 *
 * @throws a usage error for a target that is older
 */
export function hopsBetween(from: Release, to: Release): Hop[] {
  const target = to.patch ?? newestPatch(to.minor)
  if (to.minor < from.minor || (to.minor === from.minor && to.patch !== null && to.patch < (from.patch ?? 0))) {
    throw usageError(
      `headscale cannot go back from ${from.text} to ${to.text}`,
      'a database of a newer release cannot be used: restore the backup that was made before the upgrade',
    )
  }
  if (to.minor === from.minor) {
    const isThere = from.patch === null ? target === 0 : from.patch >= target
    return isThere ? [] : [hop(from.text, to.minor, target, false)]
  }
  const minors = Array.from({length: to.minor - from.minor}, (_, index) => from.minor + index + 1)
  const hops: Hop[] = []
  for (const minor of minors) {
    const before = hops.at(-1)?.release ?? from.text
    hops.push(hop(before, minor, minor === to.minor ? target : newestPatch(minor), true))
  }
  return hops
}

function hop(from: string, minor: number, patch: number, isNewLine: boolean): Hop {
  const release = `0.${minor}.${patch}`
  return {
    ...{from, release, minor, isNewLine},
    testedFrom: TESTED_RELEASES.find((_, i) => TESTED_RELEASES[i + 1] === release) ?? null,
    released: minor !== UNRELEASED,
    minimumClient: minimumClientOf(`0.${minor}`),
  }
}

function newestPatch(minor: number): number {
  return NEWEST_PATCHES[minor - FIRST] ?? 0
}

/** What differs between releases in the lines of a plan. */
export interface UpgradeRules {
  /** Whether headscale has a package for Debian; before, it is one file. */
  hasPackage: boolean
  /** Whether `headscale configtest` exists. */
  hasConfigtest: boolean
  /** The table of nodes in the database. */
  nodeTable: 'machines' | 'nodes'
  /** What `oidc.map_legacy_users` is by default; null where the key does not exist. */
  mapsLegacyUsers: boolean | null
  /** Whether users in a policy need an "@". */
  usersHaveAt: boolean
  /** Whether policy check knows the release. */
  checksPolicy: boolean
}

export function upgradeRules(minor: number): UpgradeRules {
  const since = (first: number) => minor >= first
  return {
    hasPackage: since(22),
    hasConfigtest: since(21),
    nodeTable: since(23) ? 'nodes' : 'machines',
    mapsLegacyUsers: since(24) && !since(26) ? !since(25) : null,
    usersHaveAt: since(26),
    checksPolicy: since(23),
  }
}
