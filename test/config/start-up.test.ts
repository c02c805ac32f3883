import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import {expect, test} from 'vitest'

test('finding the server loads no library before a file must be parsed', async () => {
  const {metafile} = await build({
    entryPoints: [fileURLToPath(new URL('../../src/config/target.ts', import.meta.url))],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    outdir: 'out',
    write: false,
    metafile: true,
  })
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const used of metafile.outputs[path]?.imports ?? []) if (used.kind === 'import-statement') visit(used.path)
  }
  visit('out/target.js')
  const inputs = [...seen].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}))
  expect(inputs).toContain('src/config/config-file.ts')
  expect(inputs.filter((path) => path.includes('node_modules') || path.endsWith('yaml-reader.ts'))).toEqual([])
  expect(Object.keys(metafile.inputs)).toContain('src/config/yaml-reader.ts')
})
