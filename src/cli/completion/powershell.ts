/** Completion for PowerShell, including Windows PowerShell 5.1. */
import {type CompletionModel, LIVE, NOTHING, type Offer} from './model.ts'

export function powershellCompletion({topics, values, live, bare, switches, moved}: CompletionModel): string {
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
    ...live.map((line) => entry(line, quote(LIVE))),
    ...bare.map((line) => entry(line, quote(NOTHING))),
  ]
  const withFlags = topics.flatMap(({name: topic, flags, commands}) => [
    ...(flags.length > 0 ? [{line: topic, flags}] : []),
    ...commands.map((command) => ({line: `${topic} ${command.name}`, flags: command.flags})),
  ])
  const flags = withFlags.map(({line, flags: own}) =>
    entry(line, list(own.flatMap((flag) => flag.names.map((name): Pair => [name, flag.description])))),
  )
  const tables = [
    assign('names', [...names, ...moved.map(([line, topic]) => entry(line, quote(`@${topic}`)))]),
    assign('words', words),
    assign('flags', flags),
    assign(
      'values',
      values.flatMap(({line, flags: own, offer}) => own.map((flag) => entry(`${line ?? '*'} ${flag}`, offered(offer)))),
    ),
  ]
  return `# PowerShell completion for headscale-ts. Load it with:
#   headscale-ts completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName headscale-ts -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $names = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
  $words = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
  $flags = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
  $values = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
${tables.join('\n')}
  # Flags that take no value, even before the command.
  $switches = @(${switches.map(quote).join(', ')})
  $topic = ''
  $verb = ''
  $previous = ''
  $skip = $false
  $ended = $false
  $typed = @()
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $cursorPosition) { break }
    $word = if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value } else { $element.ToString() }
    $typed += $word
    if ($skip) { $skip = $false; $previous = '' }
    elseif ($ended) { $previous = '' }
    elseif ($word -ceq '--') { $ended = $true; $previous = '' }
    elseif ($word -like '-?*') {
      $previous = $word
      # Before the command is complete, a flag takes the next word as its value.
      $skip = $verb -eq '' -and $word -cmatch '^(--[^=]*|-[^=])$' -and $switches -cnotcontains $word
    }
    else {
      $previous = ''
      if ($topic -eq '') { $topic = [string]$names[$word] }
      elseif ($verb -eq '') {
        $verb = [string]$names["$topic $word"]
        if ($verb.StartsWith('@')) { $topic = $verb.Substring(1); $verb = '' }
      }
    }
  }
  $command = "$topic $verb".Trim()
  $before = ''
  if (-not $ended -and $wordToComplete -like '--*=*') {
    $previous = $wordToComplete.Substring(0, $wordToComplete.IndexOf('='))
    $before = "$previous="
  }
  $offered = $null
  if ($previous -ne '') {
    $offered = $values["$command $previous"]
    if (-not $offered) { $offered = $values["* $previous"] }
  }
  if (-not $offered -and $before -eq '' -and -not $skip) {
    if ($wordToComplete -like '-*' -and -not $ended) { $offered = $flags[$command] }
    else { $offered = $words[$command] }
  }
  if ($offered -is [string]) {
    # Other values are files, which PowerShell completes when nothing is offered.
    if ($offered -cne '${LIVE}') { return }
    $program = Get-Command headscale-ts -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $program) { return }
    # The word to insert with its quotes, the word to show, its description.
    & $program.Source __complete powershell "=$wordToComplete" @typed 2>$null | ForEach-Object {
      $parts = $_.Split([char]9)
      if ($parts.Count -eq 3 -and $parts[1].StartsWith($wordToComplete.Trim('"', "'"))) {
        [System.Management.Automation.CompletionResult]::new($parts[0], $parts[1], 'ParameterValue', $parts[2])
      }
    }
    return
  }
  # The last value of a list.
  if ($previous -ne '' -and $wordToComplete.Contains(',')) { $before = $wordToComplete.Substring(0, $wordToComplete.LastIndexOf(',') + 1) }
  $offered | Where-Object { $_ -and ($before + $_[0]).StartsWith($wordToComplete) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($before + $_[0], $_[0], 'ParameterValue', $_[1])
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

function offered(offer: Offer): string {
  return typeof offer === 'string' ? quote(offer) : list(offer.map((value) => [value, value]))
}

/** A list of lists. The comma keeps PowerShell from flattening a list with a single item. */
function list(pairs: readonly Pair[]): string {
  return `@(${pairs.map(([name, description]) => `,@(${quote(name)}, ${quote(description)})`).join('; ')})`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
