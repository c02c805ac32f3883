/** The published JSON of an event of a node. */
import {describeEvent, type NodeEvent} from '../../domain/events.ts'
import {formatTime} from '../../domain/values/time.ts'
import {nodeDocument} from './node.ts'
import type {NodeEventDocument} from './schemas.ts'

/** @param at when the event was noticed */
export function nodeEventDocument(event: NodeEvent, at: Date): NodeEventDocument {
  const {type, node, route, before, after} = event
  return {time: formatTime(at), type, node: nodeDocument(node), route, before, after, summary: describeEvent(event)}
}
