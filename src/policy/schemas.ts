/**
 * The published JSON of `policy check FILE` and `policy fmt`, as zod: the one source of the types of the documents and of the JSON
 * Schema that the build creates. Only the types are imported to print something.
 */
import * as z from 'zod'
import {finding} from '../diagnostics/finding-schema.ts'

export const policyReport = z
  .strictObject({
    release: z.string().describe('The headscale release whose rules were applied.'),
    file: z.string().describe('As on the command line; <stdin> for -.'),
    errors: z.int().nonnegative().describe('Number of errors. With one or more, the exit code is 6.'),
    warnings: z.int().nonnegative().describe('Number of warnings. With --strict and one or more, the exit code is 6.'),
    findings: z.array(finding).describe('Findings by position.'),
  })
  .meta({id: 'PolicyReport', description: 'Problems of a policy.'})

export const policyFiles = z
  .array(
    z.strictObject({
      file: z.string().describe('As on the command line; <stdin> for -.'),
      formatted: z.boolean().describe('Whether the file was formatted before.'),
      text: z.string().describe('The formatted text.'),
    }),
  )
  .meta({id: 'PolicyFiles', description: 'Policy files in the order of the command line.'})

const port = z.int().min(0).max(65_535)

const filterRule = z.strictObject({
  SrcIPs: z.array(z.string()).describe('Addresses, prefixes, ranges FIRST-LAST, or *.'),
  DstPorts: z
    .array(z.strictObject({IP: z.string(), Ports: z.strictObject({First: port, Last: port})}))
    .optional()
    .describe('Absent in a rule with CapGrant.'),
  IPProto: z.array(z.int()).optional().describe('Numbers of protocols; absent for TCP, UDP and ICMP.'),
  CapGrant: z
    .array(z.strictObject({Dsts: z.array(z.string()), CapMap: z.record(z.string(), z.array(z.unknown()).nullable())}))
    .optional(),
})

const sshRule = z.strictObject({
  principals: z.array(
    z.union([
      z.strictObject({nodeIP: z.string()}),
      z.strictObject({
        userLogin: z.string().describe('The login of a user, of whom every node is meant (up to 0.25).'),
      }),
      z.strictObject({any: z.literal(true).describe('Every node (up to 0.25).')}),
    ]),
  ),
  sshUsers: z.record(z.string(), z.string()),
  action: z.strictObject({
    accept: z.literal(true).optional(),
    holdAndDelegate: z
      .string()
      .optional()
      .describe('Of the action check; $SERVER_URL stands for the URL of the server.'),
    sessionDuration: z.int().optional().describe('Nanoseconds, of the action check up to 0.28.'),
    allowAgentForwarding: z.literal(true).optional(),
    allowLocalPortForwarding: z.literal(true).optional(),
    allowRemotePortForwarding: z.literal(true).optional(),
  }),
  acceptEnv: z.array(z.string()).optional(),
})

export const compiledPolicy = z
  .array(
    z.strictObject({
      node: z.string().describe('Its name, for DNS.'),
      packetFilter: z.array(filterRule).describe('What may reach the node; other connections are denied.'),
      sshPolicy: z.strictObject({rules: z.array(sshRule).describe('The first rule that matches decides.')}),
    }),
  )
  .meta({id: 'CompiledPolicy', description: "What nodes get from a policy, with Tailscale's own names and fields."})

const saved = {
  number: z.int().positive().describe('1 is the one that was saved last.'),
  savedAt: z.iso.datetime().describe('Time when it was replaced.'),
  bytes: z.int().nonnegative(),
  sha256: z.string().describe('Of the text, in hexadecimal digits.'),
  server: z.string().describe('Address or socket of the server.'),
}

export const savedPolicies = z
  .array(z.strictObject(saved))
  .meta({id: 'SavedPolicies', description: 'Policies that were replaced from this machine, the last one first.'})

