/** What can be taken from a conversation: its history as a scenario or as a path, a replay, its machine for Stately. */
import { useState } from 'react'
import type { MachineReading } from '../runtime/chart/drawings.ts'
import type { ConversationReading, TurnReading } from '../runtime/history.ts'
import { pathOf } from '../scenarios/path.ts'
import { CopyButton } from './parts.tsx'
import { Replay } from './replay.tsx'
import { openInStately } from './stately.ts'

export function ConversationActs({
  one,
  turns,
  machines,
  onTurn,
}: {
  one: ConversationReading
  turns: readonly TurnReading[]
  machines: readonly MachineReading[]
  /** Shows the turn at an index. */
  onTurn: (index: number) => void
}) {
  const [isReplaying, setReplaying] = useState(false)
  const versions = machines.filter(({ id }) => id === one.machine)
  const machine = versions.find(({ version }) => version === one.version)
  /** YAML is not small, and few ask for it. */
  const scenario = async () => (await import('../scenarios/recorded.ts')).scenarioOf(one, turns)
  return (
    <>
      <span className="acts">
        <CopyButton label="Copy as scenario" what="a scenario for parley play" text={scenario} />
        <CopyButton
          label="Copy as path"
          what="a path for tests"
          text={() => `${JSON.stringify(pathOf(turns), null, 2)}\n`}
        />
        <button type="button" aria-expanded={isReplaying} onClick={() => setReplaying(!isReplaying)}>
          Replay on version…
        </button>
        {machine && (
          <>
            <CopyButton
              label="Copy for Stately"
              what={`the XState config of ${machine.id} ${machine.version}`}
              text={() => JSON.stringify(machine.definition, null, 2)}
            />
            <button
              type="button"
              title="Opens stately.ai in a window and shows it this conversation"
              onClick={() => openInStately(one, machine.definition, turns)}
            >
              Open in Stately
            </button>
          </>
        )}
      </span>
      {isReplaying && (
        <Replay
          id={one.id}
          own={one.version}
          versions={versions.map(({ version }) => version)}
          onTurn={(revision) => onTurn(turns.findIndex((turn) => turn.revision === revision))}
        />
      )}
    </>
  )
}
