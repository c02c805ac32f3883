/** A compose file with headscale in it: whether its data outlives the container, and whether its ports are reachable. */
import {dirname} from 'node:path'
import {goInt, isNull} from '../../syntax/go-scalars.ts'
import {viperText} from '../../syntax/viper.ts'
import {lookUp} from '../../syntax/tree.ts'
import {isLoopback, parseListen} from '../config/values.ts'
import type {Context} from '../check/context.ts'
import type {MapEntry, Tree} from '../../syntax/tree.ts'

/** Whether a document is a compose file. */
export function isCompose(root: Tree): boolean {
  return lookUp(root, 'services')?.kind === 'map'
}

export function checkCompose(context: Context, root: Tree): void {
  const services = lookUp(root, 'services')
  if (services?.kind !== 'map') return
  for (const service of services.entries) {
    // Other programs have headscale in their names too, such as headscale-ui.
    if (/(?:^|\/)headscale(?:[:@]|$)/.test(viperText(lookUp(service.value, 'image')))) checkService(context, service)
  }
}

function checkService(context: Context, {key, value}: MapEntry): void {
  checkVolumes(context, key.text, value)
  const mode = viperText(lookUp(value, 'network_mode'))
  if (mode === '' || mode === 'bridge') checkPorts(context, value)
}

function checkVolumes(context: Context, name: string, service: Tree): void {
  const {settings, rules} = context
  const targets = items(lookUp(service, 'volumes')).map((item) =>
    item.kind === 'map' ? viperText(lookUp(item, 'target')) : (viperText(item).split(':')[1] ?? viperText(item)),
  )
  const keys = [
    ...(rules.noiseKey ? ['noise.private_key_path'] : []),
    rules.flatKeys ? 'db_path' : 'database.sqlite.path',
  ]
  const folders = new Set(
    keys
      .map((key) => settings.text(key))
      .filter((path) => path.startsWith('/'))
      .map((path) => dirname(path)),
  )
  for (const folder of folders) {
    if (targets.some((target) => folder === target || folder.startsWith(`${target.replace(/\/$/, '')}/`))) continue
    const place = (lookUp(service, 'volumes') ?? lookUp(service, 'image') ?? service).place
    context.error(
      'compose-volume',
      `services.${name}.volumes`,
      [
        `${folder} of the container is in no volume`,
        'The key and the database are lost with the container: every node must join again',
        `Add a volume such as ./data:${folder}`,
      ],
      place,
    )
  }
}

function checkPorts(context: Context, service: Tree): void {
  const {settings} = context
  const ports = lookUp(service, 'ports')
  const place = (ports ?? lookUp(service, 'image') ?? service).place
  const listen = parseListen(settings.text('listen_addr'))
  if (listen !== null && isLoopback(listen.host)) {
    context.error('compose-port', 'listen_addr', [
      `headscale listens on ${settings.text('listen_addr')} of its container`,
      'Nothing outside of the container can connect to it',
      `Write listen_addr: 0.0.0.0:${listen.port}, or use network_mode: host`,
    ])
  }
  const stun = parseListen(settings.text('derp.server.stun_listen_addr'))
  if (!settings.bool('derp.server.enabled', false) || stun === null) return
  const published = items(ports).map(portOf)
  const found = published.find(({target, protocol}) => target === stun.port && protocol === 'udp')
  if (found === undefined) {
    context.error(
      'compose-stun',
      'derp.server.stun_listen_addr',
      [
        `UDP port ${stun.port}, STUN of the embedded relay, is not published`,
        'Clients list the relay, and never use it',
        `Add "${stun.port}:${stun.port}/udp" to ports`,
      ],
      place,
    )
  } else if (found.published !== stun.port) {
    context.error(
      'compose-stun',
      'derp.server.stun_listen_addr',
      [
        `STUN has the port ${stun.port} inside of the container and ${found.published} outside`,
        'headscale tells clients the port inside',
        `Publish it as "${stun.port}:${stun.port}/udp"`,
      ],
      place,
    )
  }
}

function portOf(item: Tree): {published: string; target: string; protocol: string} {
  if (item.kind === 'map') {
    const target = viperText(lookUp(item, 'target'))
    return {
      target,
      published: viperText(lookUp(item, 'published')) || target,
      protocol: viperText(lookUp(item, 'protocol')) || 'tcp',
    }
  }
  const text = item.kind === 'scalar' ? String(goInt(item, 'yaml').value ?? item.text) : ''
  const [range = '', protocol = 'tcp'] = text.split('/')
  const parts = range.split(':')
  return {target: parts.at(-1)!, published: parts.at(-2) ?? parts.at(-1)!, protocol}
}

function items(tree: Tree | null): Tree[] {
  return tree?.kind === 'list' ? tree.items.filter((item) => !isNull(item)) : []
}
