/** The working folder. If it was removed, $PWD is used, so that files in it are reported as missing. */
export function workingFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  try {
    return process.cwd()
  } catch {
    return env.PWD?.startsWith('/') ? env.PWD : '/'
  }
}
