/**
 * One chat window on its socket: greets it, brings it up to date, hears its frames one after the other, and hands it every
 * line of its thread once, in order. What its customer says comes over a way on which a tester may have things go wrong.
 * Invariants: `stored` is said only once the event is in the stream (T9); a frame sent again under its id changes nothing;
 * what is wrong is refused or closes the socket with a code that says why.
 */
import type { WebSocket } from 'ws'
import { closeCodes, FromWindow, type ToWindow } from '../chat-messages.ts'
import type { NumberedLine } from '../chat-threads.ts'
import { openWay } from '../trouble.ts'
import { type ChatDoorMeans, closeThread, type Delivered } from './chat-door.ts'
import type { ChatSession } from './session-token.ts'
import { formBody, messageBody, postbackBody } from './window-body.ts'

export interface WindowSession {
  session: ChatSession
  hear(line: NumberedLine): void
  hearTyping(typing: 'start' | 'stop'): void
}

/** `entered` is called when the window is in its thread; what it returns, when it has left. */
type Entered = (window: WindowSession) => () => void
type Frame<Type extends FromWindow['type']> = Extract<FromWindow, { type: Type }>
type Said = Frame<'message' | 'form' | 'postback'>

const hello_ms_max = 10_000
const waiting_frames_max = 50

export function openSession(socket: WebSocket, asset: string, means: ChatDoorMeans, entered: Entered): void {
  let window: OpenWindow | undefined
  let leave = () => {}
  const noHello = means.wallClock.after(hello_ms_max, () => end(socket, 'noHello', 'expected hello within 10 s'))

  const hear = async (frame: FromWindow) => {
    if (window) return act(socket, window.session, means, frame)
    if (frame.type !== 'hello') return end(socket, 'malformed', 'expected hello first')
    noHello()
    const session = await sessionOf(socket, asset, means, frame)
    if (!session || socket.readyState !== socket.OPEN) return
    window = openWindow(socket, session)
    leave = entered(window)
    say(socket, welcome(means, session, frame))
    await window.catchUp(await means.threads.after(session.thread, frame.after ?? 0))
  }
  hearInTurn(socket, means, hear, () => leave())
  socket.on('error', () => {})
  socket.on('close', noHello)
}

/** One frame after the other, until the socket is closed and the last one has been heard. */
function hearInTurn(
  socket: WebSocket,
  { clock, trouble }: Pick<ChatDoorMeans, 'clock' | 'trouble'>,
  hear: (frame: FromWindow) => Promise<void>,
  over: () => void,
): void {
  let waiting = 0
  let last: Promise<void> = Promise.resolve()
  const arrived = (frame: FromWindow) => {
    waiting += 1
    if (waiting + way.late() > waiting_frames_max) return end(socket, 'tooFast', 'too many frames at once')
    last = last
      .then(() => (socket.readyState === socket.OPEN ? hear(frame) : undefined))
      // The broker does not answer: the window comes again, and sends again what was not said to be stored.
      .catch(() => socket.close(1013, 'try again later'))
      .finally(() => {
        waiting -= 1
      })
  }
  const way = openWay({
    clock,
    trouble,
    go(frame: FromWindow, copies) {
      for (let copy = 0; copy <= copies; copy += 1) arrived(frame)
    },
  })
  socket.on('message', (data, isBinary) => {
    const frame = isBinary ? undefined : frameIn(String(data))
    if (!frame) return end(socket, 'malformed', 'expected a JSON frame as /asyncapi.json has it')
    if (saysSomething(frame)) void way.send(frame)
    else arrived(frame)
  })
  socket.on('close', () => {
    way.stop()
    void last.finally(over)
  })
}

/** What trouble would do to other frames, nobody could see. */
const saysSomething = ({ type }: FromWindow): boolean => type !== 'hello' && type !== 'typing'

