/**
 * What the customer's steps do at the doors: texts through the handset, lines, form answers, pressed buttons and closed
 * windows through the desk's chat window, and the row that says so; mails are in `mail-acts.ts`. Message ids are made of the customer's identity, which
 * no other play on the stack has: nothing here is random.
 */
import type { Play } from './acts.ts'
import type { CustomerSays } from './customer-steps.ts'
import type { DeviceAct, Received } from './device.ts'
import type { Row } from './effect-row.ts'
import { writesMail } from './mail-acts.ts'
import type { Step } from './scenario.ts'
import { StackError } from './stack.ts'

/** Undefined for a step that is not the customer's. Throws `StackError` when a door refuses it. */
export async function actAsCustomer(play: Play, step: Step): Promise<Row[] | undefined> {
  if (step.customer) return says(play, step.customer)
  if (step.together) {
    const rows: Row[] = []
    for (const { customer } of step.together) rows.push(...(await says(play, customer)))
    return rows
  }
  if (step.form) return [await answersForm(play, step.form)]
  if (step.press !== undefined) return [await presses(play, step.press)]
  if (step.window) return [await movesWindow(play, step.window)]
  if (!step.typing) return undefined
  const { typing } = step
  await by(play, { typing }, () => inWindow(play, 'typing', { typing }))
  return [customer(step.typing === 'start' ? 'starts typing' : 'stops typing')]
}

/** What reached the handset, the chat windows or the mailbox of the play's customer or of `whom`, oldest first. */
export async function received(play: Play, whom = play.customer): Promise<Received[]> {
  const { stack, channel, customer } = play
  const device = stack.devices[channel]
  if (device && whom === customer) return device.shows(play)
  const { name, key } = handsets[channel]
  const query = new URLSearchParams({ [key]: whom })
  const { items } = await stack.desk<{ items: Received[] }>('GET', `/desk/handset/${name}/inbox?${query}`)
  return items
}

/** The desk's devices, and what its inboxes are asked by. */
const handsets = {
  sms: { name: 'sms', key: 'number' },
  'live-chat': { name: 'chat', key: 'user' },
  email: { name: 'mail', key: 'address' },
} as const
const customer = (what: string): Row => ({ who: 'customer', what })
const nextTid = (play: Play, name: string | number = ++play.messages): string => `${play.customer}.${name}`

/** With the device that the customer has in hand, or else as `atDesk` does it with the desk's. */
async function by(play: Play, act: DeviceAct, atDesk: () => Promise<void>): Promise<void> {
  const device = play.stack.devices[play.channel]
  await (device ? device.act(play, act) : atDesk())
}

async function says(play: Play, said: CustomerSays): Promise<Row[]> {
  if (play.channel === 'email') return writesMail(play, said)
  const { says: text, id, keyword, attachments = [], checks } = said
  const { stack, customer: from, asset: to } = play
  const tid = nextTid(play, id)
  if (play.channel === 'live-chat') {
    const files = attachments.map(({ name, type = 'application/octet-stream', bytes = small_bytes }) => {
      return {
        file: `https://files.example.test/${encodeURIComponent(name)}`,
        size: bytes,
        id: name,
        contentType: type,
      }
    })
    if (attachments.length > 0 || checks) refuseForDevice(play, 'files and the provider’s checks')
    await by(play, { customer: text }, () => inWindow(play, 'say', { text, attachments: files, ...checks, tid }))
    const sent = attachments.map(({ name }) => `sends the file ${name}`)
    const written = text === '' && sent.length > 0 ? [] : [text]
    return [customer([...written, ...sent].join('; ')), ...foundBy(checks).map((what) => ({ who: 'provider', what }))]
  }
  if (keyword === undefined) {
    if (id !== undefined) refuseForDevice(play, 'ids of messages')
    const atDesk = () => stack.desk<void>('POST', '/desk/handset/sms/send', { from, to, text, tid })
    await by(play, { customer: text }, atDesk)
    return [customer(text)]
  }
  refuseForDevice(play, 'keywords')
  // The handset has no keywords: they are made by Connect, where one is configured for the number (E4).
  await stack.node('POST', '/v1/inbound/sms', { tid, channel: 'SMS', keyword, message: text, oa: from, da: to })
  return [customer(`${keyword} ${text}`.trim())]
}

/** What only Connect's own body can say. */
function refuseForDevice({ stack, channel }: Play, what: string): void {
  if (stack.devices[channel]) throw new StackError(`${what} come through Connect alone, not over this door`)
}

/** A file of which only the name is told. */
const small_bytes = 2_048

/** The sentences of the provider's checks, each once: `PCI: Failed: …`. */
export function foundBy(checks: CustomerSays['checks']): string[] {
  const sentences = Object.values(checks ?? {}).flatMap((check) =>
    Object.values(check).flatMap((reason) => {
      const { text } = typeof reason === 'object' && reason !== null ? (reason as { text?: string }) : {}
      return text === undefined ? [] : [text]
    }),
  )
  return [...new Set(sentences)]
}

async function answersForm(play: Play, fields: Record<string, string>): Promise<Row> {
  await by(play, { form: fields }, () => inWindow(play, 'form', { fields }))
  // A callback is about this number from now on, in the tasks and faults of the contact centre.
  if (fields.Phone) play.phone = fields.Phone
  const answers = Object.entries(fields).map(([name, answer]) => `${name} ${answer}`)
  return customer(`answers the form: ${answers.join(', ')}`)
}

async function presses(play: Play, title: string): Promise<Row> {
  await by(play, { press: title }, () => pressesAtDesk(play, title))
  return customer(`presses "${title}"`)
}

async function pressesAtDesk(play: Play, title: string): Promise<void> {
  const here = (await received(play)).filter(({ threadId }) => threadId === play.thread)
  const options = here.findLast(({ quickReplies }) => quickReplies)?.quickReplies?.options ?? []
  const option = options.find((one) => one.title === title)
  if (!option) {
    const found = options.map((one) => one.title).join(', ') || 'no question'
    throw new StackError(`expected a button ${JSON.stringify(title)} in the chat window, found ${found}`)
  }
  await inWindow(play, 'press', { identifier: option.identifier })
}

async function movesWindow(play: Play, act: 'closed' | 'opened'): Promise<Row> {
  await by(play, { window: act }, async () => {
    if (act === 'closed') return inWindow(play, 'close', {})
    play.windows += 1
    play.thread = threadOf(play.customer, play.windows)
  })
  return customer(act === 'closed' ? 'closes the chat window' : 'opens a new chat window')
}

/** A closed thread stays closed, so each window of a customer is a thread of its own. */
export const threadOf = (customer: string, window: number): string => `${customer}.window-${window}`

async function inWindow(play: Play, act: string, body: object): Promise<void> {
  const { stack, customer: user, asset: app, thread } = play
  await stack.desk('POST', `/desk/handset/chat/${act}`, { user, app, thread, tid: nextTid(play), ...body })
}
