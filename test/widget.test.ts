/**
 * The chat widget in a real Chromium, against a real node, its desk and a broker: what a customer sees and does.
 */
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { widgetScript } from '../adapters/chat/widget-pages.ts'
import { type Broker, startBroker } from './broker.ts'
import { startBrowser, type TestBrowser } from './browser.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

let broker: Broker
let node: TestNode
let browser: TestBrowser
beforeAll(async () => {
  broker = await startBroker()
  node = await startTestNode(broker, { PARLEY_INBOUND_TOKEN: 'for-machines-only' })
  browser = await startBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await node.stop()
  await broker.stop()
})

/** A customer of their own, on the page where the widget is. */
async function visitor(options: object = {}): Promise<Page> {
  return (await browser.open(`${node.url}/shop`, options)).page
}
const open = (page: Page) => page.getByRole('button', { name: 'Open the chat' }).click()
const write = async (page: Page, text: string) => {
  await page.getByRole('textbox', { name: 'Write a message' }).fill(text)
  await page.keyboard.press('Enter')
}
const texts = (page: Page) =>
  page.locator('.line').evaluateAll((lines) => lines.map((line) => line.childNodes[1]?.textContent ?? ''))
const shown = (page: Page, text: string) => page.locator('.line', { hasText: text }).first().waitFor()

/** Opened, written in, and the form answered: a task waits at the desk. */
async function queued(page: Page, hello = 'Hello') {
  await open(page)
  await write(page, hello)
  const form = page.locator('.line form')
  await form.waitFor()
  await form.getByLabel('Name').fill('Ana Ruiz')
  await form.getByLabel('Email').fill('ana@example.test')
  await form.getByLabel('Phone').fill('+14155550123')
  await form
    .locator('select')
    .selectOption('Insurance')
    .catch(() => {})
  await form.getByRole('button', { name: 'Submit' }).click()
  await shown(page, 'Form sent')
  await node.advance(0)
  return newestTask()
}
async function newestTask(): Promise<Json> {
  const { items } = (await node.atDesk('GET', '/desk/tasks')).body
  return items.at(-1)
}
const atTask = (task: Json, act: string, body: object = {}) =>
  node.atDesk('POST', `/desk/tasks/${task.taskId}/${act}`, body)

test('is one script of less than 25 kB, gzipped', async () => {
  expect(gzipSync(await widgetScript()).length).toBeLessThan(25_000)
})

describe('A customer', () => {
  test('writes, fills in the form, talks with the agent, and ends the chat', async () => {
    const page = await visitor()
    const task = await queued(page, 'My card is 4111 1111 1111 1111')
    expect((await texts(page))[0]).toBe('My card is **** **** **** 1111')
    await atTask(task, 'route')
    await node.advance(0)
    await atTask(task, 'say', { text: 'Hello Ana, this is Dana.' })
    await shown(page, 'this is Dana')
    await page.getByRole('button', { name: 'End chat' }).click()
    await page.getByText('The chat has ended.').waitFor()
    await page.getByRole('button', { name: 'Start a new chat' }).click()
    await write(page, 'Once more')
    await shown(page, 'Once more')
    expect(await page.locator('.line').count()).toBeGreaterThan(0)
    await page.context().close()
  })

  test('finds the chat again after a reload and in another tab, each line once', async () => {
    const page = await visitor()
    const task = await queued(page)
    await atTask(task, 'route')
    await node.advance(0)
    await page.goto('about:blank')
    await atTask(task, 'say', { text: 'While you were away' })
    await node.advance(0)
    await page.goto(`${node.url}/shop`)
    await page.getByRole('button', { name: /Open the chat/ }).click()
    await shown(page, 'While you were away')
    const tab = await page.context().newPage()
    await tab.goto(`${node.url}/shop`)
    await tab.getByRole('button', { name: /Open the chat/ }).click()
    await write(tab, 'From the second tab')
    await shown(page, 'From the second tab')
    const said = await texts(page)
    expect(said.filter((text) => text === 'While you were away')).toHaveLength(1)
    expect(said.filter((text) => text === 'Hello')).toHaveLength(1)
    await page.context().close()
  })

  test('presses an answer to a question', async () => {
    const page = await visitor()
    const task = await queued(page)
    await atTask(task, 'queue', { estimatedWaitTime: 300 })
    await node.advance(61_000)
    const answers = page.locator('.choices button')
    await answers.first().waitFor()
    await answers.first().click()
    await page.locator('.choices button:disabled').first().waitFor()
    await node.advance(0)
    const { items } = (await node.atDesk('GET', '/desk/tasks')).body
    expect(items.map(({ mediaType }: Json) => mediaType)).toContain('Web Callback')
    await page.context().close()
  })

  test('sends a file, and what was written while the line was down goes out when it is back', async () => {
    const page = await visitor()
    let cut = () => {}
    await page.routeWebSocket(/v1.chat/, (socket) => {
      socket.connectToServer()
      cut = () => void socket.close({ code: 4999 })
    })
    await open(page)
    await write(page, 'Hello')
    await page.locator('.line form').waitFor()
    const file = { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('The car is blue.') }
    await page.locator('input[type=file]').setInputFiles(file)
    await shown(page, 'letter.txt')
    await page.context().setOffline(true)
    cut()
    await page.getByText('No connection. Trying again…').waitFor()
    await write(page, 'Are you there?')
    await page.context().setOffline(false)
    await page.locator('.line:not(.pending)', { hasText: 'Are you there?' }).waitFor()
    expect((await texts(page)).filter((text) => text === 'Are you there?')).toHaveLength(1)
    await page.context().close()
  })

  test('sees words, never markup', async () => {
    const page = await visitor()
    await open(page)
    await write(page, '<img src=x onerror="document.title=1"><b>bold</b>')
    await shown(page, '<b>bold</b>')
    expect(await page.locator('.log img, .log b').count()).toBe(0)
    await page.context().close()
  })
})

