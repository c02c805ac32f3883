/** A user of the control server; called a namespace up to headscale 0.18. */
export interface User {
  /** Decimal, as text on every release. */
  id: string
  /** The login name. From 0.28 on the server shows a stand-in (e-mail, provider id, id) where it is empty. */
  name: string
  /** Null before 0.24, which knows no profile; empty when not set. */
  displayName: string | null
  email: string | null
  provider: string | null
  providerId: string | null
  profilePictureUrl: string | null
  createdAt: Date | null
}
