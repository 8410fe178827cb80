/**
 * A start that has patience with its brokers: a cluster that is just starting, or that three nodes ask for ten streams in
 * the same moment, needs longer for an answer than one request may take. What is asked may be asked twice.
 */
import { TimeoutError } from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import { StartError } from './errors.ts'

/** Throws `StartError` when no answer comes within a minute, and at once what is no matter of time: a refusal, a wrong setting. */
export async function untilBrokerAnswers<Answer>(clock: Clock, ask: () => Promise<Answer>): Promise<Answer> {
  const until_ms = clock.now() + patience_ms
  for (;;) {
    try {
      return await ask()
    } catch (cause) {
      if (!isPassing(cause)) throw cause
      if (clock.now() >= until_ms) throw new StartError('E_BROKER_SILENT', silent, cause)
    }
    await clock.sleep(pause_ms)
  }
}

/** No answer, no leader for it yet, or a bucket whose name is taken already but that cannot be opened yet. */
function isPassing(error: unknown): boolean {
  if (error instanceof TimeoutError) return true
  const { code, message } = error as { code?: number; message?: string }
  return code === no_leader_yet || message === 'object store not found'
}

const silent = `JetStream gave no answer: expected the streams to be made or found, heard nothing. Check that most of the brokers run and see one another (nats server report jetstream), then start again`
const patience_ms = 60_000
const pause_ms = 250
/** JetStream's code for a cluster that has not agreed on who leads it. */
const no_leader_yet = 10_008
