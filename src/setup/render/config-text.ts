/** Settings → the text of a config.yaml: blocks in the order of the settings, each key with its comment. */
import {comment, yamlText} from '../../deploy/yaml.ts'
import {keysOf} from '../keys/table.ts'
import {settingsOf} from './config-keys.ts'
import type {Answers} from './answers.ts'
import type {Setting, Value} from './config-keys.ts'

/** The file. @param head lines of the comment at its start */
export function configText(answers: Answers, head: readonly string[]): string {
  const known = new Set(keysOf(answers.rules).map(({name}) => name))
  const settings = settingsOf(answers).filter(({key}) => known.has(key))
  return [...comment(head), '', ...block(settings, [], '')].join('\n') + '\n'
}

/** The settings below a block. A key of the top level has a blank line in front. */
function block(settings: readonly Setting[], path: readonly string[], indent: string): string[] {
  const lines: string[] = []
  const depth = path.length
  const done = new Set<string>()
  for (const setting of settings) {
    const parts = setting.key.split('.')
    const name = parts[depth]!
    if (done.has(name)) continue
    done.add(name)
    if (parts.length === depth + 1) {
      lines.push(...comment([setting.comment]).map((line) => indent + line), ...entry(name, setting.value, indent))
      continue
    }
    const inside = settings.filter(({key}) => key.split('.')[depth] === name)
    lines.push(`${indent}${name}:`, ...block(inside, [...path, name], `${indent}  `))
  }
  return depth === 0 ? spaced(lines) : lines
}

function entry(name: string, value: Value, indent: string): string[] {
  if (!Array.isArray(value)) return [`${indent}${name}: ${scalar(value)}`]
  if (value.length === 0) return [`${indent}${name}: []`]
  return [`${indent}${name}:`, ...value.map((item) => `${indent}  - ${scalar(item)}`)]
}

function scalar(value: string | boolean | number): string {
  return typeof value === 'string' ? yamlText(value) : String(value)
}

/** A blank line before each block of the top level, and after it. */
function spaced(lines: readonly string[]): string[] {
  return lines.flatMap((line, index) => {
    const before = lines[index - 1] ?? ''
    const isTop = !line.startsWith(' ')
    const isBlock = /^[a-z_]+:$/.test(line) && !before.startsWith('#')
    return index > 0 && isTop && (isBlock || before.startsWith(' ')) ? ['', line] : [line]
  })
}
