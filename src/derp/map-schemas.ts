/**
 * The published JSON of `derp validate`, `derp diff`, `derp show` and `derp render -o json`, as zod: the one source of the
 * types of the documents and of the JSON Schema that the build creates. Documents import the types only; zod is never
 * loaded to print something. The map has tailcfg's names and leaves out zero values, as clients receive it.
 */
import * as z from 'zod'
import {finding} from '../diagnostics/finding-schema.ts'

const count = (description: string) => z.int().nonnegative().describe(description)

/** What `derp validate` prints. */
export const validation = z
  .strictObject({
    release: z.string().describe('The headscale release whose rules were applied.'),
    files: z.array(z.string()).describe('Files as on the command line.'),
    regions: count('Number of regions of all files that headscale uses.'),
    nodes: count('Number of nodes in them.'),
    errors: count('Number of errors. With one or more, the exit code is 6.'),
    warnings: count('Number of warnings. With --strict and one or more, the exit code is 6.'),
    findings: z.array(finding).describe('Findings by file and position.'),
  })
  .meta({id: 'DerpValidation', description: 'Problems of DERP maps.'})

const value = z.union([z.string(), z.number(), z.boolean()]).nullable()

/** What `derp diff` prints. */
export const differences = z
  .array(
    z.strictObject({
      change: z.enum(['added', 'removed', 'changed']),
      path: z.string().describe('A region (900), a node (900/900a), or either followed by a space and a field.'),
      from: value.describe('Old value; null for an addition.'),
      to: value.describe('New value; null for a removal.'),
    }),
  )
  .meta({id: 'DerpDifferences', description: 'Empty when both maps have the same meaning.'})

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
  Nodes: z.array(node).describe('Nodes in order of preference.'),
})

/** What `derp show` and `derp render -o json` print. */
export const derpMap = z
  .strictObject({
    Regions: z
      .record(z.string().regex(/^-?[0-9]+$/), region.nullable())
      .describe('Regions by ID. A null region is sent to clients as null (headscale up to 0.26).'),
  })
  .meta({id: 'DerpMap', description: "A DERP map with tailcfg's field names, without zero values."})

/** By the name of the file the build makes. */
export const DERP_MAP_SCHEMAS = {'derp-validate': validation, 'derp-diff': differences, 'derp-map': derpMap}

export type ValidationDocument = z.infer<typeof validation>
export type DifferencesDocument = z.infer<typeof differences>
export type DerpMapDocument = z.infer<typeof derpMap>
