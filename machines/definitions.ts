/**
 * Every machine version this build can run, by id and version, and what a stored record may name of it.
 * A record of a version that is not here cannot be restored and is set aside, never reset (T8).
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { sms } from './sms.ts'

export interface Definition {
  id: string
  version: string
  /** Hash of everything stored records name: states, their kind, timers, asks. Changes only with a new version. */
  shape: string
  machine: AnyStateMachine
}

export const definitions: readonly Definition[] = [define(sms)]

/** The newest version of a machine: what a new conversation starts on. */
export function latestDefinition(id: string): Definition | undefined {
  return definitions.findLast((definition) => definition.id === id)
}

export function definitionOf(id: string, version: string): Definition | undefined {
  return definitions.find((definition) => definition.id === id && definition.version === version)
}

function define(machine: AnyStateMachine): Definition {
  return { id: machine.id, version: machine.version ?? '0', shape: hash(shapeRows(machine).join('\n')), machine }
}

/** One row a state: path, id, kind, timers, asks; sorted. Texts, guards and actions are not part of the shape. */
export function shapeRows(machine: AnyStateMachine): string[] {
  const rows: string[] = []
  const visit = (node: AnyStateNode) => {
    const asks = node.invoke.map(({ id, src }) => `${id}:${String(src)}`)
    const timers = node.after.map(({ eventType }) => eventType)
    rows.push([node.path.join('.'), node.id, node.type, timers.sort().join(','), asks.sort().join(',')].join('|'))
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(machine.root)
  return rows.sort()
}

/** FNV-1a over 64 bits, in hex: enough to notice a change, not a signature. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n)
  return value.toString(16).padStart(16, '0')
}
