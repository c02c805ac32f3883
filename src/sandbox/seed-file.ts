/**
 * Seed data from a file, or the built-in seed `guide`.
 *
 * YAML or JSON; every mistake in it is named with its place, since a seed with a misspelt field would silently be
 * another tailnet. The libraries are loaded only when there is a file. docs/sandbox.md describes the fields.
 */
import {readFileSync} from 'node:fs'
import {usageError} from '../errors.ts'
import type {SeedData} from './seed.ts'

/**
 * @param name a file, or `guide`
 * @throws HeadscaleError when it cannot be read or does not describe a tailnet
 */
export async function loadSeed(name: string): Promise<SeedData> {
  if (name === 'guide') return (await import('./seeds/guide.ts')).guide
  return check(await parse(name), name)
}

async function parse(file: string): Promise<unknown> {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : (error as Error).message
    throw usageError(`cannot read the seed ${file}: ${why}`, 'give a YAML or JSON file, or the word guide')
  }
  const {parseDocument} = await import('yaml')
  const document = parseDocument(content)
  const fault = document.errors[0]
  if (fault) throw usageError(`${file} is no YAML: ${fault.message.split('\n')[0]}`)
  return document.toJS() ?? {}
}

async function check(value: unknown, file: string): Promise<SeedData> {
  const {z} = await import('zod')
  const name = z.string().min(1)
  const hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
  const moment = z.iso.datetime({offset: true})
  const ip = z.union([z.ipv4(), z.ipv6()])
  const route = z.union([z.cidrv4(), z.cidrv6()])
  const tag = z.string().startsWith('tag:')
  const user = z.strictObject({
    name,
    displayName: z.string().optional(),
    email: z.string().optional(),
    createdAt: moment.optional(),
  })
  const node = z.strictObject({
    name,
    user: name,
    givenName: name.optional(),
    nodeKey: hex.optional(),
    machineKey: hex.optional(),
    discoKey: hex.optional(),
    ip: z.union([ip, z.array(ip)]).optional(),
    online: z.boolean().optional(),
    routes: z.array(route).optional(),
    approved: z.array(route).optional(),
    tags: z.array(tag).optional(),
    expiry: moment.optional(),
    lastSeen: moment.optional(),
    createdAt: moment.optional(),
  })
  const seed = z.strictObject({
    prefixes: z.array(route).min(1).optional(),
    users: z.array(user).optional(),
    namespaces: z.array(user).optional(),
    nodes: z.array(node).optional(),
    pending: z
      .array(
        z.strictObject({
          key: name,
          name,
          nodeKey: hex.optional(),
          online: z.boolean().optional(),
          routes: z.array(route).optional(),
        }),
      )
      .optional(),
    preAuthKeys: z
      .array(
        z.strictObject({
          user: name.optional(),
          key: name.optional(),
          reusable: z.boolean().optional(),
          ephemeral: z.boolean().optional(),
          used: z.boolean().optional(),
          tags: z.array(tag).optional(),
          expiration: moment.optional(),
        }),
      )
      .optional(),
    policy: z.string().optional(),
  })
  const result = seed.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const where = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
    throw usageError(`the seed ${file} is wrong${where}: ${issue?.message}`, 'docs/sandbox.md lists the fields')
  }
  const {namespaces = [], users = [], ...rest} = result.data
  return {...rest, users: [...users, ...namespaces]} as SeedData
}
