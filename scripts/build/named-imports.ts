/**
 * An esbuild plugin: `const {Agent} = await import('undici')` means the same in the bundle as from the sources.
 *
 * esbuild gives a CommonJS package that is imported dynamically into an ES module bundle as a default export alone,
 * where Node gives its names too. So such an import goes through a small module that spells the names out. Which names
 * those are is asked of Node, at build time. ES modules pass untouched.
 */
// @peculiar/x509 does not load without it, and loading a package is how its names are found.
import 'reflect-metadata'
import {build as bundle, type Plugin} from 'esbuild'

const NAMESPACE = 'named-imports'

export const namedImports: Plugin = {
  name: NAMESPACE,
  setup(build) {
    build.onResolve({filter: /^[^./]/}, async ({path, kind, resolveDir, importer, pluginData}) => {
      if (kind !== 'dynamic-import' || path.startsWith('node:') || pluginData === NAMESPACE) return null
      const target = await build.resolve(path, {kind, resolveDir, importer, pluginData: NAMESPACE})
      if (target.errors.length > 0 || !(await isCommonJs(target.path))) return null
      return {path: target.path, namespace: NAMESPACE}
    })
    build.onLoad({filter: /.*/, namespace: NAMESPACE}, async ({path}) => {
      const names = Object.keys((await import(path)) as object)
      const own = names.filter((name) => /^[\w$]+$/.test(name) && name !== 'module.exports')
      return {contents: `export {${own.join(', ')}} from ${JSON.stringify(path)}`, resolveDir: '/', loader: 'js'}
    })
  },
}

async function isCommonJs(file: string): Promise<boolean> {
  const {metafile} = await bundle({entryPoints: [file], metafile: true, write: false, outdir: '/', logLevel: 'silent'})
  return Object.values(metafile.inputs)[0]?.format !== 'esm'
}
