/** An appointment that is confirmed by text: asked for, answered YES or NO; where nobody answers, a person calls. */
import { assign, fromPromise, setup } from 'xstate'
import { type TextKey, words } from './texts.ts'

export const answer_ms_max = 4 * 3_600_000
const unclear_max = 2

interface Memory {
  appointment: string
  phone: string
  start: string
  language: string
  unclear: number
}
type Heard =
  | { type: 'appointment.booked'; appointment: string; phone: string; start: string; language: string }
  | { type: 'appointment.calledOff' }
  | { type: 'text.received'; text: string }

/** Carried out by the runtime; here only so that XState knows when it begins and ends. */
const inert = fromPromise<object>(() => new Promise(() => {}))
const saidIn = (event: Heard): string => (event.type === 'text.received' ? event.text.trim().toLowerCase() : '')

const say = (text: TextKey) => ({ type: 'say', params: { text } }) as const
const booked = { target: 'awaitingAnswer', reenter: true, actions: ['remember', say('pleaseConfirm')] } as const
const calledOff = { target: 'idle', actions: say('calledOff') } as const
const handedOver = { target: 'idle', actions: ['askPersonToCall', say('weWillCall')] } as const

export const appointment = setup({
  types: { context: {} as Memory, events: {} as Heard, input: {} as object },
  actors: { confirmAppointment: inert },
  actions: {
    remember: assign(({ event }) => {
      if (event.type !== 'appointment.booked') return {}
      const { appointment, phone, start, language } = event
      return { appointment, phone, start, language, unclear: 0 }
    }),
    countUnclear: assign({ unclear: ({ context }) => context.unclear + 1 }),
    say: ({ context }, { text: key }: { text: TextKey }) => [
      { type: 'sendText', payload: { to: context.phone, key, text: words(context.language, key, context.start) } },
    ],
    freeSlot: ({ context }) => [{ type: 'freeSlot', payload: { appointment: context.appointment } }],
    askPersonToCall: ({ context }) => [{ type: 'askPersonToCall', payload: { phone: context.phone } }],
  },
  guards: {
    isYes: ({ event }) => /^(yes|ja)\b/.test(saidIn(event)),
    isNo: ({ event }) => /^(no|nein)\b/.test(saidIn(event)),
    isTooUnclear: ({ context }) => context.unclear >= unclear_max,
  },
  delays: { answerTimeout: answer_ms_max, askTimeout: 65_000 },
}).createMachine({
  id: 'appointment',
  version: '1',
  options: { maxIterations: 20 },
  context: ({ input }) => ({ ...input, appointment: '', phone: '', start: '', language: '', unclear: 0 }),
  initial: 'idle',
  states: {
    idle: { id: 'idle', on: { 'appointment.booked': booked } },
    awaitingAnswer: {
      id: 'awaitingAnswer',
      after: { answerTimeout: handedOver },
      on: {
        'text.received': [
          { guard: 'isYes', target: 'confirming' },
          { guard: 'isNo', target: 'idle', actions: ['freeSlot', say('cancelled')] },
          { guard: 'isTooUnclear', ...handedOver },
          { actions: ['countUnclear', say('notUnderstood')] },
        ],
        'appointment.booked': booked,
        'appointment.calledOff': calledOff,
      },
    },
    confirming: {
      id: 'confirming',
      invoke: {
        id: 'confirmAppointment',
        src: 'confirmAppointment',
        onDone: { target: 'idle', actions: say('confirmed') },
        onError: handedOver,
      },
      after: { askTimeout: handedOver },
      on: { 'appointment.booked': booked, 'appointment.calledOff': calledOff },
    },
  },
})

export default appointment
