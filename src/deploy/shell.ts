/** Command lines as a POSIX shell reads them. */

/** A part of a command line that stays on one line: a word, or a flag with its value. */
export type CommandPart = string | readonly [flag: string, value: string]

/** A command over several lines, one part on each. */
export function shellCommand(command: string, parts: readonly CommandPart[]): string[] {
  const lines = [command, ...parts.map((part) => `  ${partWords(part).map(shellWord).join(' ')}`)]
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}

/** The words of a part. */
export function partWords(part: CommandPart): readonly string[] {
  return typeof part === 'string' ? [part] : part
}

/** A word, quoted where a shell would change it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
