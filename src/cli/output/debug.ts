/** Whether the lines of `--debug` are wanted. Found without the parser, since they begin before a command is known. */

/** The variable that is the same as `--debug`, for programs that are called by scripts. */
const VARIABLE = 'HEADSCALE_TS_DEBUG'

/** The last `--debug` or `--debug=false` counts; without one the variable: any value but `0` and `false`. */
export function wantsDebug(argv: readonly string[], env: Record<string, string | undefined>): boolean {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  const flag = words.findLast((word) => word === '--debug' || word.startsWith('--debug='))
  const value = flag === undefined ? (env[VARIABLE] ?? '') : (flag.split('=')[1] ?? 'true')
  return value !== '' && !/^(0|f|false)$/i.test(value)
}
