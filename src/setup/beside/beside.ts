/**
 * Files beside config.yaml that decide whether a set-up works: a proxy, a unit, a compose file, a tunnel.
 *
 * What a file is follows from its content. Only faults that stop clients or lose data are reported, as far as the file
 * itself shows them.
 */
import {usageError} from '../../errors.ts'
import {readSource} from '../../derp/read/read.ts'
import {SyntaxProblem, lookUp} from '../../syntax/tree.ts'
import {checkCompose, isCompose} from './compose.ts'
import {checkNginx, isNginx} from './nginx.ts'
import {checkUnit, isUnit} from './unit.ts'
import type {Context} from '../check/context.ts'
import type {Tree} from '../../syntax/tree.ts'

/** A file that was read. */
export interface BesideFile {
  name: string
  text: string
}

/** @throws HeadscaleError for a file that cannot be read */
export async function readBeside(files: readonly string[], cwd: string): Promise<BesideFile[]> {
  return Promise.all(files.map((file) => readSource(file, {cwd})))
}

/** @throws a usage error for a file of no known kind */
export async function checkBeside(context: Context, {name, text}: BesideFile): Promise<void> {
  if (isUnit(text)) return checkUnit(context, text, name)
  if (isNginx(text)) return checkNginx(context, text, name)
  // Caddy passes upgrades on by itself.
  if (/^\s*reverse_proxy\s/m.test(text)) return
  const root = await yamlOf(text, name)
  if (root !== null && isCompose(root)) return checkCompose(context, root)
  const ingress = root === null ? null : lookUp(root, 'ingress')
  if (ingress !== null) return checkTunnel(context, ingress)
  throw usageError(
    `${name} is no file that --with knows`,
    'give an nginx or Caddy configuration, a systemd unit, a compose file, or the config.yml of cloudflared',
  )
}

/** A Cloudflare tunnel drops the upgrade of a POST request, whatever its settings. */
function checkTunnel(context: Context, {place}: Tree): void {
  context.error(
    'cloudflare-tunnel',
    'ingress',
    [
      'A Cloudflare tunnel is in front of headscale',
      'It does not pass on the upgrade of a POST request, so clients cannot connect',
      'Open a port for headscale, or use a proxy on a machine of your own',
    ],
    place,
  )
}

async function yamlOf(text: string, name: string): Promise<Tree | null> {
  try {
    const {parseYamlTree} = await import('../../syntax/yaml.ts')
    return parseYamlTree(text, name).root
  } catch (error) {
    if (error instanceof SyntaxProblem) return null
    throw error
  }
}
