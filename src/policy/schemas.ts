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

/** By the name of the file the build makes. */
export const POLICY_SCHEMAS = {'policy-report': policyReport, 'policy-fmt': policyFiles}

export type PolicyReportDocument = z.infer<typeof policyReport>
export type PolicyFilesDocument = z.infer<typeof policyFiles>
