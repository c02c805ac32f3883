/** The version of this program, set by the build; `source` when run from the sources. */
declare const HEADSCALE_TS_VERSION: string | undefined

export const VERSION: string = typeof HEADSCALE_TS_VERSION === 'string' ? HEADSCALE_TS_VERSION : 'source'
