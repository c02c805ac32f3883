/** Completion for bash and zsh: tables as shell functions, and a function per shell that reads the words so far. */
import {shellWord} from '../../deploy/shell.ts'
import {type CompletionModel, type Flag, LIVE, NOTHING} from './model.ts'

/** `case` patterns and what they print. */
type Row = [patterns: string[], lines: readonly string[]]

/**
 * Reads `word`, one of those before the cursor. Before the command is complete, a flag takes the next word as its value,
 * as in src/cli/args/argv.ts.
 */
const READ_WORD = `
    if [[ -n $skip ]]; then
      skip= prev=
    elif [[ -n $ended ]]; then
      prev=
    elif [[ $word == -- ]]; then
      ended=1 prev=
    elif [[ $word == -?* ]]; then
      prev=$word
      if [[ -z $verb && $word != *=* && ( $word == --* || \${#word} -eq 2 ) ]] && ! __headscale_ts_switch "$word"; then
        skip=1
      fi
    elif [[ -z $topic ]]; then
      prev= topic=$(__headscale_ts_name "$word")
    elif [[ -z $verb ]]; then
      prev= verb=$(__headscale_ts_name "$topic $word")
      if [[ $verb == @* ]]; then
        topic=\${verb#@} verb=
      fi
    else
      prev=
    fi`

/** Sets `offered`, to words, @live, @nothing, or @files or an empty text for files, and `what`: value, flag, word. */
const OFFER = `
  local command=$topic\${verb:+ $verb} what=value before= offered=
  if [[ -z $ended && $raw == --*=* ]]; then
    prev=\${raw%%=*} before=\${raw%%=*}=
  fi
  if [[ -n $prev ]]; then
    offered=$(__headscale_ts_values "$command $prev")
  fi
  if [[ -z $offered && -z $before && -z $skip ]]; then
    if [[ $raw == -* && -z $ended ]]; then
      what=flag offered=$(__headscale_ts_flags "$command")
    else
      what=word offered=$(__headscale_ts_words "$command")
    fi
  fi`

export function bashCompletion(model: CompletionModel): string {
  return `# bash completion for headscale-ts. Load it with: source <(headscale-ts completion bash)
${tables(model, (name) => name)}
__headscale_ts() {
  local rest=\${COMP_LINE:0:COMP_POINT} topic= verb= prev= skip= ended= word space last raw head start i n=0
  local -a typed
  typed=()
  COMPREPLY=()
  # bash splits words at ":" and "=" too. What no space separates is one word.
  for ((i = 0; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    space=\${rest%%[![:space:]]*}
    rest=\${rest#"$space"}
    [[ $rest == "$word"* ]] || return
    rest=\${rest#"$word"}
    if ((n == 0)) || [[ -n $space ]]; then
      typed[n++]=$word
    else
      typed[n - 1]+=$word
    fi
  done
  space=\${rest%%[![:space:]]*}
  last=\${rest#"$space"} raw=$last
  if ((n > 0)) && [[ -z $space ]]; then
    raw=\${typed[--n]}$last
    unset "typed[n]"
  fi
  # Readline replaces what follows the last of them.
  last=\${last#"\${last%%[!:=]*}"}
  head=\${raw%"$last"}
  for ((i = 1; i < n; i++)); do
    word=\${typed[i]}${READ_WORD}
  done
${OFFER}
  start=$raw
  case $offered in
    '' | @files)
      return
      ;;
    @nothing)
      compopt +o default 2>/dev/null
      return
      ;;
    @live)
      # No files where a name is wanted.
      compopt +o default 2>/dev/null
      # The program has compared the names with the word, as it is without its quotes.
      before= start=$head
      offered=$(command headscale-ts __complete bash "=$raw" "\${typed[@]:1}" 2>/dev/null </dev/null)
      ;;
    *)
      # The last value of a list.
      [[ $what == value && $raw == *,* ]] && before=\${raw%,*},
      ;;
  esac
  # Names arrive with their quotes, and with what is before them in the word.
  while IFS= read -r word; do
    if [[ -n $word && $before$word == "$start"* ]]; then
      word=$before$word word=\${word#"$head"}
      COMPREPLY+=("\${word#[\\"\\']}")
    fi
  done <<<"$offered"
}
complete -o default -F __headscale_ts headscale-ts
`
}

