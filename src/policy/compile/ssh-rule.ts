/** SSH rules, before and after they are reduced to a node. */
import type {Ssh} from '../policy.ts'
import type {IpSet} from './ip-set.ts'

export interface Action {
  accept?: true
  holdAndDelegate?: string
  /** In nanoseconds. */
  sessionDuration?: number
  allowAgentForwarding?: true
  allowLocalPortForwarding?: true
  allowRemotePortForwarding?: true
}

/** Who may log in by a rule. */
export type Principal = {nodeIP: string} | {userLogin: string} | {any: true}

/** A rule in Tailscale's form. */
export interface SshRule {
  principals: Principal[]
  sshUsers: Record<string, string>
  action: Action
  acceptEnv?: string[]
}

/** An SSH rule, before it is reduced to a node. */
export interface CompiledSsh {
  rule: Ssh
  sources: IpSet
  destinations: IpSet
  /** Whether users reach their own nodes by it, and whether it has other destinations. */
  toSelf: boolean
  hasOthers: boolean
  /** Null for the addresses of the sources. */
  principals: (() => readonly Principal[]) | null
}

/** Whom an SSH rule lets log in. */
export interface LoginNames {
  root: boolean
  /** Every name but root. */
  nonroot: boolean
  names: readonly string[]
  /** The name of a user of the tailnet, by id. */
  localparts: ReadonlyMap<string, string>
  isCheck: boolean
}
