/**
 * The flags that select nodes, routes, keys and users: the same words for lists and for changes. Every flag has an
 * opposite, `--not-…`, and only `--user` has letters. What the conditions mean is in domain/selector.ts.
 *
 * All flags of a command must hold, also one that is repeated. An empty value is an error: it never selects everything.
 */
import * as Flags from '@oclif/core/flags'
import {
  API_KEY_FACTS,
  type ApiKeySelector,
  type Condition,
  type Fact,
  NODE_FACTS,
  type NodeSelector,
  OAUTH_CLIENT_FACTS,
  type OAuthClientSelector,
  PRE_AUTH_KEY_FACTS,
  type PreAuthKeySelector,
  ROUTE_FACTS,
  type RouteSelector,
  USER_FACTS,
  type UserSelector,
} from '../../domain/selector.ts'
import {parseDuration} from '../../domain/values/duration.ts'
import {parsePrefix} from '../../domain/values/prefix.ts'
import {checkTag} from '../../domain/values/tag.ts'
import {usageError} from '../../errors.ts'
import {type Completed, notEmpty, offering, userWords} from '../flags.ts'

const helpGroup = 'SELECTOR'

/** Both flags of a condition. */
type Both<Name extends string, Flag> = Record<Name | `not-${Name}`, Flag>

function both<Name extends string, Flag>(name: Name, make: (opposite: string) => Flag): Both<Name, Flag> {
  return {[name]: make(`not-${name}`), [`not-${name}`]: make(name)} as Both<Name, Flag>
}

const repeated = {helpGroup, multiple: true, multipleNonGreedy: true} as const

interface TextOptions extends Completed {
  description: string
  helpValue: string
  /** Checks the text. @returns its canonical form */
  read?(text: string): string
}

interface Letters {
  char?: 'n' | 'u'
  aliases?: string[]
  charAliases?: 'n'[]
}

const wordFlag = ({description, helpValue, read = (text) => text, ...options}: TextOptions & Letters) =>
  Flags.string({
    ...repeated,
    ...options,
    helpValue,
    description,
    parse: async (text, _context, {name}) => read(notEmpty(text, `--${name}`)),
  })

/** A flag with a text value, which can be repeated. @param letters short forms, of the flag but not of its opposite */
function worded<Name extends string>(name: Name, options: TextOptions, letters: Letters = {}) {
  return both(name, (opposite) => wordFlag({...options, ...(opposite.startsWith('not-') && letters)}))
}

const durationFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  // Zero is rejected: an unset variable of a script must not select everything.
  parse: async (text, _context, {name}) => {
    const milliseconds = parseDuration(notEmpty(text, `--${name}`))
    if (milliseconds === 0)
      throw usageError(`invalid value ${JSON.stringify(text)} for --${name}: it is zero`, 'for example: 7d')
    return milliseconds
  },
})

/** A flag with a duration, in milliseconds, which can be repeated. */
function timed<Name extends string>(name: Name, description: string) {
  return both(name, () => offering(durationFlag({...repeated, description}), ['1h', '1d', '7d', '30d', '90d']))
}

/** A flag without a value. It cannot be used together with its opposite. */
function plain<Name extends string>(name: Name, description: string) {
  return both(name, (opposite) => Flags.boolean({helpGroup, description, exclusive: [opposite]}))
}

/** `-u`, `-n` and `--namespace` too, as in every command. */
const userFlags = (description: string) =>
  worded('user', {description, helpValue: 'USER', completes: 'user'}, userWords)

const tagFlags = (description: string) =>
  worded('tag', {description, helpValue: 'TAG', completes: 'tag', read: checkTag})

const olderFlags = timed('older-than', 'created at least this long ago')

const expiryFlags = {
  ...plain('expired', 'has expired'),
  ...timed('expires-within', 'expires within this time, and has not expired'),
}

/** Facts about nodes, which also select routes. */
const aboutNodes = {
  ...userFlags('node belongs to this user, by name, ID or email address'),
  ...tagFlags('node has this tag'),
  ...worded('name', {
    description: 'given name or host name matches; * is any text, ? one character',
    helpValue: 'PATTERN',
    completes: 'node-name',
  }),
  online: Flags.boolean({helpGroup, description: 'node is online', aliases: ['not-offline'], exclusive: ['offline']}),
  offline: Flags.boolean({helpGroup, description: 'node is offline', aliases: ['not-online'], exclusive: ['online']}),
  ...timed('offline-for', 'node has been offline for this long'),
  ...plain('expired', 'node key has expired'),
  ...timed('expires-within', 'node key expires within this time, and has not expired'),
  ...plain('ephemeral', 'node is removed when it goes offline'),
  ...timed('older-than', 'node was registered at least this long ago'),
}

