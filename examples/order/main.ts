/**
 * A node that hosts orders. Needs a broker and a warehouse:
 *   PARLEY_NATS_URL=nats://127.0.0.1:4222 WAREHOUSE_URL=http://127.0.0.1:8080 npx tsx examples/order/main.ts
 *   curl -sS localhost:4000/v1/events/order -H 'content-type: application/json' \
 *     -d '{"type":"order.placed","id":"p17","at":"2026-03-02T14:00:00Z","orderId":"17","amount":100}'
 *   curl -sS 'localhost:4000/v1/conversations?asset=order&channel=live-chat&customer=17'
 */
import { defineConversation, loadConfig, openLog, startNode } from 'parley'
import { z } from 'zod'
import { order } from './order.ts'
import { warehouse } from './warehouse.ts'

const told = { id: z.string().min(1), at: z.string(), orderId: z.string().min(1) }
const events = z.discriminatedUnion('type', [
  z.object({ type: z.literal('order.placed'), ...told, amount: z.number().positive() }),
  z.object({ type: z.literal('order.paid'), ...told, amount: z.number().positive() }),
  z.object({ type: z.literal('order.cancelled'), ...told }),
])

export const orders = (warehouseUrl: string) =>
  defineConversation(order, {
    events,
    asks: { reserveStock: { input: ({ event }) => ({ orderId: (event as { orderId?: string }).orderId }) } },
    adapters: [warehouse(warehouseUrl)],
    keyOf: ({ orderId }) => String(orderId),
  })

const { WAREHOUSE_URL: warehouseUrl = 'http://127.0.0.1:8080' } = process.env
const config = loadConfig({ env: process.env, cwd: process.cwd() })
const node = await startNode({
  config,
  natsUrls: config.nats.url ?? ['nats://127.0.0.1:4222'],
  log: openLog(config.logLevel),
  hosted: [orders(warehouseUrl)],
})
process.stdout.write(`Gateway ${node.url}\n`)
process.once('SIGTERM', () => void node.stop())
