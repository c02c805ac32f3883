/**
 * A policy as its author wrote it: every text with its place, nothing interpreted. The same for all releases; what a text
 * means on a release is in selector.ts.
 */
import type {Place} from '../syntax/tree.ts'

/** A position in the text, and in the document: `acls[0].dst[1]`. */
export interface Located {
  place: Place
  path: string
}

/** A text in the policy. Null where Go reads a zero value is the empty text. */
export interface Text extends Located {
  text: string
}

export interface Acl extends Located {
  action: Text | null
  proto: Text | null
  src: Text[]
  dst: Text[]
}

/** The name of a capability, and its values as plain JSON. */
export interface Capability extends Text {
  values: unknown[] | null
}

export interface Grant extends Located {
  src: Text[]
  dst: Text[]
  ip: Text[]
  app: Capability[]
  /** Whether "app" exists and is not null, which is not the same as having capabilities. */
  hasApp: boolean
  via: Text[]
}

export interface Ssh extends Located {
  action: Text | null
  src: Text[]
  dst: Text[]
  users: Text[]
  checkPeriod: Text | null
  acceptEnv: Text[]
}

export interface NodeAttr extends Located {
  target: Text[]
  attr: Text[]
  ipPool: Text[]
}

export interface Test extends Located {
  src: Text | null
  proto: Text | null
  accept: Text[]
  deny: Text[]
}

export interface SshTest extends Located {
  src: Text | null
  dst: Text[]
  accept: Text[]
  deny: Text[]
  check: Text[]
}

/** A name with a list: of members, owners or approvers. */
export interface NamedList {
  name: Text
  items: Text[]
}

export interface Policy extends Located {
  /** The text is YAML. */
  isYaml: boolean
  groups: NamedList[]
  hosts: {name: Text; address: Text}[]
  tagOwners: NamedList[]
  acls: Acl[]
  /** Whether the section exists and is not null, which is not the same as having rules. */
  hasAcls: boolean
  grants: Grant[]
  hasGrants: boolean
  ssh: Ssh[]
  routes: NamedList[]
  exitNode: Text[]
  nodeAttrs: NodeAttr[]
  tests: Test[]
  sshTests: SshTest[]
}
