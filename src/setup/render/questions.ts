/** What `setup render` asks on a terminal: the answers without which it cannot write a file. */
import type {RawAnswers} from './answers.ts'

export interface Question {
  name: 'server-url' | 'tls' | 'base-domain'
  text: string
  /** The answer of an empty line; '' for none. */
  byDefault: string
}

/** The next question, or null when there is nothing left to ask. */
export function nextQuestion(raw: RawAnswers): Question | null {
  const url = raw['server-url']
  if (url === undefined) return {name: 'server-url', text: 'URL that clients use (server-url)', byDefault: ''}
  if (url.startsWith('https://') && raw.tls === undefined) {
    return {name: 'tls', text: 'Who serves https: proxy, acme or manual (tls)', byDefault: 'proxy'}
  }
  if (raw['magic-dns'] === true && raw['base-domain'] === undefined) {
    return {name: 'base-domain', text: 'Domain for the names of nodes (base-domain)', byDefault: ''}
  }
  return null
}
