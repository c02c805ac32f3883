/** The clock of this machine, compared with the Date header of the server. */
import {roughDuration} from '../../domain/values/duration.ts'
import type {SiteFacts} from '../probe/site.ts'
import {error, skipped, warning} from '../result.ts'
import type {Verdict} from '../result.ts'
import {shownUrl} from './site.ts'

/** From here on something fails; less than the second is the wait for the answer. */
const ERROR_MS = 5 * 60_000
const WARNING_MS = 30_000

export interface ClockVerdict extends Verdict {
  /** How far the server is ahead of this machine, in milliseconds; 0 unless it is an error. */
  offset: number
}

/** @param sites in the order of preference */
export function judgeClock(sites: readonly SiteFacts[]): ClockVerdict {
  const site = sites.find(({clock}) => clock !== null)
  if (site?.clock == null) return {...skipped('no address of the server answers'), offset: 0}
  const {theirs, ours} = site.clock
  const ahead = theirs.getTime() - ours.getTime()
  const target = shownUrl(site.url)
  const size = Math.abs(ahead)
  if (size < WARNING_MS) return {target, seen: 'same time as the server', offset: 0}
  const distance = size < 60_000 ? `${Math.round(size / 1000)} seconds` : roughDuration(size)
  const seen = `${distance} ${ahead > 0 ? 'behind' : 'ahead of'} the server`
  const words = [
    `The clock of this machine is ${seen}: here ${shownTime(ours)}, there ${shownTime(theirs)}`,
    'Certificates and keys look expired or not yet valid, and single sign-on rejects logins',
    'Compare both with date -u, and turn on time synchronization where it is wrong: timedatectl set-ntp true',
  ] as const
  const build = size >= ERROR_MS ? error : warning
  return {target, seen, problems: [build('clock', [...words])], offset: size >= ERROR_MS ? ahead : 0}
}

function shownTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ')
}
