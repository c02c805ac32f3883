/**
 * docs/migrating.md is complete: it has every field of every message that headscale's command line prints, of all
 * message sets, and every field that this program prints instead.
 */
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type * as z from 'zod'
import {expect, test} from 'vitest'
import {SCHEMAS} from '../../../src/render/document/schemas.ts'
import {ROOT} from '../../support/paths.ts'

const DOCUMENT = readFileSync(join(ROOT, 'docs/migrating.md'), 'utf8')
const mentioned = new Set([...DOCUMENT.matchAll(/[`.](\w+)(?=[`.,])/g)].map(([, word]) => word))

const PRINTED = ['Namespace', 'User', 'Machine', 'Node', 'Routes', 'Route', 'PreAuthKey', 'ApiKey', 'HealthResponse']

/** Fields of the messages in generated code, spelled as Go's JSON spells them. */
function fieldsOf(messageSet: string): string[] {
  const source = readFileSync(join(ROOT, `src/api/gen/${messageSet}.ts`), 'utf8')
  const bodies = PRINTED.map((name) => new RegExp(`^export interface ${name} \\{\\n([^]*?)^\\}`, 'm').exec(source)?.[1])
  const fields = bodies.flatMap((body = '') => [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, field]) => field!))
  return [...new Set(fields)].map((field) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}

test.for(['v0_15', 'v0_19', 'v0_24', 'v0_26'])(
  'docs/migrating.md has every field that headscale prints: %s',
  (messageSet) => {
    const fields = fieldsOf(messageSet)
    expect(fields.length).toBeGreaterThan(25)
    expect(fields.filter((field) => !mentioned.has(field))).toEqual([])
  },
)

test.for(['user', 'node', 'route', 'pre-auth-key', 'api-key', 'oauth-client', 'policy', 'health', 'version'])(
  'docs/migrating.md has every field of our document %s',
  (name) => {
    const fields = Object.keys((SCHEMAS[name] as z.ZodObject).shape)
    expect(fields.filter((field) => !mentioned.has(field))).toEqual([])
  },
)
