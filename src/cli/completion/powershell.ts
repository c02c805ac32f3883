/** Completion for PowerShell, including Windows PowerShell 5.1. */
import type {CompletionModel, Flag} from './model.ts'

export function powershellCompletion({topics}: CompletionModel): string {
  const names = topics.flatMap(({name: topic, aliases, commands}) => [
    ...[topic, ...aliases].map((word) => entry(word, quote(topic))),
    ...commands.flatMap((command) =>
      [command.name, ...command.aliases].map((word) => entry(`${topic} ${word}`, quote(command.name))),
    ),
  ])
  const words = [
    entry('', list(topics.map(({name, description}) => [name, description]))),
    ...topics
      .filter(({commands}) => commands.length > 0)
      .map(({name, commands}) => entry(name, list(commands.map((command) => [command.name, command.description])))),
  ]
  const withFlags = topics.flatMap(({name: topic, flags, commands}) => [
    ...(flags.length > 0 ? [{line: topic, flags}] : []),
    ...commands.map((command) => ({line: `${topic} ${command.name}`, flags: command.flags})),
  ])
  const flags = withFlags.map(({line, flags: own}) =>
    entry(line, list(own.flatMap((flag) => flag.names.map((name): Pair => [name, flag.description])))),
  )
  const values = withFlags.flatMap(({line, flags: own}) => own.flatMap((flag) => valueEntries(line, flag)))
  return `# PowerShell completion for headscale-ts. Load it with:
#   headscale-ts completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName headscale-ts -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $names = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
  $words = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
  $flags = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
  $values = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
${[assign('names', names), assign('words', words), assign('flags', flags), assign('values', values)].join('\n')}
  $topic = ''
  $verb = ''
  $previous = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $cursorPosition) { break }
    $previous = $element.ToString()
    if ($topic -eq '') { $topic = [string]$names[$previous] }
    elseif ($verb -eq '') { $verb = [string]$names["$topic $previous"] }
  }
  $command = "$topic $verb".Trim()
  $offered = $values["$command $previous"]
  if (-not $offered -and $wordToComplete -like '-*') { $offered = $flags[$command] }
  elseif (-not $offered -and $verb -eq '') { $offered = $words[$topic] }
  $offered | Where-Object { $_ -and $_[0].StartsWith($wordToComplete) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}
`
}

type Pair = [name: string, description: string]
type Entry = [key: string, value: string]

const entry = (key: string, value: string): Entry => [key, value]

function assign(table: string, entries: readonly Entry[]): string {
  return entries.map(([key, value]) => `  $${table}[${quote(key)}] = ${value}`).join('\n')
}

function valueEntries(line: string, {names, values}: Flag): Entry[] {
  return values.length === 0
    ? []
    : names.map((name) => entry(`${line} ${name}`, list(values.map((value) => [value, value]))))
}

/** A list of lists. The comma keeps PowerShell from flattening a list with a single item. */
function list(pairs: readonly Pair[]): string {
  return `@(${pairs.map(([name, description]) => `,@(${quote(name)}, ${quote(description)})`).join('; ')})`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
