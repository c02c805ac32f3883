/**
 * `npm run proto`: writes src/api/gen from proto/*.proto: one message set a file, named for its first release.
 *
 * ts-proto types a repeated field as "list or null" with the options that make replies look like REST (see
 * proto/buf.gen.yaml), which its own encoders do not check for; the generated files are therefore not type-checked.
 */
import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')
const out = join(root, 'src/api/gen')

rmSync(out, {recursive: true, force: true})
execFileSync(join(root, 'node_modules/.bin/buf'), ['generate'], {cwd: join(root, 'proto'), stdio: 'inherit'})
for (const name of readdirSync(out, {recursive: true, encoding: 'utf8'})) {
  if (!name.endsWith('.ts')) continue
  const file = join(out, name)
  writeFileSync(file, `// @ts-nocheck\n${readFileSync(file, 'utf8')}`)
  // proto/headscale_v0_15.proto → src/api/gen/v0_15.ts
  renameSync(file, join(out, name.replace('headscale_', '')))
}
