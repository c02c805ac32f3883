/** Preloaded into the npm program: at its end, writes which files and built-in modules it has loaded. */
const {writeFileSync} = require('node:fs')

process.on('exit', () => {
  const builtins = process.moduleLoadList.flatMap(
    (entry) => /^NativeModule (?!internal\/)(\S+)$/.exec(entry)?.[1] ?? [],
  )
  writeFileSync(process.env.REPORT_LOADED, JSON.stringify({files: Object.keys(require.cache), builtins}))
})
