/** The published JSON of `setup join`. */
import type {PreAuthKey} from '../../domain/pre-auth-key.ts'
import {preAuthKeyDocument} from './pre-auth-key.ts'
import type {JoinDocument} from './schemas.ts'

/** @param joining `key` is new: it is shown as it is */
export function joinDocument({
  platform,
  serverUrl,
  minimumClient,
  key,
  lines,
  next,
}: Omit<JoinDocument, 'key'> & {key: PreAuthKey | null}): JoinDocument {
  return {platform, serverUrl, minimumClient, key: key && preAuthKeyDocument(key, {secret: true}), lines, next}
}
