/**
 * An order, which is no conversation of a contact centre: it is placed, its stock is reserved, its payment is waited for, and
 * it ships; or the time for paying runs out, and the stock is let go. A chart of JSON over the names of `setup()`.
 */
import { assign, fromPromise, setup } from 'xstate'

export const payment_ms_max = 15 * 60_000
/** How long money may still come for an order that is off. */
const refund_ms_max = 30 * 86_400_000

interface OrderContext {
  orderId: string
  amount: number
}
type OrderEvent =
  | { type: 'order.placed'; orderId: string; amount: number }
  | { type: 'order.paid'; amount: number }
  | { type: 'order.cancelled' }

/** Carried out by the runtime; here only so that XState knows when it begins and ends. */
const inert = fromPromise<object>(() => new Promise(() => {}))
/** An effect, as data: stored with the turn, carried out afterwards. */
const tell =
  (type: string) =>
  ({ context }: { context: OrderContext }) => [{ type, payload: { orderId: context.orderId } }]

export const order = setup({
  types: { context: {} as OrderContext, events: {} as OrderEvent, input: {} as object },
  actors: { reserveStock: inert },
  actions: {
    remember: assign(({ event }) =>
      event.type === 'order.placed' ? { orderId: event.orderId, amount: event.amount } : {},
    ),
    ship: tell('ship'),
    releaseStock: tell('releaseStock'),
    refund: tell('refund'),
  },
  guards: { isEnough: ({ context, event }) => event.type === 'order.paid' && event.amount >= context.amount },
  delays: { paymentTimeout: payment_ms_max, refundTimeout: refund_ms_max, askTimeout: 65_000 },
}).createMachine({
  id: 'order',
  version: '1',
  options: { maxIterations: 20 },
  context: ({ input }) => ({ ...input, orderId: '', amount: 0 }),
  initial: 'new',
  states: {
    new: { id: 'new', on: { 'order.placed': { target: 'reserving', actions: 'remember' } } },
    reserving: {
      id: 'reserving',
      invoke: { id: 'reserveStock', src: 'reserveStock', onDone: 'awaitingPayment', onError: 'cancelled' },
      after: { askTimeout: 'releasing' },
      on: { 'order.cancelled': 'releasing', 'order.paid': { target: 'releasing', actions: 'refund' } },
    },
    awaitingPayment: {
      id: 'awaitingPayment',
      after: { paymentTimeout: 'releasing' },
      on: { 'order.paid': { guard: 'isEnough', target: 'shipped', actions: 'ship' }, 'order.cancelled': 'releasing' },
    },
    releasing: { id: 'releasing', entry: 'releaseStock', always: 'cancelled' },
    cancelled: { id: 'cancelled', after: { refundTimeout: 'over' }, on: { 'order.paid': { actions: 'refund' } } },
    shipped: { id: 'shipped', type: 'final' },
    over: { id: 'over', type: 'final' },
  },
})

export default order
