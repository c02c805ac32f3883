/** Completion for fish: tables as functions, and a function that reads the words so far. */
import {type CompletionModel, LIVE, NOTHING} from './model.ts'

/** `case` patterns and what they print: words with their descriptions after a tab. */
type Row = [patterns: string[], lines: readonly string[]]

export function fishCompletion({topics, values, live, bare, switches, moved}: CompletionModel): string {
  const item = (name: string, description: string) => `${name}\t${description}`
  const withFlags = topics.flatMap(({name: topic, flags, commands}) => [
    ...(flags.length > 0 ? [{line: topic, flags}] : []),
    ...commands.map((command) => ({line: `${topic} ${command.name}`, flags: command.flags})),
  ])
  return [
    '# fish completion for headscale-ts. Load it with: headscale-ts completion fish | source',
    '# The current name of a topic, or of a command after its topic; @ and the topic for a topic below another.',
    table('name', [
      ...topics.map(({name, aliases}): Row => [[name, ...aliases], [name]]),
      ...moved.map(([line, topic]): Row => [[line], [`@${topic}`]]),
      ...topics.flatMap(({name: topic, commands}) =>
        commands.map(({name, aliases}): Row => [[name, ...aliases].map((word) => `${topic} ${word}`), [name]]),
      ),
    ]),
    '# What can follow: topics, the commands of a topic, names of the server (@live), nothing, or files.',
    table('words', [
      [[''], topics.map(({name, description}) => item(name, description))],
      ...topics
        .filter(({commands}) => commands.length > 0)
        .map(({name, commands}): Row => [[name], commands.map((command) => item(command.name, command.description))]),
      [live, [LIVE]],
      [bare, [NOTHING]],
    ]),
    table(
      'flags',
      withFlags.map(({line, flags}): Row => [
        [line],
        flags.flatMap(({names, description}) => names.map((name) => item(name, description))),
      ]),
    ),
    '# The values of a flag: words, names of the server (@live), files, or unknown (@nothing). No row: it takes no value.',
    table(
      'values',
      values.map(({line, flags, offer}): Row => [
        flags.map((flag) => `${line ?? '*'} ${flag}`),
        typeof offer === 'string' ? [offer] : offer,
      ]),
    ),
    '# Whether a flag takes no value, even before the command.',
    `function __headscale_ts_switch\n    contains -- $argv[1] ${switches.map(quote).join(' ')}\nend`,
    OFFERS,
  ].join('\n')
}

/** Before the command is complete, a flag takes the next word as its value, as in src/cli/args/argv.ts. */
const OFFERS = `# Sets what to offer. Fails if that is files.
function __headscale_ts_offers
    set -l raw (commandline -ct)
    set -l typed (commandline -opc)
    set -e typed[1]
    set -l topic ''
    set -l verb ''
    set -l prev ''
    set -l skip ''
    set -l ended ''
    for word in $typed
        if test -n "$skip"
            set skip ''
            set prev ''
        else if test -n "$ended"
            set prev ''
        else if test "$word" = --
            set ended 1
            set prev ''
        else if string match -qr -- '^-.' "$word"
            set prev $word
            if test -z "$verb"; and string match -qr -- '^(--[^=]*|-[^=])$' "$word"; and not __headscale_ts_switch $word
                set skip 1
            end
        else if test -z "$topic"
            set prev ''
            set topic (__headscale_ts_name "$word")
        else if test -z "$verb"
            set prev ''
            set verb (__headscale_ts_name "$topic $word")
            if string match -q -- '@*' "$verb"
                set topic (string sub -s 2 -- "$verb")
                set verb ''
            end
        else
            set prev ''
        end
    end
    set -l command (string trim -- "$topic $verb")
    set -l before ''
    if test -z "$ended"; and string match -q -- '--*=*' "$raw"
        set prev (string split -m 1 = -- "$raw")[1]
        set before "$prev="
    end
    set -l offered
    if test -n "$prev"
        set offered (__headscale_ts_values "$command $prev")
    end
    if test -z "$offered[1]" -a -z "$before" -a -z "$skip"
        if test -z "$ended"; and string match -q -- '-*' "$raw"
            set offered (__headscale_ts_flags "$command")
        else
            set offered (__headscale_ts_words "$command")
        end
    end
    switch "$offered[1]"
        case '' @files
            return 1
        case @nothing
            set -g __headscale_ts_offered
        case @live
            set -g __headscale_ts_offered (command headscale-ts __complete fish "=$raw" $typed 2>/dev/null </dev/null)
        case '*'
            # The last value of a list.
            if test -n "$prev"; and string match -q -- '*,*' "$raw"
                set before (string replace -r -- '[^,]*$' '' "$raw")
            end
            set -g __headscale_ts_offered $before$offered
    end
    return 0
end
complete -c headscale-ts -e
complete -c headscale-ts -f -n __headscale_ts_offers -a '$__headscale_ts_offered'
`

function table(name: string, rows: readonly Row[]): string {
  const cases = rows.map(
    ([patterns, lines]) =>
      `        case ${patterns.map(quote).join(' ')}\n            printf '%s\\n' ${lines.map(quote).join(' ')}`,
  )
  return `function __headscale_ts_${name}\n    switch "$argv[1]"\n${cases.join('\n')}\n    end\nend`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
