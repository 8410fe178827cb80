/**
 * What Digital Routing's answers mean: the status, and the error code in the body where it says more (CONTRACTS section 5).
 */
import type { Asks, Nothing } from '../../machines/effects.ts'
import { EffectError } from '../adapter.ts'
import type { Answer } from '../http.ts'
import { nestedObject, scalarText } from '../loose-body.ts'
import { agreed, failureOfStatus } from '../status-failure.ts'

/** Task Already Exists: what a repeated create should hear, and so a success (flows.md section 1, decision 6; E25). */
const task_exists = '20200'
/** MEDIA_TYPE_QUEUE_LIMIT_EXCEEDED: the queue of this media type is full, and no webhook will come (E26). */
const queue_full = '20286'

/**
 * 201 created, 200 re-injected, 20200 existed, at whatever status. Throws `EffectError`: 20286 is terminal `queueFull`,
 * any other error code in a 2xx is terminal `refused`, and the rest goes by the status.
 */
export function createTaskAnswer(answer: Answer): Asks['createTask']['output'] {
  const errorCode = errorCodeOf(answer)
  if (errorCode === task_exists) return { how: 'existed' }
  refuseErrorCode('create task', answer, errorCode)
  return { how: answer.status === 200 ? 'reinjected' : 'created' }
}

/** Any 2xx: acknowledged, CLOSED follows by webhook. Throws `EffectError`; 404 is terminal `notFound` (A5). */
export function endTaskAnswer(answer: Answer): Nothing {
  refuseErrorCode('end task', answer, errorCodeOf(answer))
  return {}
}

function refuseErrorCode(call: string, answer: Answer, errorCode: string): void {
  if (errorCode === queue_full) {
    const message = `digital-routing ${call}: expected room in the queue, found it full (${queue_full}); tell the customer`
    throw new EffectError('terminal', 'queueFull', message)
  }
  if (!agreed(answer)) throw failureOfStatus('digital-routing', call, answer)
  if (errorCode === '' || Number(errorCode) < 300) return
  throw new EffectError(
    'terminal',
    'refused',
    `digital-routing ${call}: expected no error code in a ${answer.status}, found one; look for the tracking id in its logs`,
  )
}

const errorCodeOf = (answer: Answer): string => scalarText(nestedObject(answer.body).errorCode)?.trim() ?? ''
