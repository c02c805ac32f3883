/** DNS: the base domain, name servers, search domains and extra records; `dns_config` up to 0.22. */
import {isIP} from 'node:net'
import {parseJsonTree} from '../../syntax/json.ts'
import {SyntaxProblem, lookUp} from '../../syntax/tree.ts'
import {isNull} from '../../syntax/go-scalars.ts'
import {viperGet, viperText} from '../../syntax/viper.ts'
import {serverUrl} from './server-rules.ts'
import type {Context, Words} from './context.ts'
import type {Item} from '../config/settings.ts'
import type {Tree} from '../../syntax/tree.ts'

const STOPS = 'headscale does not start'

export function checkDns(context: Context): void {
  const {settings, rules} = context
  const block = rules.flatKeys ? 'dns_config' : 'dns'
  checkBaseDomain(context, `${block}.base_domain`, settings.bool(`${block}.magic_dns`, rules.magicDnsByDefault))
  const global = rules.flatKeys ? 'dns_config.nameservers' : 'dns.nameservers.global'
  const split = rules.flatKeys ? 'dns_config.restricted_nameservers' : 'dns.nameservers.split'
  checkNameservers(context, global, settings.list(global))
  checkSplit(context, split)
  if (rules.overrideNeedsNameservers && settings.list(global).length === 0) {
    if (settings.bool('dns.override_local_dns', true)) {
      const said = settings.isSet('dns.override_local_dns') ? 'is true' : 'is true by default'
      context.error('nameservers-missing', 'dns.override_local_dns', [
        `dns.override_local_dns ${said}, and dns.nameservers.global is empty`,
        STOPS,
        'Add name servers to dns.nameservers.global, or write override_local_dns: false',
      ])
    }
  }
  const records = `${block}.extra_records`
  if (rules.extraRecordsExclusive && settings.isSet(records) && settings.isSet('dns.extra_records_path')) {
    context.error('extra-records', 'dns.extra_records_path', [
      'dns.extra_records and dns.extra_records_path are both in the file',
      STOPS,
      'Delete one of them',
    ])
  }
  checkRecords(context, records, settings.tree(records))
  if (rules.extraRecordsExclusive) checkRecordsFile(context)
}

