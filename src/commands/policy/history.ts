import * as Args from '@oclif/core/args'
import {ServerCommand} from '../../cli/commands/base-command.ts'
import {findServer} from '../../cli/connection.ts'
import {defaultListView} from '../../cli/output/list-view.ts'
import {formatTime} from '../../domain/values/time.ts'
import type {SavedPoliciesDocument, SavedPolicyDocument} from '../../policy/schemas.ts'
import {SAVED_POLICIES, SHOWN_SAVED_POLICIES} from '../../render/columns/saved-policies.ts'
import {type SavedPolicy, savedPolicies, savedPolicy, serverName} from '../../usecases/policy/saved-policies.ts'

export default class PolicyHistory extends ServerCommand<typeof PolicyHistory> {
  static override summary = 'List the policies that were replaced from this machine, or print one'
  static override description =
    'Lists what policy apply, policy edit and policy rollback have replaced on this server, the last one first; with a ' +
    'number, prints that policy. They are files of this user on this machine, 30 for each server; nothing is sent to the ' +
    'server. What other machines or other commands replace is not among them.'
  static override examples = [
    '<%= config.bin %> policy history',
    '<%= config.bin %> policy history 2 > old.hujson',
    '<%= config.bin %> policy history 1 | <%= config.bin %> policy diff -',
  ]
  static override args = {
    number: Args.integer({description: 'number of the policy to print', min: 1, ignoreStdin: true}),
  }

  protected override async runParsed(): Promise<void> {
    const target = await findServer(this.flags, this.io)
    const isSocket = target.kind === 'socket'
    const server = serverName({
      address: isSocket ? null : target.url.href.replace(/\/$/, ''),
      socketPath: isSocket ? target.path : null,
    })
    const saved = savedPolicies(server, this.io)
    const {number} = this.args
    if (number !== undefined) return this.#printOne(savedPolicy(saved, number, server))
    if (saved.length === 0) this.note(`no policy of ${server} is saved on this machine`)
    await this.print(
      () => defaultListView(SAVED_POLICIES, SHOWN_SAVED_POLICIES, saved, {io: this.io, ownerWord: 'user'}),
      (): SavedPoliciesDocument => saved.map(savedDocument),
    )
  }

  /** A file or a pipe gets the exact text, so that it can be set again. */
  #printOne(saved: SavedPolicy): Promise<void> {
    const lines = saved.text.endsWith('\n') ? saved.text : `${saved.text}\n`
    return this.print(
      () => (this.io.outIsTerminal ? lines : [lines]),
      (): SavedPolicyDocument => ({...savedDocument(saved), policy: saved.text}),
    )
  }
}

function savedDocument({number, savedAt, bytes, sha256, server}: SavedPolicy): SavedPoliciesDocument[number] {
  return {number, savedAt: formatTime(savedAt), bytes, sha256, server}
}
