/**
 * The line to `/v1/chat` (`chat-messages.ts`): connects, comes back after every break where it left off, and sends again
 * what was not said to be stored. Knows nothing of how it is shown.
 * Invariant: a line is handed on once, by its key; a frame keeps its id until it is stored or refused for good.
 */

const pauses_ms = [300, 1_000, 2_000, 4_000, 8_000, 15_000]
const ended = 4409
const forgotten = 4401
const for_good = [4403, 4404]

export class Connection {
  #server
  #app
  #hear
  #socket
  #seen = 0
  #keys = new Set()
  #outbox = new Map()
  #breaks = 0
  #timer = 0
  #token

  /** `hear` gets {line}, {state}, {typing}, {stored}, {refused}; state is one of connecting, open, waiting, ended, refused. */
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
    this.#outbox.set(id, { ...frame, id })
    if (this.#socket?.readyState === WebSocket.OPEN && this.#token) this.#put(this.#outbox.get(id))
    else this.open()
    return id
  }

  typing(typing) {
    if (this.#socket?.readyState === WebSocket.OPEN && this.#token) this.#put({ type: 'typing', typing })
  }

  /** The customer ends the chat. */
  end() {
    this.#put({ type: 'close' })
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

  #take(frame) {
    if (frame.type === 'welcome') return this.#welcomed(frame)
    if (frame.type === 'line') {
      this.#seen = Math.max(this.#seen, frame.seq)
      if (this.#keys.has(frame.key)) return
      this.#keys.add(frame.key)
      return this.#hear({ line: frame })
    }
    if (frame.type === 'typing') return this.#hear({ typing: frame.typing === 'start' })
    if (frame.type === 'refused' && frame.retryAfterSeconds !== undefined && this.#outbox.has(frame.id)) {
      return setTimeout(
        () => this.#outbox.has(frame.id) && this.#put(this.#outbox.get(frame.id)),
        frame.retryAfterSeconds * 1_000,
      )
    }
    this.#outbox.delete(frame.id)
    this.#hear(frame.type === 'stored' ? { stored: frame.id } : { refused: frame.id, detail: frame.detail })
  }

  #welcomed({ token }) {
    this.#breaks = 0
    this.#token = token
    write(this.#place, token)
    this.#hear({ state: 'open' })
    for (const frame of this.#outbox.values()) this.#put(frame)
  }

  #closed(code) {
    this.#socket = undefined
    if (code === ended || code === forgotten) {
      this.#token = undefined
      this.#seen = 0
      write(this.#place, undefined)
    }
    if (code === ended) return this.#hear({ state: 'ended' })
    if (for_good.includes(code)) return this.#hear({ state: 'refused' })
    this.#hear({ state: 'waiting' })
    const pause = pauses_ms[Math.min(this.#breaks, pauses_ms.length - 1)]
    this.#breaks += 1
    // Not all windows at once, when a node has gone.
    this.#soon(pause * (0.5 + Math.random()))
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
