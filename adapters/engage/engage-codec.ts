/**
 * Conversations as Engage writes them: one body a node, with the keys of the samples in their order.
 * Keeps: the same bytes for the same payload. Texts need no escaping of ours, JSON's own does (E14).
 */
import type { EffectType, PayloadOf } from '../../machines/effects.ts'
import type { Address, Channel } from '../../machines/events.ts'
import { EffectError } from '../adapter.ts'
import { utcSecond } from '../moment.ts'

export const engageCalls = [
  'searchConversation',
  'createConversation',
  'reopenConversation',
  'closeConversation',
  'addParticipant',
  'removeParticipant',
  'appendConversation',
  'updateConversation',
] as const satisfies readonly EffectType[]
/** The nodes of Engage; effects are called as they are. */
export type EngageCall = (typeof engageCalls)[number]

type Body<Type extends EngageCall> = (payload: PayloadOf<Type>) => object

/** What to post for each call. `searchConversation` throws a terminal `EffectError` for channels it cannot search yet. */
export const engageBodies: { [Type in EngageCall]: Body<Type> } = {
  searchConversation: ({ address }) => search(address),
  createConversation: ({ address, text, at, customerName, customerEmail }) => ({
    channel: channelNames[address.channel],
    direction: 'Inbound',
    customerAddress: address.customer,
    bizAddress: address.asset,
    customerName,
    customerEmail,
    text,
    timestamp: utcSecond(at),
  }),
  reopenConversation: ({ conversationId }) => ({ conversationId }),
  closeConversation: ({ conversationId }) => ({ conversationId }),
  addParticipant: ({ conversationId, agentId }) => ({ conversationId, participantId: agentId }),
  removeParticipant: ({ conversationId, agentId }) => ({ conversationId, participantId: agentId }),
  appendConversation: ({ address, conversationId, direction, text, at }) => ({
    channel: channelNames[address.channel],
    conversationId,
    direction,
    text,
    timestamp: utcSecond(at),
  }),
  updateConversation: ({ conversationId, taskId }) => ({ conversationId, taskId }),
}

const channelNames: Record<Channel, string> = { sms: 'SMS', 'live-chat': 'LiveChat', email: 'Email' }

/** SM1. Live chat also needs its thread and email its subject, which an address does not have. */
function search(address: Address): object {
  if (address.channel !== 'sms') {
    const message = `engage searchConversation: expected an SMS address, found ${address.channel}; bind an sms machine`
    throw new EffectError('terminal', 'refused', message)
  }
  return { channel: 'SMS', businessLongcode: address.asset, customerMobileNumber: address.customer }
}