const routeFlag = (description: string) =>
  worded('route', {description, helpValue: 'CIDR', completes: 'route', read: parsePrefix})

export const nodeSelectorFlags = {
  ...aboutNodes,
  ...routeFlag('node advertises this route, or has it approved'),
  ...plain('pending-routes', 'node has routes that wait for approval'),
}

/** For `nodes prune`, which never deletes a node that is online. */
const {online: _online, offline: _offline, ...withoutOnline} = nodeSelectorFlags
export const pruneNodeSelectorFlags = {
  ...withoutOnline,
  ...timed('offline-for', 'node has been offline for this long (default: 90d)'),
}

/** For commands in which `--user` is not a condition; there it is `--from-user`. */
const {user: _user, 'not-user': _notUser, ...withoutUser} = nodeSelectorFlags
export const moveSelectorFlags = {
  ...withoutUser,
  ...worded('from-user', {
    description: 'node belongs to this user, by name, ID or email address',
    helpValue: 'USER',
    completes: 'user',
  }),
}

/** For commands in which `--route` is not a condition. */
const {route: _route, 'not-route': _notRoute, ...withoutRoute} = nodeSelectorFlags
export const nodeOfRouteSelectorFlags = withoutRoute

export const routeSelectorFlags = {
  ...aboutNodes,
  ...routeFlag('route has this prefix'),
  ...plain('pending', 'route waits for approval'),
  ...plain('enabled', 'route is approved'),
  ...plain('serving', 'node serves the route now'),
  ...plain('conflicts', 'several nodes advertise the route, which is not an exit route'),
}

export const preAuthKeySelectorFlags = {
  ...userFlags('key belongs to this user, by name, ID or email address'),
  ...tagFlags('key has this tag'),
  ...expiryFlags,
  ...plain('ephemeral', 'key is for ephemeral nodes'),
  ...plain('used', 'key was used'),
  ...olderFlags,
}

export const apiKeySelectorFlags = {...expiryFlags, ...olderFlags}

export const oauthClientSelectorFlags = {...tagFlags('client has this tag'), ...olderFlags}

/** `-n` is the name of the user, as in every command of users. */
export const userSelectorFlags = {
  ...worded(
    'name',
    {
      description: 'user name matches; * is any text, ? one character',
      helpValue: 'PATTERN',
      completes: 'user-name',
    },
    {char: 'n'},
  ),
  ...olderFlags,
}

/** The values of selector flags; those of other flags are ignored. */
type FlagValues = Readonly<Record<string, unknown>>

/** The selector that the flags of a command describe; null if none of them was given. */
export const nodeSelectorOf = (flags: FlagValues): NodeSelector<string> | null => selectorOf(NODE_FACTS, flags)
export const routeSelectorOf = (flags: FlagValues): RouteSelector<string> | null => selectorOf(ROUTE_FACTS, flags)
export const preAuthKeySelectorOf = (flags: FlagValues): PreAuthKeySelector<string> | null =>
  selectorOf(PRE_AUTH_KEY_FACTS, flags)
export const apiKeySelectorOf = (flags: FlagValues): ApiKeySelector | null => selectorOf(API_KEY_FACTS, flags)
export const oauthClientSelectorOf = (flags: FlagValues): OAuthClientSelector | null =>
  selectorOf(OAUTH_CLIENT_FACTS, flags)
export const userSelectorOf = (flags: FlagValues): UserSelector | null => selectorOf(USER_FACTS, flags)

function selectorOf<Is extends Fact>(facts: readonly Is[], flags: FlagValues): Condition<Is, string>[] | null {
  const conditions = facts.flatMap((is) => [
    ...conditionsOf(is, flags[is], false),
    ...conditionsOf(is, flags[`not-${is}`], true),
    ...(is === 'online' ? conditionsOf(is, flags.offline, true) : []),
  ])
  return conditions.length === 0 ? null : conditions
}

function conditionsOf<Is extends Fact>(is: Is, given: unknown, not: boolean): Condition<Is, string>[] {
  if (given === undefined || given === false) return []
  const values: unknown[] = Array.isArray(given) ? given : [given]
  if (is === 'user' && !not && values.length > 1) {
    throw usageError('--user is specified more than once', 'an object has one user; run the command once for each user')
  }
  return values.map((value) => ({is, value, not}) as Condition<Is, string>)
}
