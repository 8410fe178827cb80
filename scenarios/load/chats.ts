/**
 * Customers at chat windows, so many at a time: a real WebSocket each, the pre-chat form, words every few seconds, until
 * the agent is done; then another customer opens the next one.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { type FromWindow, ToWindow } from '../../adapters/chat-messages.ts'
import { defaultConfig } from '../../runtime/default-config.ts'
import { type Customer, type LoadMeans, wordsOf } from './customer.ts'

const asset = defaultConfig.assets.find(({ channel }) => channel === 'live-chat')!.id
/** What is said to the agent, after the first line and the form. */
const messages_count = 8
const gap_ms = 4_000
/** So long a customer waits for a line before going on without it. */
const patience_ms = 20_000

/** Resolves with what closes the windows, once nobody says anything more. */
export async function chatCustomers(means: LoadMeans, atOnce: number): Promise<() => void> {
  const { clock } = means
  const windows: WebSocket[] = []
  let count = 0
  const seat = async (place: number) => {
    await clock.sleep((means.ramp_ms * place) / atOnce)
    while (!means.isOver()) await chat(means, windows, count++)
  }
  await Promise.all(Array.from({ length: atOnce }, (_, place) => seat(place)))
  return () => {
    for (const socket of windows) socket.terminate()
  }
}

async function chat(means: LoadMeans, windows: WebSocket[], number: number): Promise<void> {
  const { clock, isOver, latencies } = means
  const window = await openWindow(means, number)
  windows.push(window.socket)
  const asked_ms = clock.now()
  if (!(await window.message(wordsOf(number, 0), 0))) return
  const form = await window.line(({ kind }) => kind === 'form')
  if (form) {
    latencies.add('chat, first answer', clock.now() - asked_ms)
    await window.submit(form.form!.reference, form.form!.fields)
  }
  for (let nth = 1; nth <= messages_count && !isOver(); nth++) {
    await clock.sleep(gap_ms)
    if (!isOver()) await window.message(wordsOf(number, nth), nth)
  }
}

type Line = Extract<ToWindow, { type: 'line' }>

async function openWindow(means: LoadMeans, number: number) {
  const { clock, place, latencies, customers, wrong } = means
  const begin_ms = clock.now()
  const socket = await opened(means, `${place.url.replace(/^http/, 'ws')}/v1/chat?app=${asset}`)
  const frames: ToWindow[] = []
  let told: (() => void)[] = []
  socket.on('message', (data) => {
    frames.push(ToWindow.parse(JSON.parse(String(data))))
    for (const tell of told.splice(0)) tell()
  })
  const say = (frame: FromWindow) => socket.send(JSON.stringify(frame))

  /** The first frame that fits, come or to come; undefined when patience ends. */
  const next = async <Frame extends ToWindow>(
    fits: (frame: ToWindow) => frame is Frame,
  ): Promise<Frame | undefined> => {
    const over = new AbortController()
    const patience = clock.sleep(patience_ms, over.signal).then(() => 'over' as const)
    for (;;) {
      const found = frames.find(fits)
      const news =
        found ?? (await Promise.race([patience, new Promise<'news'>((tell) => told.push(() => tell('news')))]))
      if (news === 'news') continue
      over.abort()
      told = []
      return found
    }
  }
  const lines = () => frames.filter((frame): frame is Line => frame.type === 'line')
  const stored = async (id: string): Promise<boolean> => {
    const asked_ms = clock.now()
    const answer = await next(
      (frame): frame is Extract<ToWindow, { type: 'stored' | 'refused' }> =>
        (frame.type === 'stored' || frame.type === 'refused') && frame.id === id,
    )
    if (answer?.type !== 'stored') {
      wrong(`a chat message was not taken: ${answer ? answer.status : 'no answer'}`)
      return false
    }
    latencies.add('chat, to stored', clock.now() - asked_ms)
    return true
  }

  say({ type: 'hello' })
  const welcome = await next((frame): frame is Extract<ToWindow, { type: 'welcome' }> => frame.type === 'welcome')
  latencies.add('chat, to welcome', clock.now() - begin_ms)
  const customer: Customer = {
    address: { channel: 'live-chat', asset, customer: userOf(welcome?.token ?? '') },
    accepted: [],
    forms: 0,
    seen: async () =>
      lines().flatMap(({ from, kind, text }) => (from === 'business' && kind !== 'closed' ? [text] : [])),
  }
  customers.push(customer)
  socket.on('close', (code) => code !== abnormal && wrong(`window ${number} was closed with ${code}`))
  return {
    socket,
    line: (fits: (line: Line) => boolean) =>
      next((frame): frame is Line => frame.type === 'line' && frame.from === 'business' && fits(frame)),
    async message(text: string, nth: number): Promise<boolean> {
      const id = `m${nth}`
      say({ type: 'message', id, text })
      const taken = await stored(id)
      if (taken) customer.accepted.push(text)
      return taken
    },
    async submit(reference: string, fields: { name: string; options?: string[] | undefined }[]): Promise<void> {
      const filled = fields.map(({ name, options }) => [name, options?.[0] ?? answerFor(name)])
      say({ type: 'form', id: 'form', reference, fields: Object.fromEntries(filled) })
      if (await stored('form')) customer.forms += 1
    },
  }
}

/** A connection that is lost before it is open is made again, as the widget does. */
async function opened({ clock, askedAgain }: LoadMeans, url: string): Promise<WebSocket> {
  for (let attempts = 1; ; attempts++) {
    const socket = new WebSocket(url)
    socket.on('error', () => {})
    try {
      await once(socket, 'open')
      return socket
    } catch (error) {
      if (attempts === open_attempts_max) throw error
      askedAgain()
      await clock.sleep(open_again_ms)
    }
  }
}

const open_attempts_max = 20
const open_again_ms = 500
/** As we end a window ourselves. */
const abnormal = 1006
const answerFor = (name: string): string => (/mail/i.test(name) ? 'ana@example.test' : 'Ana')

function userOf(token: string): string {
  const [, user] = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as string[]
  return user ?? ''
}
