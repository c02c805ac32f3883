/**
 * The published JSON of `derp cert` and `derp pin`, as zod: one source for the types of the documents and for the JSON
 * Schema that the build writes. Documents import only the types; zod is never loaded to print something.
 */
import * as z from 'zod'

const time = (description: string) => z.string().meta({format: 'date-time', description: `${description} UTC.`})
const pin = z
  .string()
  .regex(/^sha256-raw:[0-9a-f]{64}$/)
  .describe('Value for certname in a DERP map.')

/** Fields that describe a certificate. */
export const certificateFields = {
  pin,
  subject: z.string().describe('Distinguished name of the subject.'),
  altNames: z.string().describe('Subject alternative names; empty if there are none.'),
  notBefore: time('Start of the validity.'),
  notAfter: time('End of the validity.'),
  certificates: z
    .int()
    .positive()
    .describe(
      'Number of certificates in the chain, with the leaf. Clients accept a pin only for a single certificate.',
    ),
}

/** What `derp pin` prints. */
export const foundPin = z
  .strictObject(certificateFields)
  .meta({id: 'DerpPin', description: "The pin of a relay's certificate."})

/** What `derp cert` prints. */
export const createdCertificate = z
  .strictObject({
    host: z.string().describe('Host of the certificate, for -hostname of derper.'),
    certificateFile: z.string().describe('File of the certificate.'),
    keyFile: z.string().describe('File of the private key.'),
    pin,
    notBefore: time('Start of the validity.'),
    notAfter: time('End of the validity.'),
  })
  .meta({id: 'DerpCertificate', description: 'A certificate that was created; its key is only in its file.'})

/** By the name of the file the build writes. */
export const DERP_CERT_SCHEMAS = {'derp-pin': foundPin, 'derp-cert': createdCertificate}

export type PinDocument = z.infer<typeof foundPin>
export type CertificateDocument = z.infer<typeof createdCertificate>
