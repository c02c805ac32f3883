/** Completion for fish: one `complete` line per word and flag, with its condition. */
import type {CompletionModel, Flag, Word} from './model.ts'

export function fishCompletion({topics}: CompletionModel): string {
  const lines = [
    '# fish completion for headscale-ts. Load it with: headscale-ts completion fish | source',
    'complete -c headscale-ts -f',
  ]
  for (const topic of topics) {
    lines.push(wordLine('__fish_use_subcommand', topic))
    lines.push(...topic.flags.map((flag) => flagLine(seen(topic), flag)))
    if (topic.commands.length === 0) continue
    const anyCommand = `__fish_seen_subcommand_from ${topic.commands.flatMap(words).join(' ')}`
    for (const command of topic.commands) {
      lines.push(wordLine(`${seen(topic)}; and not ${anyCommand}`, command))
      lines.push(...command.flags.map((flag) => flagLine(`${seen(topic)}; and ${seen(command)}`, flag)))
    }
  }
  return `${lines.join('\n')}\n`
}

const words = ({name, aliases}: Word) => [name, ...aliases]

const seen = (word: Word) => `__fish_seen_subcommand_from ${words(word).join(' ')}`

function wordLine(condition: string, {name, description}: Word): string {
  return `complete -c headscale-ts -n ${quote(condition)} -a ${name} -d ${quote(description)}`
}

function flagLine(condition: string, {names, description, takesValue, values}: Flag): string {
  const spellings = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const value = values.length > 0 ? ` -x -a ${quote(values.join(' '))}` : takesValue ? ' -r -F' : ''
  return `complete -c headscale-ts -n ${quote(condition)} ${spellings.join(' ')}${value} -d ${quote(description)}`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
