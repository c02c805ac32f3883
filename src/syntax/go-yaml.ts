/**
 * What go-yaml refuses although the `yaml` package takes it, and texts that would keep any parser busy.
 *
 * Observed with go-yaml 2.4.0 and 3.0.1 (test/derp/fixtures/go-yaml.json). Each function throws the refusal with its
 * place, or returns.
 */
import {visit} from 'yaml'

import {SyntaxProblem} from './tree.ts'
import type {Document as YamlDocument} from 'yaml'
import type {Places, ScalarTree} from './tree.ts'

/** Before parsing: characters, the version directive. */
export function refuseText(text: string, places: Places): void {
  // oxlint-disable-next-line no-control-regex
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|(?!^)\ufeff/.exec(
    text,
  )
  if (control !== null) throw new SyntaxProblem(places.at(control.index), 'control characters are not allowed')
  const directive = /^%YAML[ \t]+(?!1\.1(?:[ \t]|$))/m.exec(text)
  if (directive !== null) throw new SyntaxProblem(places.at(directive.index), 'go-yaml knows YAML 1.1 only')
}

/** A tab among the blanks a line begins with, outside of brackets and texts; even on a line that is empty else. */
export function refuseTabs(document: YamlDocument.Parsed, text: string, places: Places): void {
  const tabs = [...text.matchAll(/^ *\t/gm)].map(({0: blanks, index}) => index + blanks.length - 1)
  if (tabs.length === 0) return
  const shelters: [start: number, end: number][] = []
  visit(document, {
    Scalar: (_, {range}) => void (range && shelters.push([range[0], range[1]])),
    Collection: (_, {range, flow}) => {
      if (!flow || !range) return
      shelters.push([range[0], range[1]])
      return visit.SKIP
    },
  })
  let next = 0
  for (const tab of tabs) {
    while (next < shelters.length && (shelters[next]?.[1] ?? 0) <= tab) next++
    const shelter = shelters[next]
    if (shelter === undefined || shelter[0] > tab) {
      throw new SyntaxProblem(places.at(tab), 'tabs are not allowed as indentation, on empty lines neither')
    }
  }
}

/** In braces: `901:{}` is a key named `901:` to go-yaml, which then stumbles over the brace. */
export function refuseTightColon(key: ScalarTree, text: string): void {
  const {end} = key.place
  if (key.style === 'plain' && text[end] === ':' && '{['.includes(text[end + 1] ?? ' ')) {
    throw new SyntaxProblem(key.place, `no space between ${key.text}: and the bracket that follows`)
  }
}

/** In braces or brackets: `ipv6: ::1`. */
export function refuseLeadingColon(scalar: ScalarTree): void {
  if (scalar.style !== 'plain' || !scalar.text.startsWith(':')) return
  throw new SyntaxProblem(scalar.place, `in brackets, ${scalar.text} needs quotes`)
}
