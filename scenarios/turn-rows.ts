/**
 * What a step brought about, as rows: timers and webhooks that were heard, calls that went out with what became of them,
 * words to the customer. Made of the turns that the node shows (`GET /v1/conversations/{id}/turns`); pure but for what one
 * play remembers between its steps.
 *
 * Invariant: the same story gives the same rows on every machine. What races has no order of its own here: calls stand
 * where they were asked for, answers show only as what became of a call, a webhook stands under the call that drew it.
 * Ids go by names.
 */
import type { EffectReading, TurnReading } from '../runtime/history.ts'
import { effectRow, type Fields, fields, isAsk, type Names, type Row, trouble } from './effect-row.ts'

/** Gives the rows of the turns that are new since the last time, and of older calls that have come to an end since. */
export type TurnRows = (turns: readonly TurnReading[]) => Row[]

/** One for each play: its conversations count on together. */
export const namesOfPlay = (): Names => ({ conversation: nameGiver('conversation'), task: nameGiver('task') })

/** One for each conversation of the runtime. */
export function turnRows(names: Names): TurnRows {
  const unanswered = new Set<string>()
  let last = 0
  return (read) => {
    const turns = withEvidence(read)
    const outputs = outputsByKey(turns)
    const ended = turns
      .flatMap(({ effects }) => effects)
      .filter((effect) => effect.status !== 'pending' && unanswered.delete(effect.key))
      .filter((effect) => isAsk(effect) || trouble(effect) !== '')
    const fresh = turns.filter(({ revision }) => revision > last)
    last = turns.at(-1)?.revision ?? last
    for (const { key, status } of fresh.flatMap(({ effects }) => effects)) if (status === 'pending') unanswered.add(key)
    return [
      ...ended.map((effect) => effectRow(effect, { output: outputs.get(effect.key), names })),
      ...instantsOf(fresh).flatMap((instant) => instantRows(instant, outputs, names)),
    ]
  }
}

/** `task 1`, `task 2`, in the order in which they are first spoken of. */
function nameGiver(kind: string): (id: string) => string {
  const known: string[] = []
  return (id) => {
    if (!known.includes(id)) known.push(id)
    return `${kind} ${known.indexOf(id) + 1}`
  }
}

/** Turns of one virtual moment: only among these may the order differ from run to run. */
function instantsOf(turns: readonly TurnReading[]): TurnReading[][] {
  const instants: TurnReading[][] = []
  for (const turn of turns) {
    const current = instants.at(-1)
    if (current?.[0]?.at === turn.at) current.push(turn)
    else instants.push([turn])
  }
  return instants
}

function instantRows(turns: readonly TurnReading[], outputs: Map<string, Fields>, names: Names): Row[] {
  const heard: Row[] = []
  const calls: { effect: EffectReading; rows: Row[] }[] = []
  for (const turn of turns) {
    const row = heardRow(turn, names)
    const drawnBy = calls.findLast(({ effect }) => draws(effect, turn))
    if (row) (drawnBy?.rows ?? heard).push(row)
    turn.effects.forEach((effect, index) => {
      const before = turn.effects[index - 1]
      calls.push({ effect, rows: [effectRow(effect, { output: outputs.get(effect.key), before, names })] })
    })
  }
  return [...heard, ...calls.flatMap(({ rows }) => rows)]
}

const drawnWebhooks: Record<string, string[]> = {
  createTask: ['parley.task.created', 'parley.task.queued'],
  endTask: ['parley.task.closed'],
}

/** Whether the webhook follows from this call. */
const draws = ({ key, type, payload }: EffectReading, { event }: TurnReading): boolean =>
  answeredBy(event) === key ||
  (drawnWebhooks[type]?.includes(event.type) === true && fields(payload).taskId === fields(event.data).taskId)

/** The key of the call that was answered with this, as when it was asked how a task stands; else undefined. */
const answeredBy = ({ id }: TurnReading['event']): string | undefined => /^(.*)\.heard$/.exec(id)?.[1]

/**
 * The node writes down what became of calls in the order of turns, so an End Task that is long done may still stand there
 * without an outcome because an earlier call is being retried. The CLOSED that it drew says that it is done.
 */
function withEvidence(turns: readonly TurnReading[]): TurnReading[] {
  const proven = (effect: EffectReading): EffectReading =>
    effect.type === 'endTask' && effect.status === 'pending' && turns.some((turn) => draws(effect, turn))
      ? { ...effect, status: 'done', attempts: 1 }
      : effect
  return turns.map((turn) => ({ ...turn, effects: turn.effects.map(proven) }))
}

/** What was heard, or undefined for what has no row of its own: messages (the step shows them) and answers. */
function heardRow({ event, heard }: TurnReading, names: Names): Row | undefined {
  const data = fields(event.data)
  const note = heard === 'ignored' ? ' (changes nothing)' : ''
  if (event.type === 'parley.timer.due') {
    const name = data.timer?.replace('xstate.after.', '').split('.')[0] ?? ''
    if (name === 'reconcileAfter') return { who: 'timer', what: `nothing was heard of the task${note}` }
    return { who: 'timer', what: `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}${note}` }
  }
  if (event.type === 'parley.effect.failed') return { who: 'Parley', what: `${data.effect} is given up${note}` }
  if (!event.type.startsWith('parley.task.')) return undefined
  const name = event.type.replace('parley.task.', '')
  const details = webhookDetails[name]?.(data) ?? ''
  const who = answeredBy(event) === undefined ? 'webhook' : 'from Routing'
  return { who, what: `${name.toUpperCase()} ${names.task(data.taskId ?? '')}${details}${note}` }
}

const webhookDetails: Record<string, (data: Fields) => string> = {
  queued: (data) => (data.estimatedWaitSeconds === null ? ', no estimate' : `, ${data.estimatedWaitSeconds} s to wait`),
  routed: ({ agentId }) => ` to agent ${agentId}`,
  transferred: ({ agentId, cause }) => ` from agent ${agentId}, ${cause}`,
  closed: ({ disposition }) => `, ${disposition}`,
}

/** What asks were answered, by the key of the call. */
function outputsByKey(turns: readonly TurnReading[]): Map<string, Fields> {
  const answers = turns.filter(({ event }) => event.type === 'parley.ask.answered')
  return new Map(
    answers.map(({ event }) => {
      const { key, output } = event.data as { key: string; output?: object }
      return [key, fields(output)]
    }),
  )
}
