/**
 * The adapter of CCE's Digital Routing service: creates, re-injects and ends tasks (G2: all task operations go here).
 * One call of `perform` is one HTTP request; the same effect makes the same bytes every time.
 */
import type { Effect } from '../../machines/effects.ts'
import { type Adapter, type Call, EffectError } from '../adapter.ts'
import { type FarSide, get, post } from '../http.ts'
import { createTaskAnswer, endTaskAnswer } from './answer.ts'
import { checkTaskAnswer } from './check-task.ts'
import { createTaskBody, endTaskBody } from './task-codec.ts'

const destination = 'digital-routing'
const tasks = '/drapi/v1/tasks'

/** Performs `createTask`, `endTask` and `checkTask` against `farSide`. `Call.trackingId` must be the same on every attempt. */
export function digitalRouting(farSide: FarSide): Adapter {
  return {
    destination,
    performs: ['createTask', 'endTask', 'checkTask'],
    perform: (effect, call) => perform(farSide, effect, call),
  }
}

async function perform(farSide: FarSide, effect: Effect, call: Call): Promise<object> {
  switch (effect.type) {
    case 'createTask': {
      const body = createTaskBody(effect.payload, call.trackingId)
      return createTaskAnswer(await post(destination, farSide, tasks, body, call))
    }
    case 'endTask': {
      const path = `${tasks}/${encodeURIComponent(effect.payload.taskId)}/taskAction`
      return endTaskAnswer(await post(destination, farSide, path, endTaskBody(effect.payload), call))
    }
    case 'checkTask': {
      const path = `${tasks}/${encodeURIComponent(effect.payload.taskId)}`
      const answer = await get(destination, farSide, path, call)
      return checkTaskAnswer(answer, effect.payload.taskId, new Date(farSide.now()).toISOString())
    }
    default: {
      const message = `${destination}: expected createTask, endTask or checkTask, found ${effect.type}; bind it to another adapter`
      throw new EffectError('terminal', 'refused', message)
    }
  }
}
