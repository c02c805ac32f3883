/** Values of the wrong type. headscale converts what it can and silently reads an empty value, false or 0 otherwise. */
import {viperBool} from '../../syntax/viper.ts'
import {isNull} from '../../syntax/go-scalars.ts'
import {fileMode, goDuration, isExpiry, viperInt} from '../config/values.ts'
import {keysOf} from '../keys/table.ts'
import {isSecret} from './secrets.ts'
import type {ConfigKey} from '../keys/table.ts'
import type {ScalarTree, Tree} from '../../syntax/tree.ts'
import type {Context, Words} from './context.ts'

/** What people write for false; headscale reads false too. */
const MEANT_FALSE = /^(?:n|no|off|disabled?)$/i

/** Reports each value of a known key that headscale does not read as written. */
export function checkTypes(context: Context): void {
  for (const key of keysOf(context.rules)) {
    // The rules of DERP maps check these.
    const isDerp = /^derp\.(?:urls|paths|update_frequency|auto_update_enabled|server\.(?!stun\.))/.test(key.name)
    const tree = context.settings.tree(key.name)
    if (tree !== null && !isDerp) checkType(key, tree, context)
  }
  checkBlocks(context)
}

function checkType(key: ConfigKey, tree: Tree, context: Context): void {
  const {name, type} = key
  if (type === 'records') return
  if (type === 'map' || type === 'lists') {
    if (tree.kind !== 'map') wrongType(context, name, tree, 'a map', 'an empty map')
    return
  }
  if (type === 'list') {
    if (tree.kind === 'map') wrongType(context, name, tree, 'a list', 'an empty list')
    else if (tree.kind === 'scalar' && tree.text.includes(',')) {
      const words = [`${name} is a text with commas`, 'headscale splits a text at white space only', 'Write a list']
      context.error('list-as-text', name, words as Words)
    }
    return
  }
  if (tree.kind !== 'scalar') {
    const nothing = {text: 'an empty text', bool: 'false', mode: 'the mode 0700'}[type as string] ?? '0'
    wrongType(context, name, tree, {text: 'a text', bool: 'true or false'}[type as string] ?? 'a number', nothing)
    return
  }
  checkScalar(key, tree, context)
}

function wrongType(context: Context, name: string, tree: Tree, expected: string, read: string): void {
  const found = tree.kind === 'map' ? 'a map' : tree.kind === 'list' ? 'a list' : 'a text'
  context.error('wrong-type', name, [
    `${name} is ${found}, expected ${expected}`,
    `headscale reads ${read}`,
    `Write ${expected}`,
  ])
}

function checkScalar({name, type}: ConfigKey, tree: ScalarTree, context: Context): void {
  const {rules} = context
  const {text} = tree
  if (type === 'bool') {
    const {value, invalid} = viperBool(tree, false, rules.derp)
    if (invalid === null) return
    const isWrong = !value && !MEANT_FALSE.test(invalid)
    context[isWrong ? 'error' : 'warning']('invalid-boolean', name, [
      `${name} is '${invalid}', which is not a boolean`,
      `headscale ${rules.release} reads ${value}`,
      isWrong ? 'Write true or false' : `Write ${value}`,
    ])
  } else if (type === 'int' && viperInt(tree) === null) {
    context.error('invalid-number', name, [
      `${name} is '${text}', which is not an integer`,
      'headscale reads 0',
      'Write a number',
    ])
  } else if (type === 'duration' && text !== '') {
    const duration = goDuration(text)
    if (duration === null) {
      const days = /^[0-9]+d$/.test(text)
        ? `Write ${Number.parseInt(text, 10) * 24}h; there is no unit for days`
        : 'Write a duration such as 30m or 24h'
      context.error('invalid-duration', name, [
        `${name} is '${text}', which is not a duration`,
        'headscale reads 0',
        days,
      ])
    } else if (!duration.unit) {
      context.error('duration-unit', name, [
        `${name} is ${text}, without a unit`,
        'headscale reads nanoseconds',
        `Write a unit, such as ${text}s`,
      ])
    }
  } else if (type === 'expiry' && text !== '' && !isExpiry(text)) {
    const instead = name === 'oidc.expiry' ? 'reads 180 days' : 'reads 0, so that nodes never expire'
    context.error('invalid-duration', name, [
      `${name} is '${text}', which is not a duration`,
      `headscale ${instead}`,
      'Write a duration such as 180d, or 0 for no expiry',
    ])
  } else if (type === 'mode') checkMode(name, tree, context)
  else if (type === 'text' && !isSecret(name)) checkVariablesIn(name, tree, context)
}

function checkMode(name: string, tree: ScalarTree, context: Context): void {
  const {bits, valid} = fileMode(tree)
  const octal = (value: number) => value.toString(8).padStart(4, '0')
  if (!valid) {
    context.error('socket-mode', name, [
      `${name} is '${tree.text}', which is not an octal number`,
      'headscale sets the mode 0700, so only its own user can use the socket',
      `Write ${name}: "0770"`,
    ])
  } else if (tree.style === 'plain' && bits !== Number.parseInt(tree.text, 8)) {
    context.error('socket-mode', name, [
      `${name} is ${tree.text} without quotes`,
      `YAML reads a decimal number, and headscale sets the mode ${octal(bits)}`,
      `Write ${name}: "${tree.text}"`,
    ])
  } else if ((bits & 0o007) !== 0) {
    context.warning('socket-mode', name, [
      `${name} is ${octal(bits)}, which includes all users of this machine`,
      'Each of them can administer the server over its socket',
      `Write ${name}: "0770"`,
    ])
  }
}

function checkVariablesIn(name: string, tree: ScalarTree, context: Context): void {
  // The only path in which headscale replaces variables.
  if (name === 'oidc.client_secret_path') return
  const found = /\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|\{\{.*?\}\}/.exec(tree.text)
  if (found === null) return
  context.error('shell-variable', name, [
    `${name} contains ${found[0]}`,
    'headscale does not replace variables in its file, and uses this text as it is',
    `Write the value, or set it in the environment: ${`HEADSCALE_${name.replaceAll('.', '_').toUpperCase()}`}`,
  ])
}

/** A block that is a text or a list: nothing below it is read, not even defaults. */
function checkBlocks(context: Context): void {
  const blocks = new Set(
    keysOf(context.rules).flatMap(({name}) =>
      name
        .split('.')
        .slice(0, -1)
        .map((_, count, all) => all.slice(0, count + 1).join('.')),
    ),
  )
  for (const {path, value} of context.settings.entries) {
    if (!blocks.has(path) || isNull(value) || value.kind === 'map') continue
    const found = value.kind === 'list' ? 'a list' : 'a text'
    context.error(
      'wrong-type',
      path,
      [
        `${path} is ${found}, expected a block of keys`,
        'headscale reads no setting below it, and no default',
        `Write its keys below ${path}:, indented`,
      ],
      value.place,
    )
  }
}
