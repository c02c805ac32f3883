/** The working folder. One that was removed has no path any more; files in it are then missing, by the path it had. */
export function workingFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  try {
    return process.cwd()
  } catch {
    return env.PWD?.startsWith('/') ? env.PWD : '/'
  }
}
