/** Customers who write texts, through the SMS door as Connect posts them, and read them on the desk's handset. */
import { randomUUID } from 'node:crypto'
import { exchange } from '../../adapters/http-exchange.ts'
import { atRate, type Customer, type LoadMeans, people, wordsOf } from './customer.ts'
import { getJson } from './get-json.ts'

const asset = '14155550100'
const gap_ms = 4_000
/** Each story has from 6 to 13 texts: `Hi`, the answer to the menu, and what is said to the agent. */
const texts_min = 6
const texts_spread = 8

export function textCustomers(means: LoadMeans, perSecond: number): Promise<void> {
  const { clock } = means
  const next = people(clock, (number) => {
    const customer = `+1415${String(4_000_000 + number)}`
    const left = texts_min + (number % texts_spread)
    return { ...textCustomer(means, customer), number, left, due_ms: 0, said: 0, writing: Promise.resolve() }
  })
  return atRate(means, perSecond, async () => {
    const person = next(gap_ms)
    const nth = person.said++
    const text = nth === 1 ? '1' : wordsOf(person.number, nth)
    // One after the other, as a phone sends them.
    person.writing = person.writing.then(() => write(means, person, text))
    await person.writing
  })
}

function textCustomer({ customers, place }: LoadMeans, customer: string): Customer {
  const self = {
    address: { channel: 'sms' as const, asset, customer },
    accepted: [],
    forms: 0,
    async seen() {
      const path = `/desk/handset/sms/inbox?number=${encodeURIComponent(customer)}`
      const { items } = await getJson<{ items: { text: string }[] }>(place.deskUrl + path)
      return items.map(({ text }) => text)
    },
  }
  customers.push(self)
  return self
}

async function write(means: LoadMeans, person: Customer, message: string): Promise<void> {
  const { clock, place, latencies, wrong, askedAgain } = means
  const { customer } = person.address
  const begin_ms = clock.now()
  const ts = new Date(begin_ms).toISOString()
  const body = JSON.stringify({ tid: randomUUID(), channel: 'SMS', message, keyword: '', oa: customer, da: asset, ts })
  for (let attempts = 0; attempts < attempts_max; attempts++) {
    const late = new AbortController()
    const cancel = clock.after(answer_ms_max, () => late.abort())
    const url = `${place.url}/v1/inbound/sms`
    const headers = { 'content-type': 'application/json' }
    const answer = await exchange({ method: 'POST', url, headers, body, signal: late.signal }).catch(() => undefined)
    cancel()
    if (answer?.status === 200) {
      latencies.add('text, to 200', clock.now() - begin_ms)
      person.accepted.push(message)
      return
    }
    if (answer && answer.status < 500 && answer.status !== 429) return wrong(`a text was refused with ${answer.status}`)
    askedAgain()
    await clock.sleep(again_ms)
  }
  wrong(`a text was not taken in ${attempts_max} attempts`)
}

const answer_ms_max = 10_000
const again_ms = 500
const attempts_max = 20
