#!/usr/bin/env node
import module from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(
    `error: headscale-ts needs Node 22.22 or later, this is ${process.versions.node}\n` +
      'hint: use a newer Node, or the standalone executable, which needs none\n',
  )
  process.exitCode = 2
} else {
  const load = module.createRequire(import.meta.url)
  load('../dist/npm/compile-cache.cjs').enableCompileCache()
  void load('../dist/npm/main.cjs').main()
}
