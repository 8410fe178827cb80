/**
 * restore: a stored record → the same conversation on a machine version of this build, or why it cannot be. A version that
 * this build has is kept; one that it no longer has passes through migrations to the first one that it has. What a
 * migration gives is stored with the conversation's next turn, so that restoring again gives the same (T2, T3).
 * Keeps T8: nothing is reset; whoever calls sets aside what has a reason here.
 */
import { type Definition, definitionOf } from '../../machines/definitions.ts'
import type { Migration, Stored } from '../../machines/migrations.ts'
import { type Loaded, record_format } from '../record.ts'

/** The machine versions that a build can run, and the ways to them from versions of the past. */
export interface Versions {
  definitions: readonly Definition[]
  migrations: readonly Migration[]
}

export type Restored = { loaded: Loaded; definition: Definition } | { reason: string }

/** Pure. `reason` is one sentence without customer text; a snapshot that XState refuses is found out by `decide`. */
export function restore(loaded: Loaded, { definitions, migrations }: Versions): Restored {
  if (!isReadable(loaded)) {
    return { reason: `the record has format ${loaded.record.format}, this build reads ${record_format}` }
  }
  const { machine } = loaded.record
  const own = definitionOf(machine.id, machine.version, definitions)
  if (own) return { loaded, definition: own }
  const chain = chainFrom(machine, { definitions, migrations })
  if (!chain) return { reason: `this build has no machine ${machine.id} version ${machine.version}` }
  return migrated(loaded, chain)
}

/** Whether this build knows what stands in the record; of one that it does not know, nothing may be relied on. */
export const isReadable = ({ record }: Loaded): boolean => record.format === record_format

interface Chain {
  steps: Migration[]
  definition: Definition
}

/** The migrations from a version of the past to the first one that this build has. */
function chainFrom({ id, version }: { id: string; version: string }, versions: Versions): Chain | undefined {
  const steps: Migration[] = []
  let at = version
  while (steps.length <= versions.migrations.length) {
    const definition = definitionOf(id, at, versions.definitions)
    if (definition) return { steps, definition }
    const step = versions.migrations.find(({ machine, from }) => machine === id && from === at)
    if (!step) return undefined
    steps.push(step)
    at = step.to
  }
  return undefined
}

function migrated({ record, revision }: Loaded, { steps, definition }: Chain): Restored {
  let stored: Stored = structuredClone({
    snapshot: record.snapshot as Stored['snapshot'],
    timers: record.timers,
    pending: record.pending,
  })
  for (const { machine, from, to, migrate } of steps) {
    try {
      stored = migrate(stored)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { reason: `the migration of ${machine} from version ${from} to ${to} failed: ${why}` }
    }
  }
  const { id, version, shape } = definition
  return { loaded: { record: { ...record, ...stored, machine: { id, version, shape } }, revision }, definition }
}
