/**
 * The published JSON of `derp check`, as zod: one source for the types of the documents and for the JSON Schema that the
 * build writes. Documents import only the types; zod is never loaded to print something.
 * Every field is always present; null means unknown or not applicable.
 */
import * as z from 'zod'
import {certificateFields} from '../../cert/schemas.ts'
import {STEPS} from '../result.ts'
import type {VerdictCode} from '../result.ts'
import {VERDICTS} from '../verdict.ts'

const time = (description: string) => z.string().meta({format: 'date-time', description: `${description} UTC.`})
const milliseconds = (description: string) => z.number().nonnegative().describe(description)
const lines = (description: string) => z.array(z.string()).describe(description)

const health = z
  .enum(['ok', 'degraded', 'restricted', 'broken', 'unreachable'])
  .describe('Exit code 0 for ok (also restricted as expected), 7 for unreachable, 6 for the others.')

const verdict = z
  .strictObject({
    code: z.enum(Object.keys(VERDICTS) as VerdictCode[]).describe('Kind of the result, for scripts.'),
    health,
    message: z.string().describe('What was found.'),
    fix: z.string().nullable().describe('What to do; null when there is nothing to do.'),
    expected: z.string().nullable().describe('What clients expect of the certificate; null for other verdicts.'),
    found: z.string().nullable().describe('What the relay presented instead; null for other verdicts.'),
  })
  .meta({id: 'DerpVerdict'})

const path = z.strictObject({
  family: z.enum(['ipv4', 'ipv6']),
  address: z.string(),
  verdict,
  steps: z
    .array(
      z.strictObject({
        name: z.enum(STEPS),
        outcome: z.enum(['ok', 'failed', 'skipped']),
        milliseconds: milliseconds('Duration. For packet and stun: the travel time of the packet.')
          .nullable()
          .describe('Null when skipped.'),
        detail: z.string().nullable().describe('Result or error of the step; null where there is none.'),
      }),
    )
    .describe('All steps, in order.'),
  certificate: z
    .strictObject({
      ...certificateFields,
      protocol: z.string().describe('For example TLSv1.3.'),
      checked: z.boolean().describe('False with InsecureForTests: clients accept any certificate.'),
    })
    .nullable()
    .describe('Certificate of the relay; null when none was received.'),
  serverKey: z
    .string()
    .regex(/^nodekey:[0-9a-f]{64}$/)
    .nullable()
    .describe('Public key of the relay; null when none was received.'),
  mappedAddress: z.string().nullable().describe('Address of this machine that STUN reports; null without an answer.'),
  openToAll: z
    .boolean()
    .nullable()
    .describe('Whether the relay admits unknown clients; null when that was not tested.'),
  notes: lines('Additional information.'),
})

const node = z.strictObject({
  name: z.string(),
  hostName: z.string(),
  derpPort: z.int(),
  stunPort: z.int().nullable().describe('Null when the map disables STUN.'),
  stunOnly: z.boolean(),
  verdict,
  dnsMilliseconds: milliseconds('Duration of the DNS lookup.')
    .nullable()
    .describe('Null when the map has the addresses.'),
  notes: lines('Additional information about the node.'),
  paths: z.array(path).describe('One for each address; empty when none was found.'),
})

const region = z.strictObject({
  regionId: z.int(),
  regionCode: z.string(),
  regionName: z.string(),
  health,
  notes: lines('Additional information about the region.'),
  mesh: z
    .array(z.strictObject({from: z.string(), to: z.string(), forwarded: z.boolean()}))
    .describe('Whether a packet from a client on one node reached a client on another, in both directions.'),
  nodes: z.array(node),
})

/** What `derp check` prints; with `--watch` one per round. */
export const check = z
  .strictObject({
    target: z.string().describe('Target as on the command line, without a password.'),
    startedAt: time('Start of the check.'),
    milliseconds: milliseconds('Duration of the check.'),
    health,
    regions: z.array(region).describe('Regions by ID.'),
  })
  .meta({id: 'DerpCheck', description: 'Result of derp check.'})

/** By the name of the file the build writes. */
export const DERP_CHECK_SCHEMAS = {'derp-check': check}

export type CheckDocument = z.infer<typeof check>
export type RegionDocument = z.infer<typeof region>
export type NodeCheckDocument = z.infer<typeof node>
export type PathDocument = z.infer<typeof path>
export type VerdictDocument = z.infer<typeof verdict>
