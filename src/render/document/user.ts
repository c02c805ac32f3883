/** The published JSON of a user: one shape on all releases, proto-JSON spelling, null for what a release lacks. */
import type {User} from '../../domain/user.ts'
import {documentTime} from '../time.ts'
import type {UserDocument} from './schemas.ts'

export function userDocument(user: User): UserDocument {
  return {
    id: user.id,
    name: user.name,
    createdAt: documentTime(user.createdAt),
    displayName: user.displayName,
    email: user.email,
    providerId: user.providerId,
    provider: user.provider,
    profilePicUrl: user.profilePictureUrl,
  }
}
