/** A node that hosts appointments: `npx tsx main.ts`. It runs a broker of its own unless PARLEY_NATS_URL names one. */
import { join } from 'node:path'
import { defineConversation, getNatsServer, loadConfig, openLog, runNatsServer, startNode } from 'parley'
import { z } from 'zod'
import { appointment } from './appointment.ts'
import { farSides } from './far-sides.ts'

const told = { id: z.string().min(1), at: z.iso.datetime(), phone: z.string().min(1) }
const booked = { appointment: z.string(), start: z.string(), language: z.string() }
const events = z.discriminatedUnion('type', [
  z.object({ type: z.literal('appointment.booked'), ...told, ...booked }),
  z.object({ type: z.literal('appointment.calledOff'), ...told }),
  z.object({ type: z.literal('text.received'), ...told, text: z.string() }),
])

const appointments = defineConversation(appointment, {
  events,
  asks: { confirmAppointment: { input: ({ context }) => ({ appointment: context.appointment }) } },
  adapters: farSides(process.env.FAR_SIDES_URL ?? 'http://127.0.0.1:8080'),
  keyOf: ({ phone }) => String(phone),
})

const config = loadConfig({ env: process.env, cwd: process.cwd() })
const broker = config.nats.url
  ? undefined
  : await runNatsServer({ bin: (await getNatsServer()).bin, dataDir: join(config.dataDir, 'broker') })
const node = await startNode({
  config,
  natsUrls: config.nats.url ?? [broker!.url],
  log: openLog(config.logLevel),
  hosted: [appointments],
})
process.stdout.write(`Gateway ${node.url}\n`)
process.once('SIGTERM', async () => {
  await node.stop()
  await broker?.stop()
})
