/**
 * The published JSON of `derp validate`, `derp diff`, `derp show` and `derp render -o json`, as zod: one source for the
 * types of the documents and for the JSON Schema the build makes. Documents import the types alone; zod is never loaded
 * to print something. The map keeps tailcfg's names and leaves out what is not given, because clients know it so.
 */
import * as z from 'zod'

const count = (description: string) => z.int().nonnegative().describe(description)

const finding = z
  .strictObject({
    severity: z.enum(['error', 'warning']),
    code: z.string().describe('A stable word; docs/derp.md lists them all.'),
    file: z.string().describe('As named on the command line or in the configuration.'),
    line: z.int().positive(),
    column: z.int().positive(),
    path: z.string().describe('Where in the document: regions.900.nodes[0].derpport; empty for the whole file.'),
    message: z.string().describe('What stands there.'),
    reason: z.string().describe('What headscale or the clients do with it.'),
    fix: z.string().describe('What to write instead.'),
    fixable: z.boolean().describe('Whether --fix repairs it.'),
  })
  .meta({id: 'DerpFinding'})

/** What `derp validate` prints. */
export const validation = z
  .strictObject({
    release: z.string().describe('The headscale release whose rules were applied.'),
    files: z.array(z.string()).describe('As named on the command line.'),
    regions: count('Regions in force, over all files.'),
    nodes: count('Nodes in them.'),
    errors: count('With one or more the status is 6.'),
    warnings: count('With --strict, one or more make the status 6.'),
    findings: z.array(finding).describe('By file and place.'),
  })
  .meta({id: 'DerpValidation', description: 'What headscale and its clients would make of DERP maps.'})

const value = z.union([z.string(), z.number(), z.boolean()]).nullable()

/** What `derp diff` prints. */
export const differences = z
  .array(
    z.strictObject({
      change: z.enum(['added', 'removed', 'changed']),
      path: z.string().describe('A region (900), a node (900/900a), or either with a field behind a blank.'),
      from: value.describe('Null for what was added.'),
      to: value.describe('Null for what was removed.'),
    }),
  )
  .meta({id: 'DerpDifferences', description: 'Empty when both maps mean the same.'})

const node = z.strictObject({
  Name: z.string(),
  RegionID: z.int(),
  HostName: z.string(),
  CertName: z.string().optional(),
  IPv4: z.string().optional(),
  IPv6: z.string().optional(),
  STUNPort: z.int().optional(),
  STUNOnly: z.boolean().optional(),
  DERPPort: z.int().optional(),
  InsecureForTests: z.boolean().optional(),
  STUNTestIP: z.string().optional(),
  CanPort80: z.boolean().optional(),
})

const region = z.strictObject({
  RegionID: z.int(),
  RegionCode: z.string(),
  RegionName: z.string(),
  Latitude: z.number().optional(),
  Longitude: z.number().optional(),
  Avoid: z.boolean().optional(),
  NoMeasureNoHome: z.boolean().optional(),
  Nodes: z.array(node).describe('In the order of preference.'),
})

/** What `derp show` and `derp render -o json` print. */
export const derpMap = z
  .strictObject({
    Regions: z
      .record(z.string().regex(/^-?[0-9]+$/), region.nullable())
      .describe('By region id. Null: sent to clients as null (headscale to 0.26).'),
  })
  .meta({id: 'DerpMap', description: "A DERP map under tailcfg's names; zero values are left out."})

/** By the name of the file the build makes. */
export const DERP_MAP_SCHEMAS = {'derp-validate': validation, 'derp-diff': differences, 'derp-map': derpMap}

export type ValidationDocument = z.infer<typeof validation>
export type FindingDocument = z.infer<typeof finding>
export type DifferencesDocument = z.infer<typeof differences>
export type DerpMapDocument = z.infer<typeof derpMap>
