/** Customers who write mails, over SMTP as a mail server hands them over, and read them in the desk's mailbox. */
import { randomUUID } from 'node:crypto'
import nodemailer, { type Transporter } from 'nodemailer'
import { defaultConfig } from '../../runtime/default-config.ts'
import { atRate, type Customer, type LoadMeans, letters, people, wordsOf } from './customer.ts'
import { getJson } from './get-json.ts'

const mailbox = defaultConfig.assets.find(({ channel }) => channel === 'email') as { id: string; address: string }
const gap_ms = 5_000
/** Each story has 3 to 5 mails in one thread. */
const mails_min = 3
const mails_spread = 3
const connections_max = 8

export async function mailCustomers(means: LoadMeans, perSecond: number): Promise<void> {
  const { clock, place } = means
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: place.mailPort,
    pool: true,
    maxConnections: connections_max,
    maxMessages: Number.POSITIVE_INFINITY,
    ignoreTLS: true,
  })
  const next = people(clock, (number) => {
    const person = mailCustomer(means, `load-${letters(number)}@example.test`)
    const left = mails_min + (number % mails_spread)
    return { ...person, number, left, due_ms: 0, said: 0, first: '', writing: Promise.resolve() }
  })
  await atRate(means, perSecond, async () => {
    const person = next(gap_ms)
    const text = wordsOf(person.number, person.said)
    const messageId = `<${randomUUID()}@example.test>`
    const thread = person.said++ === 0 ? {} : { inReplyTo: person.first, references: person.first }
    person.first ||= messageId
    person.writing = person.writing.then(() => write(means, transport, person, { text, messageId, ...thread }))
    await person.writing
  })
  transport.close()
}

function mailCustomer({ customers, place }: LoadMeans, customer: string): Customer {
  const self = {
    address: { channel: 'email' as const, asset: mailbox.id, customer },
    accepted: [],
    forms: 0,
    async seen() {
      const path = `/desk/handset/mail/inbox?address=${encodeURIComponent(customer)}`
      const { items } = await getJson<{ items: { text: string }[] }>(place.deskUrl + path)
      return items.map(({ text }) => text)
    },
  }
  customers.push(self)
  return self
}

interface Mail {
  text: string
  messageId: string
  inReplyTo?: string
  references?: string
}

async function write(
  { clock, latencies, wrong, askedAgain }: LoadMeans,
  transport: Pick<Transporter, 'sendMail'>,
  person: Customer,
  mail: Mail,
): Promise<void> {
  const begin_ms = clock.now()
  for (let attempts = 0; attempts < attempts_max; attempts++) {
    const { customer: from } = person.address
    const failed = await transport
      .sendMail({ from, to: mailbox.address, subject: 'A question', ...mail })
      .then(() => undefined)
      .catch((error: { responseCode?: number }) => error)
    if (!failed) {
      latencies.add('mail, to 250', clock.now() - begin_ms)
      person.accepted.push(mail.text)
      return
    }
    if ((failed.responseCode ?? 0) >= 500) return wrong(`a mail was refused with ${failed.responseCode}`)
    askedAgain()
    await clock.sleep(again_ms)
  }
  wrong(`a mail was not taken in ${attempts_max} attempts`)
}

const again_ms = 500
const attempts_max = 20
