/**
 * The published JSON of `setup check`, as zod: the one source of the type of the document and of the JSON Schema that the
 * build creates. Load it to make schemas; to print a document, its type is enough.
 */
import * as z from 'zod'
import {finding} from '../diagnostics/finding-schema.ts'

const count = (description: string) => z.int().nonnegative().describe(description)

/** What `setup check` prints. */
export const configCheck = z
  .strictObject({
    release: z.string().describe('The headscale release whose rules were applied.'),
    file: z.string().describe('The file as on the command line.'),
    errors: count('Number of errors. With one or more, the exit code is 6.'),
    warnings: count('Number of warnings. With --strict and one or more, the exit code is 6.'),
    findings: z.array(finding).describe('Findings by file and position.'),
  })
  .meta({id: 'ConfigCheck', description: "Problems of headscale's config file."})

/** By the name of the file the build makes. */
export const SETUP_SCHEMAS = {'setup-check': configCheck}

export type ConfigCheckDocument = z.infer<typeof configCheck>
