/** A customer's browser with the chat widget on the shop's page: a Chromium does what a customer's hands and eyes would. */
import type { Page } from 'playwright-core'
import type { Play } from '../scenarios/acts.ts'
import type { Device, DeviceAct } from '../scenarios/device.ts'
import { StackError } from '../scenarios/stack.ts'
import type { TestBrowser } from './browser.ts'
import { openWindow } from './chat-window.ts'

interface Open {
  page: Page
  token: string
}

export function windowsIn(browser: TestBrowser): Device {
  const open = new Map<Play, Open>()
  const begin = async (play: Play, page: Page) => {
    const token = tokenIn(page)
    await page.getByRole('button', { name: 'Open the chat' }).click()
    await learn(play, open, page, token)
  }
  return {
    async begin(play) {
      const { page } = await browser.open(`${play.stack.url}/shop`)
      await page.setContent(`<body><script src="/widget.js" data-app="${play.asset}"></script></body>`)
      await begin(play, page)
    },
    async act(play, act) {
      const { page } = open.get(play)!
      await perform(page, act)
      if ('window' in act && act.window === 'opened') {
        const token = tokenIn(page)
        await page.getByRole('button', { name: 'Start a new chat' }).click()
        await learn(play, open, page, token)
      }
    },
    async shows(play) {
      const { page, token } = open.get(play)!
      const lines = await linesOf(play, token)
      if (lines !== undefined)
        await page
          .locator('.line')
          .nth(lines - 1)
          .waitFor()
      const texts = await page
        .locator('.line:not(.own)')
        .evaluateAll((all) => all.map((line) => line.childNodes[1]?.textContent ?? ''))
      return texts.map((text) => ({ text }))
    },
  }
}

/** The door names the customer: the play goes by that name from now on. */
async function learn(play: Play, open: Map<Play, Open>, page: Page, token: Promise<string>): Promise<void> {
  const signed = await token
  const [payload = ''] = signed.split('.')
  const [, user, thread] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as string[]
  open.set(play, { page, token: signed })
  play.customer = user!
  play.thread = thread!
  play.places[0]!.customer = user!
}

/** That of the next welcome. */
function tokenIn(page: Page): Promise<string> {
  return new Promise((resolve) => {
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const frame = JSON.parse(String(payload)) as { type: string; token: string }
        if (frame.type === 'welcome') resolve(frame.token)
      }),
    )
  })
}

async function perform(page: Page, act: DeviceAct): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Write a message' })
  if ('typing' in act) return box.fill(act.typing === 'start' ? 'H' : '')
  if ('customer' in act) return written(page, () => box.fill(act.customer).then(() => box.press('Enter')))
  if ('form' in act) return written(page, () => answered(page, act.form))
  if ('press' in act) {
    const button = page.locator('.choices button:enabled', { hasText: act.press }).last()
    return written(page, () => button.click())
  }
  if (act.window === 'opened') return
  await page.getByRole('button', { name: 'End chat' }).click()
  await page.getByText('The chat has ended.').waitFor()
}

/** Until the thread has the line; one that is refused is told. */
async function written(page: Page, act: () => Promise<void>): Promise<void> {
  const before = await page.locator('.line.own:not(.pending)').count()
  await act()
  await page.locator('.line.own:not(.pending)').nth(before).waitFor()
  const failed = await page.locator('.line.failed').count()
  if (failed > 0) throw new StackError('the chat window says that the line was not sent')
}

async function answered(page: Page, fields: Record<string, string>): Promise<void> {
  const form = page.locator('.line form').last()
  for (const [name, answer] of Object.entries(fields)) {
    const field = form.locator(`[name="${name}"]`)
    const isChoice = (await form.locator(`select[name="${name}"]`).count()) > 0
    await (isChoice ? field.selectOption(answer) : field.fill(answer))
  }
  await form.getByRole('button', { name: 'Submit' }).click()
}

/** How many lines the thread shows, as another window of it is told; undefined once it has ended, when nothing more comes. */
async function linesOf({ stack, asset }: Play, token: string): Promise<number | undefined> {
  const window = await openWindow(stack.url, asset)
  window.say({ type: 'hello', token })
  // It is answered once the window is up to date.
  window.say({ type: 'form', id: 'up-to-date', reference: 'none', fields: {} })
  const isOpen = await Promise.race([window.next('refused').then(() => true), window.closed.then(() => false)])
  const shown = window.lines().filter(({ kind }) => kind !== 'closed')
  if (isOpen) await window.close()
  return isOpen && shown.length > 0 ? shown.length : undefined
}