export const savedPolicy = z
  .strictObject({...saved, policy: z.string().describe('HuJSON, as it was stored.')})
  .meta({id: 'SavedPolicy', description: 'A policy that was replaced from this machine.'})

const accessRows = z.array(
  z.strictObject({
    sources: z.array(z.string()).describe('Nodes, and what is behind them: 10.0.0.0/24 (router).'),
    destinations: z.array(z.string()).describe('The same, and internet (exit).'),
    access: z.array(z.string()).describe('Ports over TCP and UDP, tcp:443, icmp:*, ssh:root; * is every port.'),
  }),
)

export const policyDiff = z
  .strictObject({
    from: z.string().describe('The old policy: a file, <stdin>, or the address or socket of the server.'),
    to: z.string().describe('The new policy.'),
    same: z.boolean().describe('Whether the texts are equal. Otherwise the exit code is 1.'),
    diff: z.string().describe('Unified diff of the texts; empty for equal ones.'),
    access: z
      .strictObject({gained: accessRows, lost: accessRows})
      .nullable()
      .describe('What changes for the nodes of the tailnet. Null where it is not known.'),
  })
  .meta({id: 'PolicyDiff', description: 'The difference of two policies.'})

const rule = z.strictObject({
  path: z.string().describe('Position in the policy: acls[0].'),
  file: z.string().describe('The policy file as on the command line; policy for that of the server.'),
  line: z.int().positive(),
  column: z.int().positive(),
  text: z.string().describe('The rule in one line.'),
})

export const policyExplanation = z
  .strictObject({
    allowed: z.boolean().describe('Whether every connection is allowed. If not, the exit code is 1.'),
    source: z.string().describe('SRC as on the command line.'),
    destination: z.string().describe('DST as on the command line, without the port.'),
    protocol: z.string().describe('tcp, udp, icmp, another name, or a number.'),
    port: z.int().nullable().describe('Null for any port.'),
    sshUser: z.string().nullable().describe('The user to log in as with Tailscale SSH; null for other connections.'),
    release: z.string().describe('The headscale release that compiles the policy.'),
    answers: z
      .array(
        z.strictObject({
          allowed: z.boolean(),
          sources: z.array(z.string()).describe('Nodes, and what is behind them: 10.0.0.9 (router).'),
          destinations: z.array(z.string()),
          rules: z.array(rule).describe('Rules that allow it; none without a policy, and for a node and itself.'),
          reasons: z
            .array(
              z.strictObject({
                code: z.string(),
                message: z.string(),
                rules: z.array(rule.extend({opens: z.string().describe('What the rule allows instead.')})),
              }),
            )
            .describe('Why it is denied.'),
          notes: z.array(z.strictObject({code: z.string(), message: z.string()})),
        }),
      )
      .describe('Nodes for which the answer is the same are together.'),
  })
  .meta({id: 'PolicyExplanation', description: 'Whether SRC can reach DST, and why.'})

export const policyAccess = accessRows.meta({
  id: 'PolicyAccess',
  description: 'Who can reach what: everything in a row holds for each of its sources with each of its destinations.',
})

/** By the name of the file the build makes. */
export const POLICY_SCHEMAS = {
  'policy-report': policyReport,
  'policy-fmt': policyFiles,
  'policy-compile': compiledPolicy,
  'policy-diff': policyDiff,
  'policy-explain': policyExplanation,
  'policy-access': policyAccess,
  'policy-history': savedPolicies,
  'policy-saved': savedPolicy,
}

export type PolicyReportDocument = z.infer<typeof policyReport>
export type PolicyFilesDocument = z.infer<typeof policyFiles>
export type PolicyAccessDocument = z.infer<typeof policyAccess>
export type PolicyExplanationDocument = z.infer<typeof policyExplanation>
export type CompiledPolicyDocument = z.infer<typeof compiledPolicy>
export type SavedPoliciesDocument = z.infer<typeof savedPolicies>
export type SavedPolicyDocument = z.infer<typeof savedPolicy>
export type PolicyDiffDocument = z.infer<typeof policyDiff>
