/** `parley replay ID --machine VERSION`: a recorded history on another version of its machine, up to the first difference. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyStateMachine } from 'xstate'
import { type Definition, define, definitionOf, definitions } from '../../machines/definitions.ts'
import { assetBindings } from '../../runtime/bindings.ts'
import { loadConfig } from '../../runtime/config.ts'
import type { ConversationReading, TurnReading } from '../../runtime/history.ts'
import { type Difference, replay as replayTurns } from '../../runtime/replay.ts'
import { ask } from '../ask.ts'
import { VerbError } from '../cli.ts'

/** Exit 1 when there is a difference, 0 when there is none. Throws `VerbError` when the history cannot be replayed. */
export async function replay(id: string, { machine, json }: { machine: string; json?: boolean }): Promise<void> {
  const path = `/v1/conversations/${encodeURIComponent(id)}`
  const one = await ask<ConversationReading>(path)
  const turns = await ask<TurnReading[]>(`${path}/turns`)
  const definition = await definitionFor(one.machine, machine)
  if (turns[0]?.turn !== 1)
    throw new VerbError(
      `${one.id}: its history begins with turn ${turns[0]?.turn}, those before it are kept no longer; a replay needs all of them`,
    )
  const binding = assetBindings(loadConfig({ env: process.env, cwd: process.cwd() }).assets).bindings(one)
  if (!binding)
    throw new VerbError(
      `no ${one.channel} asset ${one.asset} is configured here; set PARLEY_CONFIG to the node's configuration`,
    )

  const { channel, asset, customer, topic } = one
  const address = { channel, asset, customer, ...(topic === undefined ? {} : { topic }) }
  const difference = replayTurns(definition, { actor: one.id, address, turns }, binding)
  const { id: ran, version } = definition
  const about = `${turns.length} turns on ${ran} version ${version}, with the asset's settings of today`
  const facts = { id: one.id, machine: ran, version, turns: turns.length, difference: difference ?? null }
  const lines = json ? [JSON.stringify(facts, null, 2)] : linesOf(about, difference)
  process.stdout.write(`${lines.join('\n')}\n`)
  if (difference) process.exitCode = 1
}

/** A version of this build, or a module whose default export is a machine. */
async function definitionFor(id: string, wanted: string): Promise<Definition> {
  if (/^[./]/.test(wanted)) return definitionIn(wanted)
  const known = definitions.filter((definition) => definition.id === id).map(({ version }) => version)
  const found = definitionOf(id, wanted)
  if (!found)
    throw new VerbError(
      `--machine: expected a version of ${id} (${known.join(', ')}) or a module such as ./my-machine.ts, found ${wanted}`,
    )
  return found
}

async function definitionIn(file: string): Promise<Definition> {
  const loaded = (await import(pathToFileURL(resolve(file)).href).catch((cause: Error) => {
    throw new VerbError(`--machine: ${file} cannot be loaded: ${cause.message.split('\n')[0]}`)
  })) as { default?: AnyStateMachine }
  if (typeof loaded.default?.transition !== 'function') {
    throw new VerbError(`--machine: expected the default export of ${file} to be an XState machine, found another one`)
  }
  return define(loaded.default)
}

function linesOf(about: string, difference: Difference | undefined): string[] {
  if (!difference) return [`${about}: no difference`]
  const { turn, revision, at, event, what, recorded, replayed } = difference
  const place = `turn ${turn} (revision ${revision}, ${at}, ${event.replace('parley.', '')})`
  return [
    `${about}: the first difference is in ${place}`,
    `  ${what}, recorded  ${written(recorded)}`,
    `  ${what}, replayed  ${written(replayed)}`,
  ]
}

const written = (value: unknown): string =>
  typeof value === 'string' ? value : value === null ? 'nothing' : JSON.stringify(value)
