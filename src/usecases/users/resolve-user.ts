/**
 * From what an operator typed to one user: by id, by name, `id:N` or `name:X`. Nothing is guessed.
 *
 * Digits that are the id of one user and the name of another fit both and are refused; so is a name that two users
 * have (0.24 and later allow it through single sign-on).
 */
import type {ControlApi} from '../../api/control-api.ts'
import type {User} from '../../domain/user.ts'
import {HeadscaleError, usageError} from '../../errors.ts'

/** @throws HeadscaleError (not-found), (ambiguous) naming all that fit, (usage) for an empty selector value */
export async function resolveUser(api: ControlApi, wanted: string): Promise<User> {
  const word = api.server.capabilities.ownerWord
  const [, selector, value] = wanted.match(/^(id|name):(.*)$/s) ?? [null, null, wanted]
  if (value!.trim() === '') throw usageError(`"${wanted}" names no ${word}`, `give a name, id:N or name:X`)

  const users = await api.users.list()
  const fits = users.filter(
    ({id, name}) =>
      (selector !== 'name' && id === value && /^\d+$/.test(value)) || (selector !== 'id' && name === value),
  )
  if (fits.length === 1) return fits[0]!
  if (fits.length > 1) {
    throw new HeadscaleError('ambiguous', `"${wanted}" fits several ${word}s: ${fits.map(describe).join(', ')}`, {
      hint: `say which: ${fits.map(({id}) => `id:${id}`).join(' or ')}`,
      details: {candidates: fits.map(({id, name}) => ({id, name}))},
    })
  }
  throw new HeadscaleError('not-found', `${word} "${wanted}" does not exist`, {
    hint: `see: headscale-ts ${word}s list; or create it: headscale-ts ${word}s create ${selector === 'id' ? 'NAME' : value}`,
  })
}

function describe({id, name}: User): string {
  return `${name} (id ${id})`
}