function checkBaseDomain(context: Context, key: string, magicDns: boolean): void {
  const {settings, rules} = context
  const domain = settings.text(key)
  if (domain === '') {
    if (magicDns && rules.magicDnsByDefault) {
      const said = settings.isSet('dns.magic_dns') ? 'dns.magic_dns is true' : 'dns.magic_dns is true by default'
      context.error('base-domain', key, [
        `${said}, and ${key} is missing`,
        STOPS,
        'Add base_domain, a domain for the names of nodes, or write magic_dns: false',
      ])
    }
    return
  }
  if (!/^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i.test(domain)) {
    if (/\$|\{\{/.test(domain)) return
    context.error('base-domain', key, [
      `${key} '${domain}' is not a domain`,
      'The names of nodes cannot be resolved',
      'Write a domain such as tailnet.example.com, without a scheme or a dot at its ends',
    ])
    return
  }
  if (!domain.includes('.')) {
    context.warning('base-domain', key, [
      `${key} '${domain}' has one label`,
      'Some systems do not resolve names below it',
      'Write a domain with a dot, such as tailnet.example.com',
    ])
  }
  const url = serverUrl(context)
  if (url === null) return
  const text = settings.text('server_url')
  const words: Words = [
    `The host of server_url, ${url.hostname}, ${url.hostname === domain ? 'is' : 'is inside'} ${key}, ${domain}`,
    'Clients resolve that domain inside of the tailnet, so they cannot find the server',
    'Use another domain for nodes, such as tailnet.example.com beside headscale.example.com',
  ]
  const overlaps = url.hostname === domain || url.hostname.endsWith(`.${domain}`)
  if (rules.domainRule === 'contains' && text.includes(domain)) {
    if (settings.bool('dns.use_username_in_magic_dns', false)) return
    const why = overlaps
      ? `${STOPS}: clients could not resolve the server`
      : `headscale ${rules.release} does not start while server_url contains that text`
    context.error('server-url-in-base-domain', key, [
      overlaps ? words[0] : `server_url contains ${key}, ${domain}`,
      why,
      words[2],
    ])
  } else if (overlaps) {
    const stops = rules.domainRule === 'same-or-below' || (rules.domainRule === 'below' && url.hostname !== domain)
    // Without MagicDNS no client resolves the domain.
    if (!stops && !magicDns) return
    context.error('server-url-in-base-domain', key, [
      words[0],
      stops ? `${STOPS}: clients could not resolve the server` : words[1],
      words[2],
    ])
  }
}

function checkNameservers(context: Context, key: string, items: readonly Item[]): void {
  for (const {text, place} of items) {
    const isUrl = /^https?:\/\/[^\s/]+/i.test(text)
    if (isIP(text) !== 0 || isUrl) continue
    const withPort = /^(.*?):[0-9]+$/.exec(text)?.[1]
    const fix =
      withPort !== undefined && isIP(withPort.replace(/^\[(.*)\]$/, '$1')) !== 0
        ? `Write ${withPort}; clients always use port 53`
        : 'Write an IP address, or the https:// URL of a resolver'
    context.error(
      'nameserver',
      key,
      [`'${text}' in ${key} is not an IP address`, 'Clients cannot use it as a name server', fix],
      place,
    )
  }
}

function checkSplit(context: Context, key: string): void {
  const tree = context.settings.tree(key)
  if (tree?.kind !== 'map') return
  for (const {key: domain, value} of tree.entries) {
    const path = `${key}.${domain.text}`
    if (value.kind === 'list') {
      checkNameservers(
        context,
        path,
        value.items.filter((item) => !isNull(item)).map((item) => ({text: viperText(item), place: item.place})),
      )
    } else if (value.kind === 'map') {
      context.error(
        'wrong-type',
        path,
        [`${path} is a map, expected a list`, 'headscale reads no name server', 'Write a list of addresses'],
        value.place,
      )
    } else
      checkNameservers(
        context,
        path,
        viperText(value)
          .split(/\s+/)
          .filter(Boolean)
          .map((text) => ({text, place: value.place})),
      )
  }
}

function checkRecords(context: Context, key: string, tree: Tree | null): void {
  if (
    tree === null ||
    (viperText(tree) === '' && tree.kind === 'scalar') ||
    (tree.kind === 'list' && tree.items.length === 0)
  )
    return
  const {flatKeys} = context.rules
  if (tree.kind !== 'list') {
    // A single map counts as a list of one.
    if (tree.kind === 'map') return checkRecord(context, `${key}`, tree)
    const reason = flatKeys ? 'headscale logs an error and serves no record' : STOPS
    return context.error('extra-records', key, [
      `${key} is a text, expected a list of records`,
      reason,
      'Write a list of name, type and value',
    ])
  }
  for (const [index, item] of tree.items.entries()) {
    const path = `${key}[${index}]`
    if (item.kind === 'map') checkRecord(context, path, item)
    else {
      const reason = flatKeys ? 'headscale logs an error and serves no record' : STOPS
      context.error(
        'extra-records',
        path,
        [`${path} is not a record`, reason, 'Write name, type and value'],
        item.place,
      )
    }
  }
}

/** The file of dns.extra_records_path, which headscale reads at start and when it changes. */
function checkRecordsFile(context: Context): void {
  const key = 'dns.extra_records_path'
  const path = context.settings.text(key)
  if (path === '' || /\$|\{\{/.test(path)) return
  if (context.misses(path)) {
    context.error('missing-file', key, [`${key}: no such file ${path}`, STOPS, 'Write the records to this file: []'])
    return
  }
  const absolute = context.path(path)
  const text = absolute === null ? null : context.files.read(absolute)
  // An empty file is no record.
  if (absolute === null || text === null || text === '') return
  try {
    parseJsonTree(text, path)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    const words: Words = [`The records are not JSON: ${error.reason}`, STOPS, 'Write a list of name, type and value']
    context.error('extra-records', key, words, error.place)
  }
}

function checkRecord(context: Context, path: string, record: Tree): void {
  const name = viperText(viperGet(record, 'name'))
  const type = viperText(viperGet(record, 'type'))
  const value = viperText(viperGet(record, 'value'))
  const place = (lookUp(record, 'type') ?? record).place
  if (name === '' || value === '') {
    context.error(
      'extra-records',
      path,
      [
        `${path} has no ${name === '' ? 'name' : 'value'}`,
        'Clients get a record that means nothing',
        'Write name, type and value',
      ],
      record.place,
    )
  } else if (type !== '' && type !== 'A' && type !== 'AAAA') {
    context.error(
      'extra-records',
      path,
      [`${path} has the type ${type}`, 'Clients know A and AAAA only', 'Write A or AAAA'],
      place,
    )
  } else if (isIP(value) === 0 || (type !== '' && isIP(value) !== (type === 'A' ? 4 : 6))) {
    const expected = type === 'AAAA' ? 'an IPv6 address' : type === 'A' ? 'an IPv4 address' : 'an IP address'
    context.error(
      'extra-records',
      path,
      [`The value '${value}' of ${path} is not ${expected}`, 'Clients cannot use the record', `Write ${expected}`],
      (lookUp(record, 'value') ?? record).place,
    )
  }
}
