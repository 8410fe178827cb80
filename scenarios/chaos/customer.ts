/**
 * One customer of the load and the agent who serves them, as acts: write, answer what is asked, leave; route, say, transfer,
 * close. What they wait for they see at the desk's journal. Every text has a token of its own, so that it can be found.
 */
import type { Clock } from '../../adapters/clock.ts'
import type { Task, TaskState } from '../../adapters/desk/entries.ts'
import type { Random } from '../../runtime/random.ts'
import type { DeskView } from './desk-view.ts'
import type { Doors } from './doors.ts'
import { end_phrase } from './history.ts'
import { formAnswer, windowClosed, writing } from './inbound.ts'
import type { Place } from './place.ts'

export interface Customer {
  place: Place
  random: Random
  says(words: string): Promise<void>
  /** Answers the menu or the form; resolves to whether a task came of it. */
  asksForAgent(menusBefore: number): Promise<boolean>
  /** How many menus and forms have come so far. */
  menus(): number
  /** Ends it in the way of the channel; a mail has none. */
  leaves(): Promise<void>
  task(): Task | undefined
  /** Whether there is something open at the desk. */
  isOpen(): boolean
  /** As long as this customer waits for an answer, unless said. */
  until(isTrue: () => boolean, ms?: number): Promise<boolean>
  /** The agent's act, asked for until the task has left the states in which it makes sense. */
  agent(act: 'route' | 'transfer' | 'close', from: TaskState[]): Promise<void>
  /** Not asked for again: an agent's words have no id. */
  agentSays(words: string): Promise<void>
}

export interface CustomerMeans {
  clock: Clock
  doors: Doors
  view: DeskView
  /** How long a customer waits for an answer. */
  patience_ms: number
}

const act_again_ms = 400
const acts_max = 60

export function customerAt({ clock, doors, view, patience_ms }: CustomerMeans, place: Place, random: Random): Customer {
  let messages = 0
  const now = () => new Date(clock.now()).toISOString()
  const name = () => `${place.number}.${++messages}`
  const task = () => view.task(place)
  const says = (words: string) => {
    const id = name()
    return doors.send(place, `#${id}`, writing(place, `tid-${id}`, `#${id} ${words}`, now()), random)
  }
  const menus = () => view.received(place).filter((text) => asks.test(text)).length
  const isWaiting = () => open.includes(task()?.state ?? 'CLOSED')

  return {
    place,
    random,
    says,
    menus,
    task,
    until: (isTrue, ms = patience_ms) => view.until(isTrue, ms),
    isOpen: () => isWaiting() || !['Closed', undefined].includes(view.conversation(place)?.status),
    async asksForAgent(before) {
      if (place.channel !== 'email') {
        if (!(await view.until(() => menus() > before || isWaiting(), patience_ms))) return false
        const id = `tid-${name()}`
        if (place.channel === 'sms') await doors.send(place, '', writing(place, id, '1', now()), random)
        else await doors.send(place, '', formAnswer(place, id, view.form(place)!, now()), random)
      }
      return view.until(isWaiting, patience_ms)
    },
    async leaves() {
      if (place.channel === 'sms') await says(end_phrase)
      if (place.channel === 'live-chat') {
        await doors.send(place, '', windowClosed(place, `tid-${name()}`, now()), random)
      }
    },
    async agent(act, from) {
      for (let times = 0; times < acts_max; times++) {
        const current = task()
        if (!current || !from.includes(current.state)) return
        await doors.desk(`/desk/tasks/${current.taskId}/${act}`, act === 'route' ? { agentId: '5021' } : {})
        if (await view.until(() => task()?.state !== current.state, act_again_ms)) return
      }
    },
    async agentSays(text) {
      const current = task()
      if (current?.state === 'ROUTED') await doors.desk(`/desk/tasks/${current.taskId}/say`, { text })
    },
  }
}

const open: TaskState[] = ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED']
/** The menu of the SMS asset, and the title of the form. */
const asks = /Reply 1 for|^Before we start/
