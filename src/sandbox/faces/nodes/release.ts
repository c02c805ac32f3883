/**
 * What differs between 0.28 and 0.29, stated once. 0.28 stands for 0.28.0, 0.29 for 0.29.2.
 * Handlers ask for a fact, never for a number.
 */
export interface NodesRelease {
  release: '0.28' | '0.29'
  /** What `/version` says. */
  version: string
  /** AuthRegister, AuthApprove, AuthReject, CheckPolicy and disable_expiry: since 0.29. */
  hasAuthAndChecks: boolean
  /** What stands before the 24 characters of a registration key. */
  keyPrefix: '' | 'hskey-authreq-'
  /** Routes of a debug registration reach the node; in 0.29 they are echoed and lost. */
  keepsDebugRoutes: boolean
  /** Tagging leaves the user on the node, as the one who made it; 0.29 takes it away. */
  tagsKeepUser: boolean
  /** Only connected nodes serve routes: since 0.29. */
  servesOnlineOnly: boolean
  /** Deleting any user deletes the pre-auth keys of everybody: 0.28.0 alone. */
  deletesAllPreAuthKeys: boolean
  /** What stands before "creating user: …" when creating one fails. */
  createUserContext: string
  spacesInTag: string
}

export const RELEASES: Record<NodesRelease['release'], NodesRelease> = {
  '0.28': {
    release: '0.28',
    version: 'v0.28.0',
    hasAuthAndChecks: false,
    keyPrefix: '',
    keepsDebugRoutes: true,
    tagsKeepUser: true,
    servesOnlineOnly: false,
    deletesAllPreAuthKeys: true,
    createUserContext: 'failed to create user',
    spacesInTag: 'tag should not contains space',
  },
  '0.29': {
    release: '0.29',
    version: 'v0.29.2',
    hasAuthAndChecks: true,
    keyPrefix: 'hskey-authreq-',
    keepsDebugRoutes: false,
    tagsKeepUser: false,
    servesOnlineOnly: true,
    deletesAllPreAuthKeys: false,
    createUserContext: 'creating user',
    spacesInTag: 'tags must not contain spaces',
  },
}
