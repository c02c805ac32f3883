/** The addresses of nodes: `prefixes`, or `ip_prefixes` up to 0.22. */
import {BlockList} from 'node:net'
import {parsePrefix} from '../config/values.ts'
import type {Context} from './context.ts'
import type {Prefix} from '../config/values.ts'
import type {Place} from '../../syntax/tree.ts'

const STOPS = 'headscale does not start'

/** The ranges that clients are made for. */
const RANGES = {
  4: {text: '100.64.0.0/10', bits: 10, list: blockList('100.64.0.0', 10, 'ipv4'), family: 'ipv4'},
  6: {text: 'fd7a:115c:a1e0::/48', bits: 48, list: blockList('fd7a:115c:a1e0::', 48, 'ipv6'), family: 'ipv6'},
} as const

export function checkAddressPools(context: Context): void {
  const {settings, rules} = context
  if (rules.flatKeys) {
    for (const {text, place} of settings.list('ip_prefixes')) checkPrefix(context, 'ip_prefixes', text, place, null)
    return
  }
  const v4 = settings.text('prefixes.v4')
  const v6 = settings.text('prefixes.v6')
  if (v4 === '' && v6 === '') {
    context.error('prefixes-missing', 'prefixes', [
      'The file has neither prefixes.v4 nor prefixes.v6',
      STOPS,
      'Add prefixes with v4: 100.64.0.0/10 and v6: fd7a:115c:a1e0::/48',
    ])
  }
  if (v4 !== '') checkPrefix(context, 'prefixes.v4', v4, settings.place('prefixes.v4'), 4)
  if (v6 !== '') checkPrefix(context, 'prefixes.v6', v6, settings.place('prefixes.v6'), 6)
  const allocation = settings.text('prefixes.allocation', 'sequential')
  if (allocation !== 'sequential' && allocation !== 'random') {
    context.error('prefix-allocation', 'prefixes.allocation', [
      `prefixes.allocation is '${allocation}'`,
      STOPS,
      'Write sequential or random',
    ])
  }
}

function checkPrefix(context: Context, key: string, text: string, place: Place, family: 4 | 6 | null): void {
  const prefix = parsePrefix(text)
  if (prefix === null) {
    if (/\$|\{\{/.test(text)) return
    return context.error(
      'prefix',
      key,
      [`'${text}' in ${key} is not a prefix`, STOPS, `Write a prefix such as ${RANGES[family ?? 4].text}`],
      place,
    )
  }
  if (family !== null && prefix.family !== family) {
    return context.error(
      'prefix',
      key,
      [
        `${key} is an IPv${prefix.family} prefix`,
        `Nodes get no IPv${family} address from it`,
        `Write it as prefixes.v${prefix.family}`,
      ],
      place,
    )
  }
  const range = RANGES[prefix.family]
  if (prefix.bits < range.bits || !range.list.check(prefix.address, range.family)) {
    context.warning(
      'prefix-range',
      key,
      [
        `${text} is outside of ${range.text}`,
        'Clients treat addresses of that range only as tailnet addresses; headscale does not support others',
        `Use a prefix inside of ${range.text}`,
      ],
      place,
    )
  }
  if (prefix.bits > (prefix.family === 4 ? 29 : 125)) {
    context.warning(
      'prefix-small',
      key,
      [
        `${text} has room for few nodes`,
        'headscale registers no node when all addresses are taken',
        `Use a larger prefix, such as ${range.text}`,
      ],
      place,
    )
  }
}

function blockList(address: string, bits: Prefix['bits'], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  list.addSubnet(address, bits, family)
  return list
}
