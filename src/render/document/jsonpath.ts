/**
 * `-o jsonpath=EXPR`: a JSONPath query (RFC 9535) over the document that `-o json` prints. Only this file imports
 * json-p3; it is loaded when the format is used.
 */
import {compile} from 'json-p3'
import {usageError} from '../../errors.ts'
import {escapeInJson, printable} from '../../text/untrusted.ts'

/**
 * @returns a function that prints each result of the query on a line: text without quotes, other values as JSON
 * @throws HeadscaleError (usage) for an invalid query
 */
export function compileJsonPath(expression: string): (document: unknown) => string {
  const query = parse(expression)
  return (document) =>
    query
      .query(document as Parameters<typeof query.query>[0])
      .values()
      .map((value) => `${typeof value === 'string' ? printable(value) : escapeInJson(JSON.stringify(value))}\n`)
      .join('')
}

function parse(expression: string) {
  try {
    return compile(expression)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(
      `invalid JSONPath ${JSON.stringify(expression)}: ${reason}`,
      expression.startsWith('{')
        ? "this is not kubectl's JSONPath; the syntax is RFC 9535, for example: -o 'jsonpath=$[*].id'"
        : "for example: -o 'jsonpath=$[*].id'; the syntax is RFC 9535",
    )
  }
}
