/** Writes the JSON Schema of every published document, schema/*.json: draft 2020-12, each file complete in itself. */
import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import * as z from 'zod'
import {DERP_CERT_SCHEMAS} from '../../src/derp/cert/schemas.ts'
import {DERP_CHECK_SCHEMAS} from '../../src/derp/check/output/schemas.ts'
import {DERP_MAP_SCHEMAS} from '../../src/derp/map-schemas.ts'
import {DOCTOR_SCHEMAS} from '../../src/doctor/output/schemas.ts'
import {POLICY_SCHEMAS} from '../../src/policy/schemas.ts'
import {SCHEMAS} from '../../src/render/document/schemas.ts'
import {SETUP_SCHEMAS} from '../../src/setup/schemas.ts'
import {seedSchema} from '../../src/tailnet-file/tailnet-schema.ts'

const root = join(import.meta.dirname, '../..')

/** The files by name, `nodes.json`, with their text. */
export function schemaFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries({
      ...SCHEMAS,
      ...DERP_MAP_SCHEMAS,
      ...DERP_CERT_SCHEMAS,
      ...DERP_CHECK_SCHEMAS,
      ...SETUP_SCHEMAS,
      ...POLICY_SCHEMAS,
      ...DOCTOR_SCHEMAS,
      tailnet: seedSchema,
    }).map(([name, schema]) => [
      `${name}.json`,
      `${JSON.stringify(z.toJSONSchema(schema, {target: 'draft-2020-12'}), null, 2)}\n`,
    ]),
  )
}

/** The folder holds these files and no others. */
export function writeSchemas(): void {
  const folder = join(root, 'schema')
  const files = schemaFiles()
  mkdirSync(folder, {recursive: true})
  for (const name of readdirSync(folder)) if (!(name in files)) rmSync(join(folder, name))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}