function frameIn(text: string): FromWindow | undefined {
  try {
    return FromWindow.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** A new one without a token. Undefined when the socket had to be closed. */
async function sessionOf(
  socket: WebSocket,
  asset: string,
  { tokens, threads }: ChatDoorMeans,
  { token }: Frame<'hello'>,
): Promise<ChatSession | undefined> {
  if (token === undefined) return tokens.fresh(asset)
  const session = tokens.read(token, asset)
  if (!session) end(socket, 'badToken', 'this token is not, or no longer, good here; begin without one')
  else if (await threads.isClosed(session.thread))
    end(socket, 'threadClosed', 'this chat has ended; begin without a token')
  else return session
  return undefined
}

function welcome({ tokens }: ChatDoorMeans, session: ChatSession, { token }: Frame<'hello'>): ToWindow {
  const resumed = token !== undefined
  return { type: 'welcome', token: token ?? tokens.sign(session), thread: session.thread, resumed }
}

interface OpenWindow extends WindowSession {
  catchUp(lines: readonly NumberedLine[]): void
}

/** Live lines that come while it is being brought up to date wait, so that all go out by their numbers. */
function openWindow(socket: WebSocket, session: ChatSession): OpenWindow {
  let seen = 0
  let early: NumberedLine[] | undefined = []
  const show = (line: NumberedLine) => {
    if (line.seq <= seen) return
    seen = line.seq
    say(socket, { type: 'line', ...line })
    if (line.kind === 'closed') end(socket, 'threadClosed', 'the chat has ended')
  }
  return {
    session,
    hear: (line) => (early ? void early.push(line) : show(line)),
    hearTyping: (typing) => say(socket, { type: 'typing', typing }),
    catchUp(lines) {
      const waiting = early ?? []
      early = undefined
      for (const line of [...lines, ...waiting]) show(line)
    },
  }
}

async function act(socket: WebSocket, session: ChatSession, means: ChatDoorMeans, frame: FromWindow): Promise<void> {
  switch (frame.type) {
    case 'hello':
      return end(socket, 'malformed', 'hello was said before')
    case 'typing':
      // Nobody reads it yet: Connect hands typing on to nobody either (E6).
      return
    case 'close': {
      const answer = await closeThread(means, session)
      if (answer.status !== 200) say(socket, refusal('close', answer))
      return
    }
    default: {
      const answer = await take(session, means, frame)
      if (answer.status !== 200) return say(socket, refusal(frame.id, answer))
      say(socket, { type: 'stored', id: frame.id, duplicate: answer.duplicate ?? false })
    }
  }
}

/** Through the door first, then into the thread, where the customer's other windows see it. */
async function take(session: ChatSession, means: ChatDoorMeans, frame: Said): Promise<Delivered> {
  const at = new Date(means.clock.now()).toISOString()
  const { id } = frame
  const line = { key: `window ${id}`, at, from: 'customer' } as const
  const through = async (body: object, kind: 'message' | 'formAnswer' | 'postback', text: string) => {
    const answer = await means.deliver(body)
    if (answer.status === 200) await means.threads.append(session.thread, { ...line, kind, text })
    return answer
  }
  if (frame.type === 'message')
    return through(messageBody(session, { id, at, text: frame.text }), 'message', frame.text)
  if (frame.type === 'postback') return through(postbackBody(session, { ...frame, at }), 'postback', frame.title)
  const lines = await means.threads.after(session.thread, 0)
  const form = lines.findLast((one) => one.kind === 'form' && one.form?.reference === frame.reference)
  if (!form) return { status: 404, detail: 'this thread has no form of that reference' }
  return through(formBody(session, { id, at, fields: frame.fields }, form), 'formAnswer', form.text)
}

const refusal = (id: string, { status, detail, retryAfterSeconds }: Delivered): ToWindow => ({
  type: 'refused',
  id,
  status,
  detail,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
})

function say(socket: WebSocket, message: ToWindow): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
}

const end = (socket: WebSocket, code: keyof typeof closeCodes, reason: string): void =>
  socket.close(closeCodes[code], reason)
