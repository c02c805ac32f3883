/**
 * The published JSON of `setup check` and `upgrade plan`, as zod: the one source of the types of the documents and of the JSON
 * Schema that the build creates. Load it to make schemas; to print a document, its type is enough.
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

const place = {
  file: z.string().describe('As on the command line or in the configuration.'),
  line: z.int().positive(),
  column: z.int().positive(),
}

const upgradeStep = z.strictObject({
  release: z.string().describe('The release to install, with its patch number.'),
  from: z.string().describe('The release before it.'),
  testedFrom: z
    .string()
    .nullable()
    .describe('The release from which the tests of headscale-ts upgrade to this one; null if they do not.'),
  released: z.boolean().describe('Whether a release of this line was known.'),
  minimumClient: z.string().nullable().describe('The oldest version of Tailscale that can connect; null for any.'),
  keys: z
    .array(
      z.strictObject({
        action: z.enum(['rename', 'delete', 'add']),
        key: z.string(),
        to: z.string().nullable().describe('The new name; null unless the key is renamed.'),
        value: z.string().nullable().describe('The value of an added key; null otherwise.'),
      }),
    )
    .describe('Keys of config.yaml that change. --write writes the file.'),
  policy: z
    .array(z.strictObject({...place, name: z.string(), to: z.string()}))
    .describe('Names of users that change in the policy. --write writes the file.'),
  problems: z
    .array(
      z.strictObject({
        code: z.string().describe('A stable identifier of the kind of problem, listed in the documentation.'),
        file: place.file.nullable().describe('Null for a problem that is in no file.'),
        line: place.line.nullable(),
        column: place.column.nullable(),
        message: z.string(),
        reason: z.string(),
        fix: z.string(),
      }),
    )
    .describe('What must be done before this step.'),
  changes: z.array(z.string()).describe('What else changes with this release, one sentence each.'),
  commands: z.array(z.string()).describe('The lines to type, as root, in a POSIX shell.'),
})

/** What `upgrade plan` prints. */
export const upgradePlan = z
  .strictObject({
    from: z.string().describe('The release that is upgraded; the older one where a server can be of two.'),
    to: z.string().describe('The last release to install.'),
    file: z.string().describe('The config file as on the command line.'),
    ready: z.boolean().describe('Whether nothing must be done first. If false, the exit code is 1.'),
    minimumClient: z.string().nullable().describe('Of the last step.'),
    clients: z.strictObject({
      unknown: z.string().nullable().describe('Why no version of a client is known; null if some are.'),
      command: z.string().nullable().describe('A line that lists them; null if there is none, or they are known.'),
    }),
    steps: z.array(upgradeStep).describe('In order; empty if the release is there already.'),
    restore: z.array(z.string()).describe('Lines that go back by one step, with ARCHIVE as its backup.'),
  })
  .meta({id: 'UpgradePlan', description: 'The steps from one headscale release to a later one.'})

/** By the name of the file the build makes. */
export const SETUP_SCHEMAS = {'setup-check': configCheck, 'upgrade-plan': upgradePlan}

export type UpgradePlanDocument = z.infer<typeof upgradePlan>

export type ConfigCheckDocument = z.infer<typeof configCheck>
