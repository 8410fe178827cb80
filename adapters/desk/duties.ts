/**
 * What falls due at the desk by itself: the 15 seconds of a transfer, the automatic agent's acts, new estimates.
 * Speaks to the clock and the journal. A duty is worked out anew from the floor after every entry and after a restart, so
 * nothing is remembered but the floor; when it fires, it decides on the floor as it is then.
 */
import type { Clock } from '../clock.ts'
import type { Draft, Entry, Task } from './entries.ts'
import type { Floor } from './floor.ts'
import type { Journal } from './journal.ts'
import { closeTask } from './task-acts.ts'

/** One thing that is due for a task at a moment. `decide` gives the act, or nothing when it has become pointless. */
export interface Duty {
  name: string
  dueMs: number
  decide(floor: Floor, task: Task, at: string): Draft | undefined
}

/** Works out what is due for a task, seen at a moment. Pure. */
export type DutiesOf = (floor: Floor, task: Task, at: string) => Duty[]

export interface DutyRoster {
  /** Works out everything anew: at the start, and when a setting changed. */
  refresh(): void
  stop(): void
}

/** TR4: a task in transfer that is not created again within 15 s is closed (flows.md 2.6). */
export const transferDuty: DutiesOf = (_floor, task) =>
  task.state !== 'TRANSFERRED'
    ? []
    : [
        {
          name: 'transferTimeout',
          dueMs: Date.parse(task.history.at(-1)?.time ?? task.lastUpdatedTime) + transfer_wait_ms,
          decide: (_now, current, at) =>
            current.state === 'TRANSFERRED' ? closeTask(current, 'CD_TASK_TRANSFER_TIMEOUT', [], at) : undefined,
        },
      ]

/**
 * Keeps one timer per task and duty. `everyone` says when one task's change concerns all that wait (estimates do);
 * `onDone` runs after an act that a duty decided is stored.
 */
export function openDutyRoster(means: {
  journal: Journal
  clock: Clock
  dutiesOf: DutiesOf
  everyone: () => boolean
  onDone: () => void
}): DutyRoster {
  const { journal, clock, dutiesOf, everyone, onDone } = means
  const timers = new Map<string, Map<string, { dueMs: number; cancel: () => void }>>()
  let stopped = false

  const arm = (taskId: string, duty: Duty, delayMs = Math.max(0, duty.dueMs - clock.now())) => {
    const armed = timers.get(taskId) ?? new Map()
    timers.set(taskId, armed)
    armed.set(duty.name, { dueMs: duty.dueMs, cancel: clock.after(delayMs, () => fire(taskId, duty)) })
  }

  const fire = (taskId: string, duty: Duty) => {
    timers.get(taskId)?.delete(duty.name)
    journal
      .write((floor, at) => {
        const task = floor.tasks.get(taskId)
        const entry = task && duty.decide(floor, task, at)
        return entry ? { entry, result: true } : { result: false }
      })
      .then((done) => {
        if (done) onDone()
      })
      .catch(() => {
        // The broker is away; the duty stays.
        if (!stopped && !timers.get(taskId)?.has(duty.name)) arm(taskId, duty, retry_ms)
      })
  }

  const reconcile = (taskId: string) => {
    const task = journal.floor.tasks.get(taskId)
    const duties = task && !stopped ? dutiesOf(journal.floor, task, new Date(clock.now()).toISOString()) : []
    const armed = timers.get(taskId)
    for (const [name, timer] of armed ?? []) {
      if (duties.some((duty) => duty.name === name && duty.dueMs === timer.dueMs)) continue
      timer.cancel()
      armed?.delete(name)
    }
    for (const duty of duties) if (!timers.get(taskId)?.has(duty.name)) arm(taskId, duty)
    if (timers.get(taskId)?.size === 0) timers.delete(taskId)
  }

  const refresh = () => {
    for (const task of journal.floor.tasks.values()) if (task.state !== 'CLOSED') reconcile(task.taskId)
  }

  const taskOf = (entry: Entry): string | undefined => {
    if ('task' in entry.data) return entry.data.task.taskId
    if (entry.type === 'agentSaid') return entry.data.taskId
    return entry.type === 'messageAppended'
      ? journal.floor.taskOfConversation.get(entry.data.conversationId)
      : undefined
  }

  journal.onEntry((entry) => {
    if (concernsAll.has(entry.type)) refresh()
    const taskId = taskOf(entry)
    if (taskId === undefined) return
    reconcile(taskId)
    if ('task' in entry.data && everyone()) for (const waiting of journal.floor.waiting) reconcile(waiting)
  })

  return {
    refresh,
    stop() {
      stopped = true
      for (const armed of timers.values()) for (const { cancel } of armed.values()) cancel()
      timers.clear()
    },
  }
}

/** Who works here and how they work changes what is due for everyone. */
const concernsAll = new Set<Entry['type']>(['agentChanged', 'agentRemoved', 'queueSet', 'mediaSet'])
const transfer_wait_ms = 15_000
const retry_ms = 1_000
