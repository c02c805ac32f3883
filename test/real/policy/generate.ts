/**
 * HuJSON texts for comparisons: values, white space and comments at random, the same for the same seed.
 *
 * Most places where white space may be have some of it: line feeds of all kinds, blank lines, comments of one line and of
 * several, indented with and without stars.
 */

const NAMES = [
  'acls',
  'src',
  'dst',
  'group:admin',
  'tag:web',
  'hosts',
  'a',
  'ü',
  '名前',
  'with \\"quotes\\"',
  '\\u0061\\/',
]
const SCALARS = [
  '"*"',
  '"alice@example.com"',
  '"100.64.0.0/10"',
  '443',
  '-1.50e+3',
  'true',
  'null',
  '""',
  '"tab\\t\\u0007é"',
]
const COMMENTS = [
  '// to the end\n',
  '//\n',
  '// trailing blanks \t\n',
  '/* one */',
  '/**/',
  '/* two\n   lines */',
  '/*\n * stars\n *  and more\n */',
  '/*\n\t\t * stars\n\n\t\t * and a blank line\n\t\t */',
  '/* uneven\n      first\n   second\n\n  third\n  */',
  '/*\r\n windows\r\n*/',
  '// a comment that is long enough to make its line wider than a punch card has columns, which is 80\n',
]
const BLANKS = [' ', '\n', '\n\n\n', '\t', '\r\n', '\n\r', '  \n  ', '\r']

/** @param seed a positive integer */
export function generateHuJson(seed: number): string {
  let state = seed * 2_654_435_761
  // Numerical Recipes' linear congruential generator.
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!
  const density = random()
  const comments = random() < 0.7
  const trailing = random() < 0.5

  const extra = (): string => {
    let text = ''
    while (random() < density * 0.6) text += comments && random() < 0.4 ? pick(COMMENTS) : pick(BLANKS)
    return text
  }
  const value = (depth: number): string => {
    if (depth > 4 || random() < 0.35) return pick(SCALARS)
    const isObject = random() < 0.6
    const items: string[] = []
    while (random() < 0.7) {
      const name = isObject ? `${extra()}"${pick(NAMES)}${items.length}"${extra()}:` : ''
      items.push(`${name}${extra()}${value(depth + 1)}${extra()}`)
    }
    const comma = trailing && items.length > 0 && random() < 0.7 ? `,${extra()}` : ''
    const text = `${items.join(',')}${items.length === 0 ? extra() : ''}${comma}`
    return isObject ? `{${text}}` : `[${text}]`
  }
  return `${extra()}${value(0)}${extra()}`
}
