/**
 * What customers and agents of the load do, from the first word to the end: whole conversations through queue, agent and
 * transfer, with bursts, and with words that meet a close half-way. The choices are the customer's own random numbers.
 */
import type { Clock } from '../../adapters/clock.ts'
import type { TaskState } from '../../adapters/desk/entries.ts'
import type { Customer } from './customer.ts'

const think_ms: [low: number, high: number] = [50, 900]
const again_in_100 = 25
const transfer_in_100 = 25
const waits: TaskState[] = ['CREATED', 'QUEUED']

/** One or two conversations of a customer, to their ends. */
export async function playCustomer(clock: Clock, customer: Customer): Promise<void> {
  await playConversation(clock, customer)
  await bringToEnd(customer)
  if (customer.random.int(1, 100) > again_in_100) return
  await playConversation(clock, customer)
  await bringToEnd(customer)
}

async function playConversation(clock: Clock, customer: Customer): Promise<void> {
  const { random } = customer
  const thinks = () => clock.sleep(random.int(...think_ms))
  const before = customer.menus()
  await customer.says('Hello')
  if (!(await customer.asksForAgent(before))) return
  if (random.int(0, 1) === 1) await customer.says('I am waiting')
  await thinks()
  await withAgent(customer, thinks)
  if (random.int(1, 100) <= transfer_in_100) {
    await customer.agent('transfer', ['ROUTED'])
    await customer.says('Where are you?')
    if (await customer.until(() => waits.includes(customer.task()?.state ?? 'CLOSED'))) {
      await withAgent(customer, thinks)
    }
  }
  await random.pick([
    () => customer.agent('close', ['ROUTED']),
    () => customer.leaves(),
    () => Promise.all([customer.agent('close', ['ROUTED']), customer.says('One more thing')]),
  ])()
}

/** An agent takes the task, and they talk; what is sent at once may arrive in any order. */
async function withAgent(customer: Customer, thinks: () => Promise<void>): Promise<void> {
  await customer.agent('route', waits)
  await customer.says('Good day')
  await customer.agentSays('Let me see.')
  await thinks()
  await Promise.all(['One', 'Two', 'Three'].slice(0, customer.random.int(1, 3)).map((words) => customer.says(words)))
}

const settle_ms_max = 8_000
const tries_max = 8

/** Closes what is open, whoever began it: a task by its agent, a menu by its customer. */
export async function bringToEnd(customer: Customer): Promise<void> {
  for (let tries = 0; customer.isOpen() && tries < tries_max; tries++) {
    const isTaskOpen = () => ['CREATED', 'QUEUED', 'ROUTED'].includes(customer.task()?.state ?? 'CLOSED')
    if (isTaskOpen()) await customer.agent('close', ['CREATED', 'QUEUED', 'ROUTED'])
    else if (!(await customer.until(() => !customer.isOpen() || isTaskOpen(), settle_ms_max))) await customer.leaves()
  }
}
