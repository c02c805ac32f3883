/**
 * The published JSON of `derp cert` and `derp pin`, as zod: one source for the types of the documents and for the JSON
 * Schema that the build writes. Documents import the types alone; zod is never loaded to print something.
 */
import * as z from 'zod'

const time = (description: string) => z.string().meta({format: 'date-time', description: `${description} UTC.`})
const pin = z.string().regex(/^sha256-raw:[0-9a-f]{64}$/)

/** What a document says about a certificate. */
export const certificateFields = {
  pin,
  subject: z.string(),
  altNames: z.string().describe('Subject alternative names; empty if there are none.'),
  notBefore: time('Start of the validity.'),
  notAfter: time('End of the validity.'),
  certificates: z
    .int()
    .positive()
    .describe('How many certificates, including the leaf; a pin works with a single one.'),
}

/** What `derp pin` prints. */
export const foundPin = z
  .strictObject(certificateFields)
  .meta({id: 'DerpPin', description: "The pin of a relay's certificate."})

/** What `derp cert` prints. */
export const createdCertificate = z
  .strictObject({
    host: z.string().describe("derper's -hostname."),
    certificateFile: z.string(),
    keyFile: z.string(),
    pin,
    notBefore: time('Start of the validity.'),
    notAfter: time('End of the validity.'),
  })
  .meta({id: 'DerpCertificate', description: 'A certificate that was created; its key is only in its file.'})

/** By the name of the file the build writes. */
export const DERP_CERT_SCHEMAS = {'derp-pin': foundPin, 'derp-cert': createdCertificate}

export type PinDocument = z.infer<typeof foundPin>
export type CertificateDocument = z.infer<typeof createdCertificate>
