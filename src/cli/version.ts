/** The version of this program, written in by the build; run from its sources it is the one of package.json. */
declare const HEADSCALE_TS_VERSION: string | undefined

export const VERSION: string = typeof HEADSCALE_TS_VERSION === 'string' ? HEADSCALE_TS_VERSION : 'source'
