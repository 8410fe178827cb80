/** The lines of a chat as they are read: words, forms to fill in, answers to press. Text is text, never markup. */
export class ThreadView {
  #log
  #texts
  #send
  #pending = new Map()
  #typing

  /** `send` takes a frame and gives its id. */
  constructor(log, texts, send) {
    this.#log = log
    this.#texts = texts
    this.#send = send
    this.#typing = element('div', { className: 'note', hidden: true, textContent: texts.typing })
    log.append(this.#typing)
  }

  show(line) {
    if (line.kind === 'closed') return
    const own = line.from === 'customer'
    const bubble = this.#pending.get(line.key) ?? this.#bubble(own)
    this.#pending.delete(line.key)
    // What is still on its way comes behind what the thread says.
    this.#log.insertBefore(bubble, this.#pending.values().next().value ?? this.#typing)
    bubble.className = own ? 'line own' : 'line'
    bubble.textContent = this.#wordsOf(line)
    bubble.prepend(this.#speaker(own))
    if (!own) this.typing(false)
    if (line.form) bubble.append(this.#form(line))
    if (line.quickReplies) bubble.append(this.#choices(line.quickReplies))
    if (line.kind === 'formAnswer') this.#retire('form')
    if (line.kind === 'postback') this.#retire('.choices')
    this.#toEnd()
  }

  /** What was just written, until the thread says it. */
  expect(id, text) {
    const bubble = this.#bubble(true)
    bubble.classList.add('pending')
    bubble.textContent = text
    this.#pending.set(`window ${id}`, bubble)
    this.#toEnd()
  }

  refuse(id, detail) {
    const key = `window ${id}`
    this.#pending.get(key)?.classList.replace('pending', 'failed')
    this.#pending.delete(key)
    this.note(`${this.#texts.notSent} ${detail}`)
  }

  note(text) {
    this.#log.insertBefore(element('div', { className: 'note', textContent: text }), this.#typing)
    this.#toEnd()
  }

  typing(isTyping) {
    this.#typing.hidden = !isTyping
    this.#toEnd()
  }

  /** Nothing of an ended chat can be answered any more. */
  end() {
    this.#retire('form, .choices')
  }

  clear() {
    this.#pending.clear()
    this.#log.replaceChildren(this.#typing)
  }

  #bubble(own) {
    const bubble = element('div', { className: own ? 'line own' : 'line' })
    this.#log.insertBefore(bubble, this.#typing)
    return bubble
  }

  /** Who spoke is seen by the side it stands on, and has to be heard, too. */
  #speaker(own) {
    return element('span', { className: 'unseen', textContent: `${own ? this.#texts.you : this.#texts.us}: ` })
  }

  #wordsOf({ kind, text }) {
    if (kind === 'file') return `📎 ${text}`
    return kind === 'formAnswer' ? this.#texts.formSent : text
  }

  #form({ text: title, form }) {
    const fields = form.fields.map((field) => element('label', {}, [field.label || field.name, control(field)]))
    const submit = element('button', { className: 'primary', textContent: this.#texts.submit })
    const node = element('form', { ariaLabel: title }, [...fields, submit])
    node.onsubmit = (event) => {
      event.preventDefault()
      this.#send({ type: 'form', reference: form.reference, fields: Object.fromEntries(new FormData(node)) })
      disable(node)
    }
    return node
  }

  #choices({ reference, options }) {
    const buttons = options.map(({ title, identifier }) => {
      const button = element('button', { type: 'button', textContent: title })
      button.onclick = () => {
        this.#send({ type: 'postback', reference, identifier, title })
        disable(choices)
      }
      return button
    })
    const choices = element('div', { className: 'choices' }, buttons)
    return choices
  }

  /** Answered here or in another tab. */
  #retire(selector) {
    for (const node of this.#log.querySelectorAll(selector)) disable(node)
  }

  #toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight
  }
}

export function element(name, properties = {}, children = []) {
  const node = Object.assign(document.createElement(name), properties)
  node.append(...children)
  return node
}

function control({ name, type, options, mandatory }) {
  const common = { name, required: mandatory }
  if (!options)
    return element('input', {
      ...common,
      type: kinds[type] ?? 'text',
      autocomplete: memories[name.toLowerCase()] ?? '',
    })
  const choices = options.map((option) => element('option', { value: option, textContent: option }))
  return element('select', common, [element('option', { value: '' }), ...choices])
}

const kinds = { email: 'email', phone: 'tel', tel: 'tel', number: 'number', date: 'date' }
const memories = { name: 'name', email: 'email', phone: 'tel' }

const disable = (node) => {
  for (const one of node.querySelectorAll('input, select, button')) one.disabled = true
}
