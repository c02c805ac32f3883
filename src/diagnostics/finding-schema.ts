/** The published JSON of a finding, as zod. Load it to make schemas; to print a finding, its type is enough. */
import * as z from 'zod'

export const finding = z
  .strictObject({
    severity: z.enum(['error', 'warning']),
    code: z.string().describe('A stable identifier of the kind of problem, listed in the documentation.'),
    file: z.string().describe('As named on the command line or in the configuration; a URL without its password.'),
    line: z.int().positive(),
    column: z.int().positive(),
    path: z.string().describe('Position in the document: regions.900.nodes[0].derpport; empty for the whole file.'),
    message: z.string().describe('The problem.'),
    reason: z.string().describe('What headscale or the clients do with it.'),
    fix: z.string().describe('What to write instead.'),
    fixable: z.boolean().describe('Whether --fix can fix it.'),
  })
  .meta({id: 'Finding'})

export type FindingDocument = z.infer<typeof finding>
