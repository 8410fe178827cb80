/** What can happen to an appointment, for `npx parley paths ./appointment.ts`, and what must hold whatever happens. */
import type { Catalogue, Moment } from 'parley/paths'

const phone = '+14155550123'
const said = (key: string) => (effect: Moment['sent'][number]) => (effect.payload as { key?: string }).key === key

const catalogue: Catalogue = {
  events: {
    'is booked': { type: 'appointment.booked', appointment: 'a7', phone, start: 'Monday, 14:00', language: 'en' },
    'is called off': { type: 'appointment.calledOff' },
    'answers yes': { type: 'text.received', text: 'Yes, please' },
    'answers no': { type: 'text.received', text: 'no' },
    'answers something else': { type: 'text.received', text: 'Who is this?' },
  },
  rests: { idle: 'there is nothing to confirm' },
  ends: ['idle'],
  invariants: {
    'nobody hears that it is confirmed before the calendar agreed': ({ event, effects }) =>
      !effects.some(said('confirmed')) || event.type === 'xstate.done.actor.confirmAppointment',
    'who has an appointment hears that it is called off': ({ before, event, effects }) =>
      event.type !== 'appointment.calledOff' || ['', 'idle'].includes(before) || effects.some(said('calledOff')),
    'a slot is freed by a no and by nothing else': ({ event, effects }) =>
      !effects.some(({ type }) => type === 'freeSlot') || (event as { text?: string }).text === 'no',
  },
}

export default catalogue
