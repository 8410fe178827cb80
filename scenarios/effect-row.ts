/**
 * One effect in words: who is spoken to, what is asked for, and what became of it. Pure; ids go by the names it is given.
 */
import { askTypes } from '../machines/effects.ts'
import type { EffectReading } from '../runtime/history.ts'

export interface Row {
  who: string
  what: string
}

/** Names of ids, the same within one play: `conversation 1`, `task 2`. */
export interface Names {
  conversation: (id: string) => string
  task: (id: string) => string
}

export type Fields = Record<string, string | undefined>
export const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})

export const isAsk = ({ type }: EffectReading): boolean => (askTypes as readonly string[]).includes(type)

/** `output` is what an ask was answered; `before` the effect before it in its turn, whose words need no repeating. */
export function effectRow(
  effect: EffectReading,
  { output, before, names }: { output: Fields | undefined; before?: EffectReading | undefined; names: Names },
): Row {
  const payload = fields(effect.payload)
  switch (effect.type) {
    case 'sendMessage':
      return { who: 'to customer', what: payload.text + trouble(effect) }
    case 'appendConversation': {
      const words = before?.type === 'sendMessage' && fields(before.payload).text === payload.text
      const direction = payload.direction?.toLowerCase()
      return { who: 'to Engage', what: `${direction}: ${words ? 'the same' : payload.text}${trouble(effect)}` }
    }
    case 'raiseAlert':
      return { who: 'alert', what: `${payload.code}` }
    default: {
      const who = effect.type === 'createTask' || effect.type === 'endTask' ? 'to Routing' : 'to Engage'
      const call = callText(effect.type, payload, names)
      if (!isAsk(effect)) return { who, what: call + trouble(effect) }
      const given = output?.outcome ?? (output?.conversationId && names.conversation(output.conversationId))
      return { who, what: `${call}: ${outcomeText(effect, given)}` }
    }
  }
}

function callText(type: string, payload: Fields, names: Names): string {
  const task = () => names.task(payload.taskId ?? '')
  const conversation = () => names.conversation(payload.conversationId ?? '')
  switch (type) {
    case 'searchConversation':
      return 'search for a conversation'
    case 'createConversation':
      return 'create a conversation'
    case 'createTask':
      return `create ${task()} for ${payload.scriptSelector}`
    case 'endTask':
      return `end ${task()}, ${payload.disposition}`
    case 'updateConversation':
      return `write ${task()} into ${conversation()}`
    case 'addParticipant':
      return `add agent ${payload.agentId} to ${conversation()}`
    case 'removeParticipant':
      return `remove agent ${payload.agentId} from ${conversation()}`
    case 'closeConversation':
      return `close ${conversation()}`
    case 'reopenConversation':
      return `reopen ${conversation()}`
    default:
      return type
  }
}

function outcomeText({ status, attempts, code }: EffectReading, given = 'done'): string {
  const tries = attempts > 1 ? ` at attempt ${attempts}` : ''
  if (status === 'pending') return 'no answer yet'
  return status === 'failed' ? `given up, ${code}${tries}` : `${given}${tries}`
}

/** Nobody waits for a tell: it is taken for granted, and only what went wrong is said. */
export const trouble = (effect: EffectReading): string =>
  effect.status === 'failed' || effect.attempts > 1 ? ` (${outcomeText(effect)})` : ''
