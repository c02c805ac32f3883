/**
 * What both HTTP listeners need: the check of API keys, bodies in, pages out, and what Go says about broken JSON.
 */
import type {IncomingMessage, ServerResponse} from 'node:http'
import {parseJsonTree} from '../../syntax/json.ts'
import {SyntaxProblem} from '../../syntax/tree.ts'
import type {Page} from '../releases/shared/release-simulator.ts'
import type {Service} from '../service.ts'

/** What is wrong with the credentials of a request. Expiry is checked before the secret, as on the server. */
export function faultOfKey(
  {simulator, tailnet}: Service,
  header: string | undefined,
): 'missing' | 'wrong' | 'expired' | null {
  if (!header?.startsWith('Bearer ')) return 'missing'
  const token = header.slice('Bearer '.length)
  const prefix = simulator.prefixOfToken(token)
  const key = tailnet.apiKeys.find((candidate) => candidate.prefix === prefix)
  if (!key) return 'wrong'
  if (key.expiration && key.expiration < tailnet.now()) return 'expired'
  return key.secret === token ? null : 'wrong'
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

export function sendPage(response: ServerResponse, {status, type, body}: Page): void {
  response.writeHead(status, {...(type !== null && {'content-type': type}), 'content-length': Buffer.byteLength(body)})
  response.end(body)
}

/** Reasons of our JSON reader, and what Go's encoding/json says in their place. */
const JSON_CONTEXTS: [reason: string, context: string][] = [
  ['expected a key', 'looking for beginning of object key string'],
  ['expected : after', 'after object key'],
  ['expected , or }', 'after object key:value pair'],
  ['expected , or ]', 'after array element'],
  ['expected the end', 'after top-level value'],
]

/**
 * What Go says about a text that is not JSON; null when it is.
 * @param end what this reader says about a text that ends too early
 */
export function jsonFault(text: string, end: string): string | null {
  try {
    parseJsonTree(text, 'body')
    return null
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    const character = text[error.place.offset]
    if (character === undefined || error.reason.includes('does not end')) return end
    const context = JSON_CONTEXTS.find(([reason]) => error.reason.startsWith(reason))?.[1]
    return `invalid character '${character}' ${context ?? 'looking for beginning of value'}`
  }
}
