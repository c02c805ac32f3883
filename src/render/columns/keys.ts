/** Columns of key lists. Full keys are shown only on request. */
import type {ApiKey} from '../../domain/api-key.ts'
import {keyOwner, maskedKey, type PreAuthKey} from '../../domain/pre-auth-key.ts'
import type {Column, Tone} from '../table.ts'
import {tableTime} from '../time.ts'
import {ownerHeading} from './headings.ts'

const ending = (expiration: Date | null, now: Date): Tone => (expiration === null || expiration > now ? 'good' : 'bad')
const whenOrDash = (time: Date | null) => (time === null ? '-' : tableTime(time))

/**
 * @param showKeys show full keys, where the server returns them (up to 0.27)
 * @param ownerWord heads the owner column: Namespace up to 0.18, User after
 */
export function preAuthKeyColumns({
  showKeys,
  ownerWord,
  now,
}: {
  showKeys: boolean
  ownerWord: 'namespace' | 'user'
  now: Date
}): readonly Column<PreAuthKey>[] {
  return [
    {header: 'ID', cell: ({id}) => id},
    {header: 'Key', cell: ({key}) => (showKeys ? key : maskedKey(key))},
    {header: 'Reusable', cell: ({reusable}) => String(reusable)},
    {header: 'Ephemeral', cell: ({ephemeral}) => String(ephemeral)},
    {header: 'Used', cell: ({used}) => String(used)},
    {
      header: 'Expiration',
      cell: ({expiration}) => whenOrDash(expiration),
      tone: ({expiration}) => ending(expiration, now),
    },
    {header: 'Created', cell: ({createdAt}) => tableTime(createdAt)},
    {header: 'Tags', cell: ({tags}) => tags.join(',')},
    {header: ownerHeading(ownerWord), cell: (key) => keyOwner(key) ?? '-'},
  ]
}

export function apiKeyColumns({now}: {now: Date}): readonly Column<ApiKey>[] {
  return [
    {header: 'ID', cell: ({id}) => id},
    {header: 'Prefix', cell: ({prefix}) => prefix},
    {
      header: 'Expiration',
      cell: ({expiration}) => whenOrDash(expiration),
      tone: ({expiration}) => ending(expiration, now),
    },
    {header: 'Created', cell: ({createdAt}) => tableTime(createdAt)},
  ]
}
