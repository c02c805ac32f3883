/**
 * Questions about access: the policy and the tailnet are those of the server, or files. With both files no server is needed;
 * one that is configured is asked for its release.
 */
import type {ControlApi} from '../../api/control-api.ts'
import {usageError} from '../../errors.ts'
import type {AccessInput, PolicySource} from '../../usecases/policy/access-input.ts'
import {readTextFile} from '../args/text-file.ts'
import type {ConnectionFlagValues} from '../connection.ts'
import {textFlag} from '../flags.ts'
import type {Io} from '../io/io.ts'
import {configuredPolicyRelease} from './policy-release.ts'

export const accessFlags = {
  policy: textFlag({
    description: 'policy file, or - for standard input (default: the policy of the server)',
    helpValue: 'FILE',
  }),
  tailnet: textFlag({
    description: 'users and nodes, a seed of the sandbox (default: those of the server)',
    helpValue: 'FILE',
  }),
  for: textFlag({
    description: 'headscale release, 0.23 to 0.30 (default: that of the server; without one 0.29)',
    helpValue: 'RELEASE',
  }),
}

export interface AccessFlags extends ConnectionFlagValues {
  policy?: string | undefined
  tailnet?: string | undefined
  for?: string | undefined
}

/** @param onServer reads what is not given */
export async function readAccessInput(
  flags: AccessFlags,
  io: Io,
  onServer: (work: (api: ControlApi) => Promise<AccessInput>) => Promise<AccessInput>,
): Promise<AccessInput> {
  const {policy: policyFile, tailnet: tailnetFile, for: release} = flags
  const {compilerOf, offlineInput, serverInput} = await import('../../usecases/policy/access-input.ts')
  if (policyFile === '-' && tailnetFile === '-') throw usageError('standard input can be read once')
  if (release !== undefined) compilerOf(release)
  const policy: PolicySource | null =
    policyFile === undefined
      ? null
      : {text: await readTextFile(policyFile, {keepMark: true}), file: policyFile === '-' ? '<stdin>' : policyFile}
  const tailnet =
    tailnetFile === undefined
      ? null
      : await (await import('../../sandbox/seed/seed-tailnet.ts')).readSeedTailnet(tailnetFile)
  if (policy && tailnet) {
    const rules = release ?? (await configuredPolicyRelease(flags, io, {toCompile: true}))
    return offlineInput({policy, tailnet, release: rules})
  }
  return onServer((api) => serverInput(api, {policy, tailnet, release}))
}
