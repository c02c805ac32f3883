/**
 * The published JSON of `doctor`, as zod: the one source of the type of the document and of the JSON Schema that the build
 * creates. Load it to make schemas; to print a document, its type is enough.
 */
import * as z from 'zod'
import {CHECKS} from '../result.ts'
import type {CheckName} from '../result.ts'

const count = (description: string) => z.int().nonnegative().describe(description)

const problem = z.strictObject({
  severity: z.enum(['error', 'warning']),
  code: z.string().describe('A stable identifier of the kind of problem, listed in the documentation.'),
  message: z.string().describe('What was seen.'),
  reason: z.string().describe('Why it matters.'),
  fix: z.string().describe('What to type or to change.'),
})

const check = z.strictObject({
  check: z.enum(Object.keys(CHECKS) as CheckName[]).describe('For scripts. Checks of an address can occur twice.'),
  title: z.string().describe('As in the report.'),
  target: z.string().nullable().describe('The file, path or address that was checked; null for the whole server.'),
  status: z.enum(['ok', 'warning', 'error', 'skipped']),
  seen: z.string().describe('What was seen, or the reason why the check was skipped.'),
  problems: z.array(problem),
})

/** What `doctor` prints. */
export const doctor = z
  .strictObject({
    server: z
      .strictObject({
        releases: z.string().describe('Its possible releases.'),
        version: z.string().nullable().describe('The exact version where the server reports it.'),
        via: z.string().describe('How it was reached.'),
      })
      .nullable()
      .describe('The server that answered; null if none did.'),
    errors: count('Number of checks with an error. With one or more, the exit code is 6.'),
    warnings: count('Number of checks with warnings alone. With --strict and one or more, the exit code is 6.'),
    skipped: count('Number of checks that could not be made from here.'),
    checks: z.array(check).describe('In the order of the report.'),
  })
  .meta({id: 'Doctor', description: 'Result of doctor.'})

/** By the name of the file the build makes. */
export const DOCTOR_SCHEMAS = {doctor}

export type DoctorDocument = z.infer<typeof doctor>
