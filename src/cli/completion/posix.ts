/** Completion for bash and zsh: tables as shell functions, and a function per shell that parses the words so far. */
import {shellWord} from '../../deploy/shell.ts'
import type {CompletionModel, Flag} from './model.ts'

/** `case` patterns and what they print. */
type Row = [patterns: string[], lines: string[]]

export function bashCompletion(model: CompletionModel): string {
  return `# bash completion for headscale-ts. Load it with: source <(headscale-ts completion bash)
${tables(model, (name) => name)}
__headscale_ts() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} topic= verb= word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -z $topic ]]; then
      topic=$(__headscale_ts_name "$word")
    elif [[ -z $verb ]]; then
      verb=$(__headscale_ts_name "$topic $word")
    fi
  done
  local command=$topic\${verb:+ $verb} offered
  offered=$(__headscale_ts_values "$command $prev")
  if [[ -z $offered && $cur == -* ]]; then
    offered=$(__headscale_ts_flags "$command")
  elif [[ -z $offered && -z $verb ]]; then
    offered=$(__headscale_ts_words "$topic")
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$cur"))
}
complete -o default -F __headscale_ts headscale-ts
`
}

export function zshCompletion(model: CompletionModel): string {
  return `#compdef headscale-ts
# zsh completion for headscale-ts. Load it with: source <(headscale-ts completion zsh)
${tables(model, (name, description) => `${name}:${description}`)}
_headscale_ts() {
  local topic verb word offered
  local -a items
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -z $topic ]]; then
      topic=$(__headscale_ts_name "$word")
    elif [[ -z $verb ]]; then
      verb=$(__headscale_ts_name "$topic $word")
    fi
  done
  local command=$topic\${verb:+ $verb}
  offered=$(__headscale_ts_values "$command \${words[CURRENT-1]}")
  if [[ -n $offered ]]; then
    items=(\${(f)offered})
    compadd -a items
  elif [[ $PREFIX == -* ]]; then
    items=(\${(f)"$(__headscale_ts_flags "$command")"})
    _describe -o flag items
  elif [[ -z $verb ]]; then
    items=(\${(f)"$(__headscale_ts_words "$topic")"})
    (( $#items )) && _describe command items || _files
  else
    _files
  fi
}
if [[ $funcstack[1] == _headscale_ts ]]; then
  _headscale_ts "$@"
else
  compdef _headscale_ts headscale-ts
fi
`
}

function tables({topics}: CompletionModel, item: (name: string, description: string) => string): string {
  const flagRows = (flags: readonly Flag[]) =>
    flags.flatMap(({names, description}) => names.map((name) => item(name, description)))
  const valueRows = (command: string, flags: readonly Flag[]): Row[] =>
    flags
      .filter(({values}) => values.length > 0)
      .map(({names, values}) => [names.map((name) => `${command} ${name}`), values])
  return [
    '# The current name of a topic, or of a command after its topic.',
    table('name', [
      ...topics.map(({name, aliases}): Row => [[name, ...aliases], [name]]),
      ...topics.flatMap(({name: topic, commands}) =>
        commands.map(({name, aliases}): Row => [[name, ...aliases].map((word) => `${topic} ${word}`), [name]]),
      ),
    ]),
    table('words', [
      [[''], topics.map(({name, description}) => item(name, description))],
      ...topics
        .filter(({commands}) => commands.length > 0)
        .map(({name, commands}): Row => [[name], commands.map((command) => item(command.name, command.description))]),
    ]),
    table('flags', [
      ...topics.filter(({flags}) => flags.length > 0).map(({name, flags}): Row => [[name], flagRows(flags)]),
      ...topics.flatMap(({name: topic, commands}) =>
        commands.map(({name, flags}): Row => [[`${topic} ${name}`], flagRows(flags)]),
      ),
    ]),
    table('values', [
      ...topics.flatMap(({name, flags}) => valueRows(name, flags)),
      ...topics.flatMap(({name: topic, commands}) =>
        commands.flatMap(({name, flags}) => valueRows(`${topic} ${name}`, flags)),
      ),
    ]),
  ].join('\n')
}

function table(name: string, rows: readonly Row[]): string {
  const cases = rows.map(
    ([patterns, lines]) =>
      `    ${patterns.map((pattern) => `'${pattern}'`).join(' | ')})\n      printf '%s\\n' ${lines.map(shellWord).join(' ')}\n      ;;`,
  )
  return `__headscale_ts_${name}() {\n  case "$1" in\n${cases.join('\n')}\n  esac\n}`
}