export function zshCompletion(model: CompletionModel): string {
  return `#compdef headscale-ts
# zsh completion for headscale-ts. Load it with: source <(headscale-ts completion zsh)
${tables(model, (name, description) => `${name}:${description}`)}
_headscale_ts() {
  local topic= verb= prev= skip= ended= word raw=$IPREFIX$QIPREFIX$PREFIX
  local -a items
  for word in "\${(@)words[2,CURRENT-1]}"; do${READ_WORD}
  done
${OFFER}
  case $offered in
    '' | @files)
      [[ -n $before ]] && compset -P 1 '*='
      _files
      ;;
    @nothing) ;;
    @live)
      items=("\${(@f)$(command headscale-ts __complete zsh "=$raw" "\${(@)words[2,CURRENT-1]}" 2>/dev/null </dev/null)}")
      items=("\${(@)items:#}")
      (( $#items )) && _describe -t names name items
      ;;
    *)
      items=("\${(@f)offered}")
      case $what in
        value)
          [[ -n $before ]] && compset -P 1 '*='
          compset -P '*,'
          compadd -a items
          ;;
        flag) _describe -o flag items ;;
        word) _describe command items ;;
      esac
      ;;
  esac
}
(( $+functions[compdef] )) && compdef _headscale_ts headscale-ts
# Found by compinit in a folder of $fpath, this file is the completion itself.
if [[ $funcstack[1] == _headscale[-_]ts ]]; then
  _headscale_ts "$@"
fi
`
}

function tables(
  {topics, values, live, bare, switches, moved}: CompletionModel,
  item: (name: string, description: string) => string,
): string {
  const flagRows = (flags: readonly Flag[]) =>
    flags.flatMap(({names, description}) => names.map((name) => item(name, description)))
  return [
    '# The current name of a topic, or of a command after its topic; @ and the topic for a topic below another.',
    table('name', [
      ...topics.map(({name, aliases}): Row => [quoted([name, ...aliases]), [name]]),
      ...moved.map(([line, topic]): Row => [quoted([line]), [`@${topic}`]]),
      ...topics.flatMap(({name: topic, commands}) =>
        commands.map(({name, aliases}): Row => [quoted([name, ...aliases].map((word) => `${topic} ${word}`)), [name]]),
      ),
    ]),
    '# What can follow: topics, the commands of a topic, names of the server (@live), nothing, or files.',
    table('words', [
      [["''"], topics.map(({name, description}) => item(name, description))],
      ...topics
        .filter(({commands}) => commands.length > 0)
        .map(({name, commands}): Row => [
          quoted([name]),
          commands.map((command) => item(command.name, command.description)),
        ]),
      [quoted(live), [LIVE]],
      [quoted(bare), [NOTHING]],
    ]),
    table('flags', [
      ...topics.filter(({flags}) => flags.length > 0).map(({name, flags}): Row => [quoted([name]), flagRows(flags)]),
      ...topics.flatMap(({name: topic, commands}) =>
        commands.map(({name, flags}): Row => [quoted([`${topic} ${name}`]), flagRows(flags)]),
      ),
    ]),
    '# The values of a flag: words, names of the server (@live), files, or unknown (@nothing). No row: it takes no value.',
    table(
      'values',
      values.map(({line, flags, offer}): Row => [
        flags.map((flag) => (line === null ? `*' ${flag}'` : `'${line} ${flag}'`)),
        typeof offer === 'string' ? [offer] : offer,
      ]),
    ),
    '# Whether a flag takes no value, even before the command.',
    `__headscale_ts_switch() {\n  case "$1" in\n    ${quoted(switches).join(' | ')}) return 0 ;;\n  esac\n  return 1\n}`,
  ].join('\n')
}

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`)

function table(name: string, rows: readonly Row[]): string {
  const cases = rows.map(
    ([patterns, lines]) =>
      `    ${patterns.join(' | ')})\n      printf '%s\\n' ${lines.map(shellWord).join(' ')}\n      ;;`,
  )
  return `__headscale_ts_${name}() {\n  case "$1" in\n${cases.join('\n')}\n  esac\n}`
}
