/** What can happen to an order, for `npx parley paths ./examples/order/order.ts`, and what must hold whatever happens. */
import type { Catalogue } from 'parley/paths'

const catalogue: Catalogue = {
  events: {
    'is placed': { type: 'order.placed', orderId: '17', amount: 100 },
    'is paid': { type: 'order.paid', amount: 100 },
    'is paid in part': { type: 'order.paid', amount: 40 },
    'is cancelled': { type: 'order.cancelled' },
  },
  rests: { new: 'nobody has ordered yet' },
  ends: ['new', 'shipped', 'over'],
  invariants: {
    'nothing ships that was paid in part': ({ event, context, effects }) =>
      effects.every(({ type }) => type !== 'ship') ||
      Number((event as { amount?: number }).amount) >= Number(context.amount),
    'nothing ships twice': ({ sent }) => sent.filter(({ type }) => type === 'ship').length <= 1,
    'nothing ships whose stock was let go': ({ sent }) =>
      !(sent.some(({ type }) => type === 'ship') && sent.some(({ type }) => type === 'releaseStock')),
    'money for a cancelled order goes back': ({ state, event, effects }) =>
      !(state === 'cancelled' && event.type === 'order.paid') || effects.some(({ type }) => type === 'refund'),
  },
}

export default catalogue
