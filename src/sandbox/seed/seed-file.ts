/**
 * Seed data from a file, or the built-in seed `guide`.
 *
 * YAML or JSON; every mistake in it is named with its place, since a seed with a misspelt field would silently be
 * another tailnet. The libraries are loaded only when there is a file. docs/sandbox.md describes the fields.
 */
import {readFileSync} from 'node:fs'
import {usageError} from '../../errors.ts'
import type {SeedData} from './apply-seed.ts'

/**
 * @param name a file, or `guide`
 * @throws HeadscaleError when it cannot be read or does not describe a tailnet
 */
export async function loadSeed(name: string): Promise<SeedData> {
  if (name === 'guide') return (await import('./guide.ts')).guide
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
  const {seedSchema} = await import('./seed-schema.ts')
  const result = seedSchema.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const where = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
    throw usageError(`the seed ${file} is wrong${where}: ${issue?.message}`, 'docs/sandbox.md lists the fields')
  }
  const {namespaces = [], users = [], ...rest} = result.data
  return {...rest, users: [...users, ...namespaces]} as SeedData
}
