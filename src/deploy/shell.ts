/** Words of a command line as a shell reads them. */

/** A command over several lines, a flag and its value on each. */
export function shellLines(command: string, words: readonly string[]): string[] {
  const lines = [command]
  for (const [index, word] of words.entries()) {
    const value = index > 0 && (words[index - 1] ?? '').startsWith('-') && !(words[index - 1] ?? '').includes('=')
    if (value && !word.startsWith('-')) lines[lines.length - 1] += ` ${shellWord(word)}`
    else if (value && /^-[0-9]+$/.test(word)) lines[lines.length - 1] += ` ${word}`
    else lines.push(`  ${shellWord(word)}`)
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
