/**
 * Gives waiting tasks to the people of the desk, and takes open ones from those who logged out. Speaks to the journal and
 * to the clock (for the end of a wrap-up). Everything is decided on the floor inside a write, so that no task is given
 * twice and none is lost between two entries: after a crash the same floor gives the same next step.
 */
import type { Clock } from '../clock.ts'
import { dialled, offerTask, placeCall } from './agent-acts.ts'
import { nextOffer, tasksInHand } from './crew.ts'
import type { Draft } from './entries.ts'
import type { Floor } from './floor.ts'
import type { Journal } from './journal.ts'
import { transferTask } from './task-acts.ts'

export interface Dispatch {
  /** Does what there is to do. Also called after every entry. */
  go(): void
  stop(): void
}

/** `onDone` runs after each step that is stored. */
export function openDispatch(means: { journal: Journal; clock: Clock; onDone: () => void }): Dispatch {
  const { journal, clock, onDone } = means
  let running = false
  /** Something happened while a step was being decided. */
  let again = false
  let stopped = false
  let cancel = () => {}

  const step = () =>
    journal.write((floor, at) => {
      const entry = nextStep(floor, at)
      return entry ? { entry, result: true } : { result: false }
    })

  /** Resolves to when there may be more to do. */
  const run = async (): Promise<number | undefined> => {
    try {
      for (again = true; again && !stopped; ) {
        again = false
        if (!(await step())) continue
        again = true
        onDone()
      }
      return nextWrappedUp(journal.floor, clock.now())
    } catch {
      return clock.now() + retry_ms // the broker is away; what is to do stays
    }
  }

  const go = () => {
    again = true
    if (running || stopped || journal.floor.agents.size === 0) return
    running = true
    void run().then((dueMs) => {
      running = false
      cancel()
      if (dueMs !== undefined && !stopped) cancel = clock.after(dueMs - clock.now(), go)
    })
  }

  journal.onEntry((entry) => {
    if ('task' in entry.data || 'agent' in entry.data || entry.type === 'queueSet') go()
  })
  return {
    go,
    stop() {
      stopped = true
      cancel()
    },
  }
}

function nextStep(floor: Floor, at: string): Draft | undefined {
  for (const agent of floor.agents.values()) {
    if (agent.state !== 'loggedOut') continue
    const open = tasksInHand(floor, agent).at(0)
    if (open?.dial) return dialled(open, 'ended')
    if (open) return transferTask(open, open.scriptSelector, 'CD_TASK_TRANSFERRED_ON_AGENT_LOGOUT', at)
  }
  const offer = nextOffer(floor, at)
  if (!offer) return undefined
  const { task, agent } = offer
  return task.mediaType === 'Web Callback' ? placeCall(task, agent, at) : offerTask(task, agent, at)
}

function nextWrappedUp(floor: Floor, nowMs: number): number | undefined {
  const ends = [...floor.agents.values()].flatMap(({ wrapping }) => wrapping.map(({ until }) => Date.parse(until)))
  const ahead = ends.filter((end) => end > nowMs)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}

const retry_ms = 1_000
