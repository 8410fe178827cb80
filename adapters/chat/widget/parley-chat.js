/**
 * `<parley-chat app="…">`: a chat window for any website, in a shadow root of its own. One script tag brings it:
 * `<script src="https://…/widget.js" data-app="…" defer></script>`. Attributes: `app`, `server`, `lang`, `theme`
 * (`light` or `dark`), `open`, `inline` (it fills its place on the page, and has no button). Speaks to `connection.js`.
 */
import { Connection } from './connection.js'
import { style } from './style.js'
import english from './texts/en.json'
import { element, ThreadView } from './thread-view.js'

const script = document.currentScript
const home = script ? new URL(script.src).origin : location.origin
const typing_pause_ms = 3_000
const typing_shown_ms = 8_000

class ParleyChat extends HTMLElement {
  #unread = 0
  #typed = 0
  #typingShown = 0

  async connectedCallback() {
    if (this.shadowRoot) return
    const root = this.attachShadow({ mode: 'open' })
    const server = this.getAttribute('server') ?? home
    const texts = await textsIn(server, this.getAttribute('lang') ?? document.documentElement.lang)
    root.innerHTML = markup
    root.prepend(element('style', { textContent: style }))
    for (const node of root.querySelectorAll('[data-text]')) node.textContent = texts[node.dataset.text]
    for (const node of root.querySelectorAll('[data-label]')) node.ariaLabel = texts[node.dataset.label]
    this.#begin(root, server, texts)
  }

  #begin(root, server, texts) {
    const part = (name) => root.querySelector(`.${name}`)
    const [panel, launcher, text, status, again] = ['panel', 'launcher', 'text', 'status', 'again'].map(part)
    text.placeholder = texts.write
    const isInline = this.hasAttribute('inline')
    const connection = new Connection(server, this.getAttribute('app') ?? '', (heard) => hear(heard))
    const view = new ThreadView(part('log'), texts, (frame) => connection.send(frame))

    const hear = ({ line, state, typing, refused, detail }) => {
      if (line) {
        view.show(line)
        if (line.from === 'business' && panel.hidden) this.#countUnread(part('badge'), launcher, texts)
      }
      if (typing !== undefined) this.#showTyping(view, typing)
      if (refused) view.refuse(refused, detail)
      if (!state) return
      if (state === 'ended') view.end()
      status.hidden = state === 'open'
      status.textContent = texts[state]
      for (const one of ['write', 'end']) part(one).hidden = state === 'ended' || state === 'refused'
      again.hidden = state !== 'ended'
    }
    const toggle = (isOpen) => {
      panel.hidden = !isOpen
      launcher.ariaExpanded = String(isOpen)
      if (!isOpen) return launcher.focus()
      this.#unread = 0
      part('badge').hidden = true
      launcher.ariaLabel = texts.open
      connection.open()
      if (!isInline) text.focus()
    }
    const send = () => {
      const words = text.value.trim()
      text.value = ''
      if (words !== '') view.expect(connection.send({ type: 'message', text: words }), words)
      this.#typed = 0
    }

    launcher.onclick = () => toggle(panel.hidden)
    part('hide').onclick = () => toggle(false)
    part('end').onclick = () => connection.end()
    part('send').onclick = send
    part('attach').onclick = () => part('file').click()
    part('file').onchange = async ({ target }) => {
      for (const file of target.files)
        await connection.sendFile(file).catch(({ message }) => view.note(`${texts.notSent} ${message}`))
      target.value = ''
    }
    again.onclick = () => {
      view.clear()
      connection.open()
      again.hidden = true
      text.focus()
    }
    panel.onkeydown = ({ key }) => {
      if (key === 'Escape' && !isInline) toggle(false)
    }
    text.onkeydown = (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      send()
    }
    text.oninput = () => this.#tellTyping(connection)
    // What was said while the page was elsewhere is counted, without anybody opening the window.
    if (connection.hasBegun) connection.open()
    if (isInline || this.hasAttribute('open')) toggle(true)
  }

  #countUnread(badge, launcher, texts) {
    this.#unread += 1
    badge.hidden = false
    badge.textContent = String(this.#unread)
    launcher.ariaLabel = `${texts.open} (${this.#unread})`
  }

  #tellTyping(connection) {
    clearTimeout(this.stopTyping)
    if (performance.now() - this.#typed > typing_pause_ms) {
      this.#typed = performance.now()
      connection.typing('start')
    }
    this.stopTyping = setTimeout(() => connection.typing('stop'), typing_pause_ms)
  }

  #showTyping(view, isTyping) {
    clearTimeout(this.#typingShown)
    view.typing(isTyping)
    this.#typingShown = setTimeout(() => view.typing(false), typing_shown_ms)
  }
}

/** English where there is no file of that language. */
async function textsIn(server, lang) {
  const language = /^[a-z]{2,3}/i.exec(lang ?? '')?.[0]?.toLowerCase() ?? 'en'
  if (language === 'en') return english
  const answer = await fetch(`${server}/widget/${language}.json`).catch(() => undefined)
  return answer?.ok ? { ...english, ...(await answer.json()) } : english
}

const icon = (path) =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>`

const markup = `
<section class="panel" role="dialog" data-label="title" id="panel" hidden>
  <header>
    <h2 data-text="title"></h2>
    <button class="end" type="button" data-text="end"></button>
    <button class="hide" type="button" data-label="hide">✕</button>
  </header>
  <div class="status" role="status"></div>
  <div class="log" role="log" tabindex="0" data-label="messages"></div>
  <button class="again primary" type="button" data-text="again" hidden></button>
  <div class="write">
    <button class="attach" type="button" data-label="attach">${icon('M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.4a1.7 1.7 0 0 1-2.4-2.4L14.5 7')}</button>
    <input class="file" type="file" multiple hidden>
    <textarea class="text" rows="1" data-label="write" maxlength="10000"></textarea>
    <button class="send" type="button" data-label="send">${icon('M4 12l16-8-6 16-3-7-7-1z')}</button>
  </div>
</section>
<button class="launcher" type="button" aria-expanded="false" aria-controls="panel" data-label="open">${icon('M4 5h16v11H9l-5 4z')}<span class="badge" hidden></span></button>
`

// The tag may stand on a page twice.
if (!customElements.get('parley-chat')) customElements.define('parley-chat', ParleyChat)
if (script?.dataset.app && !document.querySelector('parley-chat')) {
  const chat = element('parley-chat')
  for (const name of ['app', 'lang', 'theme', 'open']) {
    if (script.dataset[name] !== undefined) chat.setAttribute(name, script.dataset[name])
  }
  document.body.append(chat)
}
