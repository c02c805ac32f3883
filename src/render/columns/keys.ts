/** Columns of key lists. Full keys are shown only on request. */
import type {ApiKey} from '../../domain/api-key.ts'
import {keyOwner, maskedKey, type PreAuthKey} from '../../domain/pre-auth-key.ts'
import {printable} from '../../text/untrusted.ts'
import type {Tone} from '../table.ts'
import type {ListSpec, Shown} from './column.ts'
import {ownerHeading} from './headings.ts'

const ending = (expiration: Date | null, now: Date): Tone => (expiration === null || expiration > now ? 'good' : 'bad')

/** The text that identifies a key, or its id where a command would read the text as a flag. */
const keyReference = (text: string, id: string) => (/^-|^$|\s/.test(text) || printable(text) !== text ? id : text)

/** @param showKeys show full keys, where the server returns them (up to 0.27) */
export function preAuthKeys({showKeys}: {showKeys: boolean}): ListSpec<PreAuthKey> {
  const shown = ({key}: PreAuthKey) => (showKeys ? key : maskedKey(key))
  return {
    name: (key) => keyReference(shown(key), key.id),
    id: ({id}) => id,
    columns: [
      {id: 'id', header: 'ID', description: 'ID of the key', value: ({id}) => id},
      {
        id: 'key',
        header: 'Key',
        description: 'the key, masked unless --show-keys is given',
        value: shown,
        narrow: {cut: true},
      },
      {
        id: 'reusable',
        header: 'Reusable',
        description: 'whether it can register several nodes: true or false',
        value: ({reusable}) => reusable,
        narrow: {leaveOut: 3},
      },
      {
        id: 'ephemeral',
        header: 'Ephemeral',
        description: 'whether its nodes are deleted when they go offline: true or false',
        value: ({ephemeral}) => ephemeral,
        narrow: {leaveOut: 2},
      },
      {
        id: 'used',
        header: 'Used',
        description: 'whether it has registered a node: true or false',
        value: ({used}) => used,
      },
      {
        id: 'expiration',
        aliases: ['expiry', 'expires'],
        header: 'Expiration',
        description: 'time of expiration; - if not set',
        value: ({expiration}) => expiration,
        tone: ({expiration}, now) => ending(expiration, now),
      },
      {
        id: 'created-at',
        aliases: ['created'],
        header: 'Created',
        description: 'time of creation',
        value: ({createdAt}) => createdAt,
        text: ({createdAt}, {time}) => (createdAt ? time(createdAt) : ''),
        narrow: {leaveOut: 1},
      },
      {
        id: 'acl-tags',
        aliases: ['tags'],
        header: 'Tags',
        description: 'tags of nodes that register with it (headscale 0.17 or later)',
        value: ({tags}) => tags,
        narrow: {cut: true},
      },
      {
        id: 'user',
        aliases: ['namespace', 'owner'],
        header: ({ownerWord}) => ownerHeading(ownerWord),
        description: 'user that owns the key',
        value: keyOwner,
        narrow: {cut: true},
      },
      {
        id: 'user-id',
        header: ({ownerWord}) => `${ownerHeading(ownerWord)} ID`,
        description: 'ID of that user, where the server reports it',
        value: ({user}) => user && user.id,
        detail: true,
      },
    ],
  }
}

export const SHOWN_PRE_AUTH_KEYS: readonly Shown[] = [
  'id',
  'key',
  'reusable',
  'ephemeral',
  'used',
  'expiration',
  'created-at',
  'acl-tags',
  'user',
]

export const API_KEYS: ListSpec<ApiKey> = {
  name: ({prefix, id}) => keyReference(prefix, id),
  id: ({id}) => id,
  columns: [
    {id: 'id', header: 'ID', description: 'ID of the key', value: ({id}) => id},
    {
      id: 'prefix',
      header: 'Prefix',
      description: 'start of the key',
      value: ({prefix}) => prefix,
      narrow: {cut: true},
    },
    {
      id: 'expiration',
      aliases: ['expiry', 'expires'],
      header: 'Expiration',
      description: 'time of expiration; - if not set',
      value: ({expiration}) => expiration,
      tone: ({expiration}, now) => ending(expiration, now),
    },
    {
      id: 'created-at',
      aliases: ['created'],
      header: 'Created',
      description: 'time of creation',
      value: ({createdAt}) => createdAt,
      text: ({createdAt}, {time}) => (createdAt ? time(createdAt) : ''),
      narrow: {leaveOut: 1},
    },
    {
      id: 'last-seen',
      header: 'Last seen',
      description: 'time of its last use; - if there is none',
      value: ({lastSeen}) => lastSeen,
    },
  ],
}

export const SHOWN_API_KEYS: readonly Shown[] = ['id', 'prefix', 'expiration', 'created-at']
