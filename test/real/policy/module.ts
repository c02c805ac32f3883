/** headscale's module in the module cache of Go: its source, with the cases that its own tests replay. */
import {spawnSync} from 'node:child_process'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {parseHuJson} from '../../../src/syntax/json.ts'

const MODULE = join(import.meta.dirname, '../../servers/headscale-0.29.3')

/** A policy that was given to Tailscale's own control plane, and what that answered. */
export interface RecordedCase {
  /** Folder and name: `acl_results/acl-a01`. */
  id: string
  policy: string
  taken: boolean
  /** The answer to a policy that was not taken. */
  message: string
}

interface Capture {
  input: {full_policy: unknown; api_response_code: number; api_response_body?: {message?: string}}
}

/** The cases of the module; null without Go, or before the module was downloaded. */
export function recordedCases(): RecordedCase[] | null {
  const folder = moduleFolder()
  if (folder === null) return null
  const data = join(folder, 'hscontrol/policy/v2/testdata')
  return readdirSync(data).flatMap((group) =>
    readdirSync(join(data, group))
      .filter((name) => name.endsWith('.hujson'))
      .map((name) => readCase(`${group}/${name.slice(0, -'.hujson'.length)}`, join(data, group, name))),
  )
}

function readCase(id: string, path: string): RecordedCase {
  const text = readFileSync(path, 'utf8')
  // What the nodes received is most of the file, and comes last.
  const {input} = parseHuJson(`${text.slice(0, text.search(/\n\t"captures":/))}}`) as Capture
  const {full_policy: policy, api_response_code: code, api_response_body: body} = input
  return {
    id,
    policy: typeof policy === 'string' ? policy : JSON.stringify(policy),
    taken: code === 200,
    message: body?.message ?? '',
  }
}

function moduleFolder(): string | null {
  const {status, stdout} = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', 'github.com/juanfont/headscale'], {
    cwd: MODULE,
    encoding: 'utf8',
    env: {...process.env, GOFLAGS: '-mod=readonly', GOWORK: 'off'},
  })
  const folder = stdout?.trim() ?? ''
  return status === 0 && existsSync(join(folder, 'hscontrol/policy/v2/testdata')) ? folder : null
}
