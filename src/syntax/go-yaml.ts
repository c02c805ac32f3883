/**
 * What go-yaml rejects although the `yaml` package accepts it.
 *
 * Observed with go-yaml 2.4.0 and 3.0.1 (test/derp/fixtures/go-decoding.json). Each function throws a SyntaxProblem or
 * returns.
 */
import {visit} from 'yaml'

import {SyntaxProblem} from './tree.ts'
import type {Document as YamlDocument} from 'yaml'
import type {Places, ScalarTree} from './tree.ts'

/** Before parsing: characters, the version directive. */
export function rejectText(text: string, places: Places): void {
  // oxlint-disable-next-line no-control-regex
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|(?!^)\ufeff/.exec(
    text,
  )
  if (control !== null) throw new SyntaxProblem(places.at(control.index), 'control characters are not allowed')
  const directive = /^%YAML[ \t]+(?!1\.1(?:[ \t]|$))/m.exec(text)
  if (directive !== null) throw new SyntaxProblem(places.at(directive.index), 'headscale reads YAML 1.1 only')
}

/** A tab in the indentation of a line, outside brackets and strings; also on a line that is otherwise empty. */
export function rejectTabs(document: YamlDocument.Parsed, text: string, places: Places): void {
  const tabs = [...text.matchAll(/^ *\t/gm)].map(({0: blanks, index}) => index + blanks.length - 1)
  if (tabs.length === 0) return
  const spans: [start: number, end: number][] = []
  visit(document, {
    Scalar: (_, {range}) => void (range && spans.push([range[0], range[1]])),
    Collection: (_, {range, flow}) => {
      if (!flow || !range) return
      spans.push([range[0], range[1]])
      return visit.SKIP
    },
  })
  let next = 0
  for (const tab of tabs) {
    while (next < spans.length && (spans[next]?.[1] ?? 0) <= tab) next++
    const span = spans[next]
    if (span === undefined || span[0] > tab) {
      throw new SyntaxProblem(places.at(tab), 'tabs are not allowed as indentation, not even on empty lines')
    }
  }
}

/** In braces: to go-yaml, `901:{}` starts with a key named `901:`, and the brace after it is an error. */
export function rejectTightColon(key: ScalarTree, text: string): void {
  const {end} = key.place
  if (key.style === 'plain' && text[end] === ':' && '{['.includes(text[end + 1] ?? ' ')) {
    throw new SyntaxProblem(key.place, `missing space between ${key.text}: and the bracket after it`)
  }
}

/** In braces or brackets: `ipv6: ::1`. */
export function rejectLeadingColon(scalar: ScalarTree): void {
  if (scalar.style !== 'plain' || !scalar.text.startsWith(':')) return
  throw new SyntaxProblem(scalar.place, `inside brackets, ${scalar.text} needs quotes`)
}
