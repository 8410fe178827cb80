/**
 * `parley inspect ID`: streams a conversation to Stately's Inspector, from its first turn and then as it happens. Other
 * programs connect to the WebSocket that it names.
 */
import type { MachineReading } from '../../runtime/chart/drawings.ts'
import type { ConversationReading, TurnReading } from '../../runtime/history.ts'
import { beginning, type Frame, outcomeFrame, turnFrames } from '../../runtime/inspection.ts'
import type { LedgerEntry } from '../../runtime/ledger.ts'
import { ask } from '../ask.ts'
import { VerbError } from '../cli.ts'
import { follow } from '../follow.ts'
import { startInspectorServer } from '../inspector-server.ts'
import { say } from '../print.ts'
import { untilStopped } from '../until-stopped.ts'

export async function inspect(id: string, { port }: { port: string }): Promise<void> {
  const wanted = Number(port)
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new VerbError(`--port: expected a port number, found ${port}`)
  }
  const path = `/v1/conversations/${encodeURIComponent(id)}`
  const one = await ask<ConversationReading>(path)
  const { items } = await ask<{ items: MachineReading[] }>('/v1/machines')
  const machine = items.find((known) => known.id === one.machine && known.version === one.version)
  if (!machine) throw new VerbError(`the node does not know ${one.machine} ${one.version}; ask a node that runs it`)

  const server = await startInspectorServer(wanted)
  server.send([beginning(one.id, one.machine, machine.definition)])
  say(`Inspector   http://127.0.0.1:${server.port}/  (shows stately.ai; needs the internet)`)
  say(`WebSocket   ws://127.0.0.1:${server.port}`)
  say('Ctrl-C stops it.')

  const ending = new AbortController()
  const streaming = stream(one.id, path, server.send, ending.signal)
  await untilStopped(async () => {
    ending.abort()
    await streaming
    await server.stop()
  })
}

/** Every turn once, in order; what a break or a slow start left out is read. */
async function stream(id: string, path: string, send: (frames: Frame[]) => void, signal: AbortSignal): Promise<void> {
  const told = new Map<number, TurnReading>()
  const tell = async (turn: TurnReading) => {
    if (told.has(turn.revision)) return
    told.set(turn.revision, turn)
    const { context } = await ask<ConversationReading>(`${path}/turns/${turn.revision}`)
    send(turnFrames(id, turn, context))
  }
  for await (const { event, data } of follow(`${path}/feed`, signal)) {
    if (event === 'open') for (const turn of await ask<TurnReading[]>(`${path}/turns`)) await tell(turn)
    if (event === 'turn') await tell(data as TurnReading)
    if (event === 'effects') send(outcomesOf(id, data as LedgerEntry, told))
  }
}

function outcomesOf(id: string, { revision, outcomes }: LedgerEntry, told: ReadonlyMap<number, TurnReading>): Frame[] {
  const turn = told.get(revision)
  return outcomes.flatMap(({ index, ...outcome }) => {
    const effect = turn?.effects[index]
    return turn && effect ? [outcomeFrame(id, { ...effect, ...outcome }, turn.at)] : []
  })
}
