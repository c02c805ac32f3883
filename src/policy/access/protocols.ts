/** Protocols as `--proto` names them. */
import {usageError} from '../../errors.ts'
import type {Protocol} from './explain.ts'

const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  icmp: [1, 58],
  igmp: [2],
  ipv4: [4],
  tcp: [6],
  udp: [17],
  gre: [47],
  esp: [50],
  ah: [51],
  sctp: [132],
}
const WITH_PORTS = [6, 17, 132]

/** @param port null for none @throws HeadscaleError (usage) for an unknown one, and for a port where there are none */
export function protocolOf(text: string, port: number | null): Protocol {
  const name = text.toLowerCase()
  const numbers = NUMBERS[name] ?? (/^(?:[1-9]\d{0,2})$/.test(name) && Number(name) <= 255 ? [Number(name)] : null)
  if (numbers === null) {
    throw usageError(
      `invalid value ${JSON.stringify(text)} for --proto`,
      'expected tcp, udp, icmp or a number from 1 to 255',
    )
  }
  const known = Object.entries(NUMBERS).find(([, own]) => own.includes(numbers[0]!))
  const hasPorts = WITH_PORTS.includes(numbers[0]!)
  if (port !== null && !hasPorts) {
    throw usageError(`${known?.[0] ?? `protocol ${name}`} has no ports`, 'leave out the port of DST')
  }
  return {name: known?.[0] ?? name, numbers: known?.[1] ?? numbers, hasPorts}
}
