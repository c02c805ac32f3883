/**
 * An nginx configuration in front of headscale: whether it passes on what clients need.
 *
 * Clients send `Upgrade: tailscale-control-protocol` in a POST request and keep the connection. nginx drops the header
 * unless it is told otherwise, and a block that sets any header of its own inherits none from the blocks around it.
 */
import {Places} from '../../syntax/tree.ts'
import {parseListen} from '../config/values.ts'
import type {Context} from '../check/context.ts'
import type {Place} from '../../syntax/tree.ts'

interface Directive {
  name: string
  words: string[]
  place: Place
}

interface Block {
  directives: Directive[]
  parent: Block | null
}

/** Whether a text is of nginx. */
export function isNginx(text: string): boolean {
  return /^\s*proxy_pass\s/m.test(text)
}

export function checkNginx(context: Context, text: string, file: string): void {
  const port = parseListen(context.settings.text('listen_addr'))?.port
  const passes = blocksOf(text, file).flatMap((block) => {
    const pass = block.directives.find(({name}) => name === 'proxy_pass')
    return pass === undefined ? [] : [{block, pass}]
  })
  // Of several sites that of headscale, where the port shows which it is.
  const own = passes.filter(({pass}) => new RegExp(`:${port}(?:/|$)`).test(pass.words[0] ?? ''))
  for (const {block, pass} of own.length > 0 ? own : passes) checkBlock(context, block, pass)
}

function checkBlock(context: Context, block: Block, pass: Directive): void {
  const headers = inherited(block, 'proxy_set_header')
  const header = (name: string) => headers.find(({words}) => words[0]?.toLowerCase() === name)
  const lost = ['upgrade', 'connection'].filter((name) => header(name) === undefined)
  if (lost.length > 0) {
    const names = lost.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).join(' and ')
    const lines = {
      upgrade: 'proxy_set_header Upgrade $http_upgrade;',
      connection: 'proxy_set_header Connection $connection_upgrade;',
    }
    context.error(
      'proxy-upgrade',
      'proxy_pass',
      [
        `nginx does not pass on ${names}`,
        'Clients cannot connect: the server logs "No Upgrade header in TS2021 request"',
        `Add ${lost.map((name) => lines[name as keyof typeof lines]).join(' ')}`,
      ],
      pass.place,
    )
  } else if (inherited(block, 'proxy_http_version').at(-1)?.words[0] !== '1.1') {
    context.error(
      'proxy-upgrade',
      'proxy_pass',
      [
        'nginx speaks HTTP/1.0 to headscale',
        'HTTP/1.0 has no upgrade, so clients cannot connect',
        'Add proxy_http_version 1.1;',
      ],
      pass.place,
    )
  }
  if (inherited(block, 'proxy_buffering').at(-1)?.words[0] !== 'off') {
    context.warning(
      'proxy-buffering',
      'proxy_pass',
      ['nginx buffers what headscale sends', 'Clients can get changes of the tailnet late', 'Add proxy_buffering off;'],
      pass.place,
    )
  }
}

/** The directives in force: those of the nearest block that has any. */
function inherited(block: Block, name: string): Directive[] {
  for (let at: Block | null = block; at !== null; at = at.parent) {
    const own = at.directives.filter((directive) => directive.name === name)
    if (own.length > 0) return own
  }
  return []
}

/** Every block of the text. Comments and quotes are read as nginx reads them; variables are not. */
function blocksOf(text: string, file: string): Block[] {
  const places = new Places(file, text)
  const blocks: Block[] = [{directives: [], parent: null}]
  let current = blocks[0]!
  let words: {text: string; at: number}[] = []
  const token = /#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|[^\s{};"'#]+/g
  for (const match of text.matchAll(token)) {
    const [word] = match
    if (word.startsWith('#')) continue
    if (word === ';') {
      const [first, ...rest] = words
      if (first !== undefined) {
        const place = places.at(first.at, match.index)
        current.directives.push({
          name: first.text,
          words: rest.map(({text}) => text.replace(/^(["'])(.*)\1$/, '$2')),
          place,
        })
      }
      words = []
    } else if (word === '{') {
      // `${name}` is one word to a person, and three tokens here.
      const block: Block = {directives: [], parent: current}
      blocks.push(block)
      current = block
      words = []
    } else if (word === '}') {
      current = current.parent ?? current
      words = []
    } else words.push({text: word, at: match.index})
  }
  return blocks
}
