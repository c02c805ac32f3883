/**
 * The `derp:` block of headscale's config.yaml: which sources a server reads, and its embedded relay.
 *
 * Only what headscale itself reads there, with places and findings, release by release (hscontrol/types/config.go).
 * The environment of the service (`HEADSCALE_DERP_…`) can override all of it and is not seen here. Map files and URLs
 * are named, not read.
 */
import {dirname, isAbsolute, resolve} from 'node:path'

import {readEmbedded} from './embedded-relay.ts'
import {booleanOf} from './boolean.ts'
import {reportUnknownKeys} from './unknown-keys.ts'
import {Findings} from '../../diagnostics/finding.ts'
import {displayName} from '../read/url.ts'
import {isNull} from '../../syntax/go-scalars.ts'
import {viperGet, viperText} from '../../syntax/viper.ts'
import type {EmbeddedRelay} from './embedded-relay.ts'
import type {Finding} from '../../diagnostics/finding.ts'
import type {Behaviour} from '../releases.ts'
import type {Document, Place, Tree} from '../../syntax/tree.ts'

/** A source as config.yaml names it. */
export interface NamedSource {
  kind: 'paths' | 'urls'
  /** As written, with the password of a URL. */
  target: string
  /** For messages. */
  name: string
  place: Place
}

export interface DerpConfig {
  file: string
  /** In the order of the file, paths and urls each. */
  sources: NamedSource[]
  /** The embedded relay, whose region headscale adds last; null without one. */
  embedded: EmbeddedRelay | null
  findings: Finding[]
}

const DERP_KEYS = ['urls', 'paths', 'auto_update_enabled', 'update_frequency', 'server']

/** Whether a document is a headscale configuration rather than a map. */
export function isConfig({root}: Document): boolean {
  if (viperGet(viperGet(root, 'derp'), 'regions') !== null) return false
  return ['derp', 'server_url', 'listen_addr', 'noise', 'database'].some((key) => viperGet(root, key) !== null)
}

/** Reads the block from a parsed file. */
export function decodeConfig({root}: Document, behaviour: Behaviour): DerpConfig {
  const findings = new Findings()
  const derp = viperGet(root, 'derp')
  const sources = [...list(derp, 'paths', findings), ...list(derp, 'urls', findings)]
  reportUnknownKeys(derp, DERP_KEYS, 'derp', findings)
  checkUrls(sources, behaviour, findings)
  checkUpdates(derp, behaviour, findings)
  const hasPaths = sources.some(({kind}) => kind === 'paths')
  const embedded = readEmbedded(root, viperGet(derp, 'server'), hasPaths, behaviour, findings)
  if (sources.length === 0 && embedded === null) {
    const fatal = behaviour.emptyMap === 'fatal'
    findings[fatal ? 'error' : 'warning']('empty-map', derp?.place ?? root.place, 'derp', {
      message: 'derp.urls and derp.paths are empty, and the embedded relay is disabled',
      reason: fatal
        ? 'headscale does not start without a DERP region'
        : 'headscale starts with a warning, and clients have no relay',
      fix: 'Name a map file under derp.paths or a URL under derp.urls',
    })
  }
  return {file: root.place.file, sources, embedded, findings: findings.list}
}

/** Where the file of a path may be: headscale starts at its own working directory, which is not known here. */
export function pathCandidates(config: string, target: string, cwd: string): string[] {
  if (isAbsolute(target)) return [target]
  return [...new Set([resolve(cwd, target), resolve(cwd, dirname(config), target)])]
}

function list(derp: Tree | null, kind: 'paths' | 'urls', findings: Findings): NamedSource[] {
  const tree = viperGet(derp, kind)
  if (tree === null) return []
  if (tree.kind === 'scalar') {
    // Viper splits a text at white space.
    return tree.text
      .split(/\s+/)
      .filter(Boolean)
      .map((target) => namedSource(kind, target, tree.place))
  }
  if (tree.kind === 'list') {
    return tree.items.filter((item) => !isNull(item)).map((item) => namedSource(kind, viperText(item), item.place))
  }
  findings.error('wrong-type', tree.place, `derp.${kind}`, {
    message: `derp.${kind} is a map`,
    reason: 'headscale reads no source from it',
    fix: 'Write a list',
  })
  return []
}

function namedSource(kind: NamedSource['kind'], target: string, place: Place): NamedSource {
  return {kind, target, name: displayName(target), place}
}

function checkUrls(sources: readonly NamedSource[], behaviour: Behaviour, findings: Findings): void {
  for (const {kind, target, name, place} of sources) {
    if (kind !== 'urls' || /^https?:\/\/[^\s/]/i.test(target)) continue
    // A URL without a scheme parses and fails when it is fetched; one with a control character does not parse.
    const fate =
      behaviour.badUrl === 'panic'
        ? 'headscale panics or fails when it fetches it'
        : 'headscale skips it or fails when it fetches it'
    findings.error('bad-url', place, 'derp.urls', {
      message: `'${name}' is not an http or https URL`,
      reason: fate,
      fix: 'Write a URL here, and file names under derp.paths',
    })
  }
}

function checkUpdates(derp: Tree | null, behaviour: Behaviour, findings: Findings): void {
  const frequency = viperGet(derp, 'update_frequency')
  const auto = booleanOf(
    ...([derp, 'auto_update_enabled', 'derp.auto_update_enabled', false] as const),
    'so headscale never reloads the map',
    behaviour,
    findings,
  )
  if (frequency === null) return
  const text = viperText(frequency)
  const path = 'derp.update_frequency'
  if (/^[-+]?[0-9.]+[a-zµ]/.test(text) && !/^[-+]?0+[a-zµ]*$/.test(text)) return
  if (/^[-+]?0*[a-zµ]*$/.test(text) && text !== '') {
    if (!auto || behaviour.zeroUpdateFrequency === 'off') return
    return findings.error('zero-update-frequency', frequency.place, path, {
      message: 'update_frequency is 0, with auto_update_enabled',
      reason: 'headscale before 0.24.1 panics at start',
      fix: 'Write a duration such as 3h, or set auto_update_enabled to false',
    })
  }
  if (/^[-+]?[0-9.]+$/.test(text)) {
    const remark = {
      message: `update_frequency is ${text}, without a unit`,
      reason: auto
        ? 'headscale reads nanoseconds and reloads the map thousands of times a second'
        : 'headscale reads nanoseconds, which matters when auto_update_enabled is true',
      fix: `Write a unit, such as ${text}h`,
    }
    return findings[auto ? 'error' : 'warning']('update-frequency', frequency.place, path, remark)
  }
  findings.error('update-frequency', frequency.place, path, {
    message: `Invalid update_frequency '${text}'`,
    reason: 'headscale reads 0, and never reloads the map',
    fix: 'Write a duration such as 3h',
  })
}