/** What its conversation has heard of the customer of this page, in words. */
async function heardBy(page: Page): Promise<string[]> {
  const token = await page.evaluate(`localStorage['parley-chat ${node.url} SD12345650']`)
  const [asset, customer] = JSON.parse(Buffer.from(String(token).split('.')[0]!, 'base64url').toString())
  const query = new URLSearchParams({ channel: 'live-chat', asset, customer })
  const [conversation] = (await node.ask('GET', `/v1/conversations?${query}`)).body.items
  const turns: Json[] = (await node.ask('GET', `/v1/conversations/${conversation.id}/turns`)).body
  return turns.filter(({ event }) => event.type === 'parley.message.received').map(({ event }) => event.data.text)
}

describe('On a bad line', () => {
  const begun = async () => {
    const page = await visitor()
    await page.clock.install()
    const stored: Json[] = []
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const frame = JSON.parse(String(payload))
        if (frame.type === 'stored') stored.push(frame)
      }),
    )
    await open(page)
    await write(page, 'Hello')
    await page.locator('.line form').waitFor()
    // Nothing is sent again until the test says that so much time has passed.
    await page.clock.pauseAt(Date.now() + 3_600_000)
    return { page, stored }
  }
  const trouble = (how: object) => node.atDesk('PUT', '/desk/troubles/window', how)
  const allWell = () => node.atDesk('DELETE', '/desk/troubles')

  // What was lost may come twice all the same: the page sends again when the first answer is slow.
  const troubles: [
    comes: string,
    how: object,
    isHeldUp: 'no' | 'until sent again' | 'longer',
    isDoubled: 'yes' | 'perhaps',
  ][] = [
    ['three times', { duplicate: 2 }, 'no', 'yes'],
    ['10 s late', { delayMs: 10_000 }, 'longer', 'yes'],
    ['out of order', { behind: true }, 'until sent again', 'yes'],
    ['never, until the line is well again', { drop: true }, 'longer', 'perhaps'],
  ]
  test.each(troubles)(
    'what a customer writes is heard once and in order when it comes %s; until then the window says so',
    async (_, how, isHeldUp, isDoubled) => {
      const { page, stored } = await begun()
      await trouble(how)
      const written = ['one', 'two', 'three']
      for (const text of written) await write(page, text)
      const pending = page.locator('.line.pending')
      if (isHeldUp !== 'no') {
        expect(await pending.allInnerTexts()).toEqual(written)
        expect(await heardBy(page)).toEqual(['Hello'])
        await page.clock.runFor(5_000)
      }
      if (isHeldUp === 'longer') await page.getByText('Not everything has been sent yet.').waitFor()
      if ('drop' in how) {
        // Long enough for a new line, on which it is lost again.
        for (let times = 0; times < 4; times += 1) await page.clock.runFor(10_000)
        expect(await pending.allInnerTexts()).toEqual(written)
        await allWell()
      }
      const moved = async () => {
        await page.clock.runFor(5_000)
        await node.advance(5_000)
        return pending.count()
      }
      await expect.poll(moved, { timeout: 30_000 }).toBe(0)
      await node.advance(10_000)
      expect(await heardBy(page)).toEqual(['Hello', ...written])
      const own = await page
        .locator('.line.own')
        .evaluateAll((all) => all.map((line) => line.childNodes[1]?.textContent))
      expect(own).toEqual(['Hello', ...written])
      expect(await page.locator('.failed, .status:not([hidden])').count()).toBe(0)
      if (isDoubled === 'yes') expect(stored.some(({ duplicate }) => duplicate)).toBe(true)
      await allWell()
      await page.context().close()
    },
  )

  test('what did not get through before the chat ended elsewhere is said not to be sent, and not said in the next one', async () => {
    const { page } = await begun()
    const tab = await page.context().newPage()
    await tab.goto(`${node.url}/shop`)
    await tab.getByRole('button', { name: /Open the chat/ }).click()
    await shown(tab, 'Hello')
    await trouble({ drop: true })
    await write(page, 'Too late')
    await page.locator('.line.pending').waitFor()
    await allWell()
    await tab.getByRole('button', { name: 'End chat' }).click()
    await page.getByText('The chat has ended.').waitFor()
    expect(await page.locator('.line form button').isDisabled()).toBe(true)
    await page.locator('.line.failed', { hasText: 'Too late' }).waitFor()
    await page.getByText('Not sent.').waitFor()
    await page.getByRole('button', { name: 'Start a new chat' }).click()
    await write(page, 'Once more')
    await page.locator('.line.own:not(.pending)', { hasText: 'Once more' }).waitFor()
    expect(await heardBy(page)).toEqual(['Once more'])
    await page.context().close()
  })
})

