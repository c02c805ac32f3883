/** How completion scripts call this program. It is no command: help, the manifest and suggestions do not have it. */
export const COMPLETE = '__complete'
