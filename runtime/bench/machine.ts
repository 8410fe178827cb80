/**
 * The machine the benchmark turns: a contact centre's conversation reduced to what costs time, with a transcript that
 * grows to about 1.7 kB. It shares nothing with the machines of `machines/`: the runtime hosts it as it hosts them.
 * Owned here; the same chart is used to measure other runtimes, so its states and effects stay as they are.
 */
import { assign, setup } from 'xstate'
import { z } from 'zod'
import type { AskRules } from '../../machines/asks.ts'
import { type Definition, define } from '../../machines/definitions.ts'
import type { AnyEffect } from '../../machines/effects.ts'

export const benchEventTypes = [
  'message.inbound',
  'message.outbound',
  'webhook.agentAssigned',
  'webhook.callbackRequested',
  'webhook.callbackAnswered',
  'webhook.closed',
] as const

export const BenchEvent = z.object({
  type: z.enum(benchEventTypes),
  id: z.string(),
  at: z.string(),
  channel: z.string(),
  customerId: z.string(),
  text: z.string().optional(),
  agentId: z.string().optional(),
  body: z.object({ note: z.string(), data: z.string() }).optional(),
})
export type BenchEvent = z.infer<typeof BenchEvent>

interface BenchContext {
  conversationId: string
  channel: string | null
  customerId: string | null
  agentId: string | null
  queue: string | null
  priority: number
  applied: number
  lastEventId: string | null
  openedAt: string | null
  closedAt: string | null
  transcript: { id: string; t: string; at: string; x: string | undefined }[]
}

const transcript_lines_max = 8

const conversation = setup({
  types: { context: {} as BenchContext, events: {} as BenchEvent, input: {} as { actor: string } },
  actions: {
    open: assign(({ event }) => ({
      channel: event.channel,
      customerId: event.customerId,
      queue: 'q1',
      openedAt: event.at,
      closedAt: null,
    })),
    assign: assign(({ event }) => ({ agentId: event.agentId ?? 'agent-1' })),
    close: assign(({ event }) => ({ closedAt: event.at, queue: null })),
    record: assign(({ context, event: { id, type, at, text, body } }) => ({
      applied: context.applied + 1,
      lastEventId: id,
      transcript: [...context.transcript, { id, t: type, at, x: text ?? body?.note }].slice(-transcript_lines_max),
    })),
    /** Tells, as data: the runtime stores them with the turn and carries them out afterwards. */
    effect: ({ context, event }, { name }: { name: string }): AnyEffect[] => [
      { type: name, payload: { id: `${event.id}:${name}`, name, conversationId: context.conversationId } },
    ],
  },
})

const tell = (name: string) => ({ type: 'effect', params: { name } }) as const

const contactCenter = conversation.createMachine({
  id: 'contact-center-v1',
  version: '1',
  context: ({ input }) => ({
    conversationId: input.actor,
    channel: null,
    customerId: null,
    agentId: null,
    queue: null,
    priority: 0,
    applied: 0,
    lastEventId: null,
    openedAt: null,
    closedAt: null,
    transcript: [],
  }),
  initial: 'noConversation',
  states: {
    noConversation: {
      on: {
        'message.inbound': {
          target: 'inQueue',
          actions: ['open', 'record', tell('crm.openTicket'), tell('channel.autoReply')],
        },
      },
    },
    inQueue: {
      on: {
        'message.inbound': { actions: ['record', tell('queue.bump')] },
        'webhook.agentAssigned': {
          target: 'active',
          actions: ['assign', 'record', tell('agent.notify'), tell('channel.send')],
        },
        'webhook.callbackRequested': { target: 'callback', actions: ['record', tell('callback.schedule')] },
      },
    },
    active: {
      on: {
        'message.inbound': { actions: ['record', tell('agent.deliver')] },
        'message.outbound': { actions: ['record', tell('channel.send')] },
        'webhook.closed': {
          target: 'closed',
          actions: ['close', 'record', tell('crm.closeTicket'), tell('survey.send')],
        },
      },
    },
    callback: {
      on: {
        'message.inbound': { actions: ['record', tell('channel.autoReply')] },
        'webhook.callbackAnswered': { target: 'active', actions: ['assign', 'record', tell('agent.notify')] },
      },
    },
    closed: {
      on: { 'message.inbound': { target: 'inQueue', actions: ['open', 'record', tell('crm.openTicket')] } },
    },
  },
})

const noAsks: AskRules = { inputs: {}, withinMs: () => 0, undo: {} }

export const benchDefinition: Definition = define(contactCenter, BenchEvent, noAsks)