test('all of it works by keyboard, and says what it is to screen readers', async () => {
  const page = await visitor()
  const launcher = page.getByRole('button', { name: 'Open the chat' })
  await launcher.focus()
  await page.keyboard.press('Enter')
  expect(await page.getByRole('dialog', { name: 'Chat with us' }).isVisible()).toBe(true)
  await page.keyboard.type('By keyboard')
  await page.keyboard.press('Enter')
  await page.getByRole('log', { name: 'Messages' }).getByText('By keyboard').waitFor()
  await page.keyboard.press('Escape')
  expect(await page.locator('.panel').isVisible()).toBe(false)
  const focused = await page.evaluate('document.activeElement.shadowRoot.activeElement.className')
  expect(focused).toBe('launcher')
  const nameless = await page
    .locator('parley-chat')
    .evaluate((chat: Json) =>
      [...chat.shadowRoot.querySelectorAll('button, textarea, input:not([hidden]), select')]
        .filter((node: Json) => !(node.ariaLabel || node.textContent.trim() || node.labels?.length))
        .map((node: Json) => node.outerHTML),
    )
  expect(nameless).toEqual([])
  await page.context().close()
})

test('on a phone the window fills the screen, and its button does not lie over it', async () => {
  const page = await visitor({ viewport: { width: 390, height: 844 } })
  await open(page)
  const panel = await page.locator('.panel').boundingBox()
  expect([panel?.width, panel?.height]).toEqual([390, 844])
  expect(await page.locator('.launcher').isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Close the window' }).click()
  expect(await page.locator('.launcher').isVisible()).toBe(true)
  await page.context().close()
})

test('speaks the language of the page, is dark where the customer wants it, and takes the colours of the page', async () => {
  const page = await visitor({ colorScheme: 'dark' })
  const background = () =>
    page.locator('.panel').evaluate((node) => (globalThis as Json).getComputedStyle(node).backgroundColor)
  await open(page)
  expect(await background()).toBe('rgb(22, 26, 34)')
  await page.evaluate("document.querySelector('parley-chat').style.setProperty('--parley-background', 'rgb(1, 2, 3)')")
  expect(await background()).toBe('rgb(1, 2, 3)')
  await page.setContent(
    `<html lang="de"><body><script src="${node.url}/widget.js" data-app="SD12345650"></script></body>`,
  )
  await page.getByRole('button', { name: 'Chat öffnen' }).waitFor()
  await page.context().close()
})
