/**
 * The line to `/v1/chat` (`chat-messages.ts`): connects, comes back after every break where it left off, and sends again
 * what was not said to be stored. Knows nothing of how it is shown.
 * Invariants: a line is handed on once, by its key; a frame keeps its id until it is stored or refused for good, and the next
 * one waits until then: whatever the line does, what was written arrives once and in order.
 */

const pauses_ms = [300, 1_000, 2_000, 4_000, 8_000, 15_000]
/** How long an answer may take before it is asked for again; each time a bit longer. */
const patience_ms = 5_000
const patience_ms_max = 30_000
const ended = 4409
const forgotten = 4401
const not_taken = [4400, 1009]
const for_good = [4403, 4404]

export class Connection {
  #server
  #app
  #hear
  #socket
  #isWelcome = false
  #seen = 0
  #keys = new Set()
  /** In the order it was written. Only the first is on its way. */
  #outbox = new Map()
  #breaks = 0
  #silences = 0
  #timer = 0
  #patience = 0
  #token

  /** `hear` gets {line}, {state}, {typing}, {refused, detail}; state is one of connecting, open, unheard, waiting, ended, refused. */
  constructor(server, app, hear) {
    this.#server = server
    this.#app = app
    this.#hear = hear
    this.#token = read(this.#place)
    addEventListener('online', () => this.#soon(0))
  }

  get hasBegun() {
    return this.#token !== undefined
  }

  open() {
    if (this.#socket) return
    this.#hear({ state: 'connecting' })
    const socket = new WebSocket(`${this.#server.replace(/^http/, 'ws')}/v1/chat?app=${encodeURIComponent(this.#app)}`)
    this.#socket = socket
    socket.onopen = () => this.#put({ type: 'hello', ...(this.#token && { token: this.#token, after: this.#seen }) })
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data))
    socket.onclose = ({ code }) => this.#closed(code)
  }

  /** Gives the id of the frame. */
  send(frame) {
    const id = newId()
    this.#queue(id, { ...frame, id })
    return id
  }

  typing(typing) {
    if (this.#isWelcome) this.#put({ type: 'typing', typing })
  }

  /** The customer ends the chat, once all that was written has arrived. */
  end() {
    if (!this.#outbox.has('close')) this.#queue('close', { type: 'close' })
  }

  /** Throws with the server's words when the file is refused; tries again while the server cannot be reached. */
  async sendFile(file) {
    const id = newId()
    const query = new URLSearchParams({ app: this.#app, id, name: file.name })
    const request = {
      method: 'POST',
      body: file,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': file.type || 'application/octet-stream' },
    }
    for (const pause of pauses_ms) {
      const answer = await fetch(`${this.#server}/v1/chat/files?${query}`, request).catch(() => undefined)
      if (answer?.ok) return
      if (answer && answer.status !== 503 && answer.status !== 429) throw new Error((await answer.json()).detail)
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
    throw new Error('')
  }

  get #place() {
    return `parley-chat ${this.#server} ${this.#app}`
  }

  #put(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }

  #queue(id, frame) {
    this.#outbox.set(id, frame)
    if (!this.#isWelcome) this.open()
    else if (this.#outbox.size === 1) this.#sendFirst()
  }

  #sendFirst() {
    clearTimeout(this.#patience)
    if (!this.#isWelcome || this.#outbox.size === 0) return
    this.#put(this.#outbox.values().next().value)
    this.#patience = setTimeout(() => this.#unheard(), Math.min(patience_ms * (1 + this.#silences), patience_ms_max))
  }

  /** On this line once more, then on a new one: a line may be dead without anybody being told. */
  #unheard() {
    this.#silences += 1
    this.#hear({ state: 'unheard' })
    if (this.#silences % 2 === 1) return this.#sendFirst()
    const socket = this.#socket
    socket.onmessage = null
    socket.onclose = null
    socket.close()
    this.#closed()
  }

  #take(frame) {
    if (frame.type === 'welcome') return this.#welcomed(frame)
    if (frame.type === 'typing') return this.#hear({ typing: frame.typing === 'start' })
    if (frame.type === 'line') {
      this.#seen = Math.max(this.#seen, frame.seq)
      this.#settled(frame.key.replace(/^window /, ''))
      if (this.#keys.has(frame.key)) return
      this.#keys.add(frame.key)
      return this.#hear({ line: frame })
    }
    const { id, retryAfterSeconds, detail } = frame
    if (frame.type === 'stored') return this.#settled(id)
    // The answer to a copy of what is stored by now.
    if (!this.#outbox.has(id)) return
    if (retryAfterSeconds === undefined) return this.#refused(id, detail)
    clearTimeout(this.#patience)
    this.#patience = setTimeout(() => this.#sendFirst(), retryAfterSeconds * 1_000)
  }

  #settled(id) {
    if (!this.#outbox.delete(id)) return
    if (this.#silences > 0) this.#hear({ state: 'open' })
    this.#silences = 0
    this.#sendFirst()
  }

  #refused(id, detail) {
    this.#hear({ refused: id, detail })
    this.#settled(id)
  }

  #welcomed({ token }) {
    this.#breaks = 0
    this.#isWelcome = true
    this.#token = token
    write(this.#place, token)
    this.#hear({ state: this.#silences > 0 ? 'unheard' : 'open' })
    this.#sendFirst()
  }

  #closed(code) {
    this.#socket = undefined
    this.#isWelcome = false
    clearTimeout(this.#patience)
    if (code === ended || code === forgotten) {
      this.#token = undefined
      this.#seen = 0
      write(this.#place, undefined)
    }
    if (code === ended) return this.#ended()
    if (for_good.includes(code)) return this.#hear({ state: 'refused' })
    const [first] = this.#outbox.keys()
    if (not_taken.includes(code) && first !== undefined) this.#refused(first, '')
    this.#hear({ state: 'waiting' })
    const pause = pauses_ms[Math.min(this.#breaks, pauses_ms.length - 1)]
    this.#breaks += 1
    // Not all windows at once, when a node has gone.
    this.#soon(pause * (0.5 + Math.random()))
  }

  /** What did not get through before is not said in the next chat. */
  #ended() {
    this.#outbox.delete('close')
    this.#silences = 0
    for (const id of this.#outbox.keys()) this.#hear({ refused: id, detail: '' })
    this.#outbox.clear()
    this.#hear({ state: 'ended' })
  }

  #soon(ms) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => (this.hasBegun || this.#outbox.size > 0 || this.#breaks > 0) && this.open(), ms)
  }
}

/** `crypto.randomUUID` is there on secure pages only. */
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A page may not be allowed to keep anything: then a reload begins a new chat. */
function read(key) {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

function write(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {}
}
