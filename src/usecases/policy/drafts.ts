/** Drafts of `policy edit`: files of this user with mode 0600, which stay when their policy was not applied. */
import {mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createPrivateFile} from '../../system/new-private-file.ts'
import {type FolderHost, privateFolder, removeOldFiles} from '../../system/private-folder.ts'

const FOLDER = 'drafts'
const NAMES = /^policy-[\w-]+\.hujson$/
const MAX_AGE_MS = 180 * 24 * 60 * 60 * 1000

/** A draft without a policy to begin with: what having none means. */
export const FIRST_POLICY = `// Without a policy every node can reach every other. This one means the same; narrow it down.
{
	"acls": [
		{"action": "accept", "src": ["*"], "dst": ["*:*"]},
	],
}
`

/** Creates a draft, and removes those of more than half a year ago. @returns its path @throws an error of the file system */
export function createDraft(text: string, {now, ...host}: FolderHost & {now: Date}): string {
  const name = `policy-${now.toISOString().replace(/[:.]/g, '-')}.hujson`
  const kept = privateFolder(FOLDER, host, 'state')
  if (kept) removeOldFiles(kept, NAMES, MAX_AGE_MS, now)
  const path = join(kept ?? mkdtempSync(join(tmpdir(), 'headscale-ts-')), name)
  createPrivateFile(path).write(text)
  return path
}
