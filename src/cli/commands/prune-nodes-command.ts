/** The base of `nodes prune` and `nodes dedupe`. */
import type {Command} from '@oclif/core/command'
import {describeNode, type Node} from '../../domain/node.ts'
import {nodeDocument} from '../../render/document/node.ts'
import {PruneCommand} from './prune-command.ts'

export abstract class PruneNodesCommand<C extends typeof Command, Target extends {node: Node}> extends PruneCommand<
  C,
  Target,
  Node
> {
  protected override readonly consequence = 'A deleted node must be registered again to come back.'

  protected override idOf({node}: Target) {
    return node.id
  }

  protected override describe({node}: Target) {
    return `node ${describeNode(node)}`
  }

  /** The document is the node before its deletion. */
  protected override document(node: Node) {
    return nodeDocument(node)
  }
}
