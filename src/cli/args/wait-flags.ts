/** The flags of commands that wait or watch: conditions, and how long and how often to look. */
import * as Flags from '@oclif/core/flags'
import {parseDuration} from '../../domain/values/duration.ts'
import {parsePrefix} from '../../domain/values/prefix.ts'
import type {WaitCondition} from '../../domain/wait-condition.ts'
import {usageError} from '../../errors.ts'
import {notEmpty} from '../flags.ts'
import {quoted} from './quoted.ts'

const time = Flags.custom<number>({
  helpValue: 'DURATION',
  parse: async (text, _context, {name}) => parseTime(text, name),
})

/** Timers count milliseconds in 31 bits. */
const LONGEST_MS = 2_147_483_647

function parseTime(text: string, flag: string): number {
  const invalid = (reason: string, hint: string) =>
    usageError(`invalid value ${quoted(text)} for --${flag}: ${reason}`, hint)
  notEmpty(text, `--${flag}`)
  const ms = parseDuration(/^\d+$/.test(text) ? `${text}s` : text)
  if (ms === 0) throw invalid('it is zero', 'for example: 10s')
  if (ms > LONGEST_MS) throw invalid('it is too long', 'the maximum is 24d')
  return ms
}

/** A flag with a time, in milliseconds; a number without a unit is seconds. */
export const timeFlag = ({description}: {description: string}) => time({description})

/** How often to look, in milliseconds. */
export const intervalFlag = ({default: standard}: {default: string}) =>
  time({description: `time between two requests (default: ${standard})`})

export const conditionFlag = Flags.custom<WaitCondition>({
  description:
    'state to wait for: online, offline, expired, route=CIDR (advertised and approved), available=CIDR (advertised) or ' +
    'serving=CIDR; if repeated, all must hold',
  helpValue: 'STATE',
  multiple: true,
  multipleNonGreedy: true,
  parse: async (text) => parseCondition(text),
})

const STATES = ['online', 'offline', 'expired'] as const
const ROUTE_STATES = ['route', 'available', 'serving'] as const

function parseCondition(text: string): WaitCondition {
  const state = STATES.find((one) => one === text)
  if (state) return {is: state}
  const [word = '', ...rest] = text.split('=')
  const routeState = ROUTE_STATES.find((one) => one === word)
  if (routeState && rest.length > 0) return {is: routeState, prefix: parsePrefix(rest.join('='))}
  throw usageError(
    `invalid --for ${quoted(text)}`,
    'use online, offline, expired, route=CIDR, available=CIDR or serving=CIDR',
  )
}
