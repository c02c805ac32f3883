/**
 * The published JSON of `derp check`, `derp cert` and `derp pin`, as zod: one source for the types of the documents and
 * for the JSON Schema the build makes. Documents import the types alone; zod is never loaded to print something.
 * A field is always there; null says that it was not seen or does not apply.
 */
import * as z from 'zod'
import {STEPS} from '../result.ts'
import type {VerdictCode} from '../result.ts'
import {VERDICTS} from '../verdict.ts'

const time = (description: string) => z.string().meta({format: 'date-time', description: `${description} UTC.`})
const milliseconds = (description: string) => z.number().nonnegative().describe(description)
const lines = (description: string) => z.array(z.string()).describe(description)
const pin = z.string().regex(/^sha256-raw:[0-9a-f]{64}$/)

const health = z
  .enum(['ok', 'degraded', 'restricted', 'broken', 'unreachable'])
  .describe('ok and restricted-as-expected alone end with status 0; unreachable with 7, the others with 6.')

const verdict = z
  .strictObject({
    code: z.enum(Object.keys(VERDICTS) as VerdictCode[]).describe('One cause; scripts should look at this.'),
    health,
    message: z.string(),
    fix: z.string().nullable().describe('What to do; null when there is nothing to do.'),
    expected: z
      .string()
      .nullable()
      .describe('What clients demand of the certificate; null when that is not the matter.'),
    found: z.string().nullable().describe('What was presented.'),
  })
  .meta({id: 'DerpVerdict'})

const certificateFields = {
  pin,
  subject: z.string(),
  altNames: z.string().describe('Subject alternative names, empty without any.'),
  notBefore: time('First moment of validity.'),
  notAfter: time('Last moment of validity.'),
  certificates: z.int().positive().describe('How many came, the leaf included; a pin works with one alone.'),
}

const path = z.strictObject({
  family: z.enum(['ipv4', 'ipv6']),
  address: z.string(),
  verdict,
  steps: z
    .array(
      z.strictObject({
        name: z.enum(STEPS),
        outcome: z.enum(['ok', 'failed', 'skipped']),
        milliseconds: milliseconds('Null when skipped. For packet and stun: the way of the packet alone.').nullable(),
        detail: z.string().nullable(),
      }),
    )
    .describe('All of them, in order.'),
  certificate: z
    .strictObject({
      ...certificateFields,
      protocol: z.string().describe('TLSv1.3.'),
      checked: z.boolean().describe('False with InsecureForTests: clients take anything.'),
    })
    .nullable(),
  serverKey: z
    .string()
    .regex(/^nodekey:[0-9a-f]{64}$/)
    .nullable()
    .describe('Public key of the relay.'),
  mappedAddress: z.string().nullable().describe('This machine as STUN sees it.'),
  openToAll: z
    .boolean()
    .nullable()
    .describe('Whether the relay admits a key nobody knows; null when that was not seen.'),
  notes: lines('What deserves a look beside the verdict.'),
})

const node = z.strictObject({
  name: z.string(),
  hostName: z.string(),
  derpPort: z.int(),
  stunPort: z.int().nullable().describe('Null when the map switches STUN off.'),
  stunOnly: z.boolean(),
  verdict,
  dnsMilliseconds: milliseconds('Null when the map gives the addresses.').nullable(),
  notes: lines('Of the node as a whole.'),
  paths: z.array(path).describe('One for each address; empty when none was found.'),
})

const region = z.strictObject({
  regionId: z.int(),
  regionCode: z.string(),
  regionName: z.string(),
  health,
  notes: lines('Of the region as a whole.'),
  mesh: z
    .array(z.strictObject({from: z.string(), to: z.string(), forwarded: z.boolean()}))
    .describe('Whether a packet got from a client on one node to a client on another, both ways.'),
  nodes: z.array(node),
})

/** What `derp check` prints; with `--watch` one for each round. */
export const check = z
  .strictObject({
    target: z.string().describe('As it was named.'),
    startedAt: time('When the check began.'),
    milliseconds: milliseconds('How long it took.'),
    health,
    regions: z.array(region).describe('By id.'),
  })
  .meta({id: 'DerpCheck', description: 'What a check of relays found.'})

/** What `derp pin` prints. */
export const foundPin = z
  .strictObject(certificateFields)
  .meta({id: 'DerpPin', description: "The pin of a relay's certificate."})

/** What `derp cert` prints. */
export const madeCertificate = z
  .strictObject({
    host: z.string().describe("derper's -hostname."),
    certificateFile: z.string(),
    keyFile: z.string(),
    pin,
    notBefore: time('First moment of validity.'),
    notAfter: time('Last moment of validity.'),
  })
  .meta({id: 'DerpCertificate', description: 'A certificate that was made; its key is in its file alone.'})

/** By the name of the file the build makes. */
export const DERP_CHECK_SCHEMAS = {'derp-check': check, 'derp-pin': foundPin, 'derp-cert': madeCertificate}

export type CheckDocument = z.infer<typeof check>
export type RegionDocument = z.infer<typeof region>
export type NodeCheckDocument = z.infer<typeof node>
export type PathDocument = z.infer<typeof path>
export type VerdictDocument = z.infer<typeof verdict>
export type PinDocument = z.infer<typeof foundPin>
export type CertificateDocument = z.infer<typeof madeCertificate>
