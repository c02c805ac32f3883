/** The published JSON of a user: one shape on all releases, proto-JSON spelling, null for what a release lacks. */
import type {User} from '../../domain/user.ts'

export interface UserDocument {
  id: string
  name: string
  createdAt: string | null
  displayName: string | null
  email: string | null
  providerId: string | null
  provider: string | null
  profilePicUrl: string | null
}

export function userDocument(user: User): UserDocument {
  return {
    id: user.id,
    name: user.name,
    createdAt: user.createdAt?.toISOString() ?? null,
    displayName: user.displayName,
    email: user.email,
    providerId: user.providerId,
    provider: user.provider,
    profilePicUrl: user.profilePictureUrl,
  }
}
