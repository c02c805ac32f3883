/** A rule in one line, for people: `tcp: group:dev -> tag:web:80,443`. */
import type {Acl, Grant, Located, Policy, Ssh, Text} from '../policy.ts'

/** Names in one place of a rule, before the others are only counted. */
const SHOWN = 6

export interface RuleText {
  /** Position in the document: `acls[0]`. */
  path: string
  file: string
  line: number
  column: number
  text: string
}

/** @param origin an ACL, a grant or an SSH rule of the policy */
export function ruleText(policy: Policy | null, origin: Located): RuleText {
  const {file, line, column} = origin.place
  return {path: origin.path, file, line, column, text: policy === null ? '' : textOf(policy, origin)}
}

function textOf({acls, grants, ssh}: Policy, origin: Located): string {
  const acl = acls.find((rule) => rule === origin)
  if (acl) return aclText(acl)
  const grant = grants.find((rule) => rule === origin)
  if (grant) return grantText(grant)
  const rule = ssh.find((one) => one === origin)
  return rule ? sshText(rule) : ''
}

function aclText({proto, src, dst}: Acl): string {
  return `${proto?.text ? `${proto.text}: ` : ''}${listText(src)} -> ${listText(dst)}`
}

function grantText({src, dst, ip, app, via}: Grant): string {
  const parts = [
    `${listText(src)} -> ${listText(dst)}`,
    ...(ip.length > 0 ? [`ip ${listText(ip)}`] : []),
    ...(app.length > 0 ? [`app ${listText(app)}`] : []),
    ...(via.length > 0 ? [`via ${listText(via)}`] : []),
  ]
  return parts.join('; ')
}

function sshText({action, src, dst, users}: Ssh): string {
  return `${action?.text === 'check' ? 'check: ' : ''}${listText(src)} -> ${listText(dst)} as ${listText(users)}`
}

function listText(list: readonly Text[]): string {
  const texts = list.slice(0, SHOWN).map(({text}) => text)
  return list.length > SHOWN ? `${texts.join(', ')} and ${list.length - SHOWN} more` : texts.join(', ')
}
