/**
 * `npm run screenshots`: the pictures of the README, taken of a throw-away stack on which a little has happened. Real
 * nats-server, node, desk and browser; ends by itself.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { buildConsole } from '../bin/console-build.mjs'
import { natsServerCache } from '../bin/nats-server-cache.ts'
import { loadConfig } from '../runtime/config.ts'
import { startDev } from '../runtime/dev.ts'
import { startBrowser } from './browser.ts'
import { type Json, request } from './node.ts'

/** Feeds never fall silent for long; the drawing and the last answers are there by then. */
const settle_ms = 3_000
/** A line over time needs some of it. */
const trend_ms = 12_000
const firstPaint = "Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)"
const to = join(import.meta.dirname, '../docs/screenshots')
const say = (line: string) => void process.stderr.write(`${line}\n`)
const consoleDir = buildConsole(say)
const dir = await mkdtemp(join(tmpdir(), 'parley-screenshots-'))
const env = {
  PARLEY_PORT: '0',
  PARLEY_DESK_PORT: '0',
  PARLEY_DATA_DIR: dir,
  PARLEY_SYNC_ALWAYS: 'false',
  PARLEY_DESK_AUTOMATIC: 'false',
}
const dev = await startDev({ config: loadConfig({ env, cwd: dir }), cacheDir: natsServerCache, consoleDir })
const browser = await startBrowser()
try {
  await mkdir(to, { recursive: true })
  const id = await liveALittle(dev.node.url)
  const { page } = await browser.open(`${dev.node.url}/#/conversations`, { viewport: { width: 1280, height: 800 } })
  await page.locator('.conversation-row').first().waitFor()
  say(`first paint after ${await page.evaluate(firstPaint)} ms`)
  await shoot(page, 'conversations', '.conversation-row')
  await shoot(page, `conversations/${id}`, '.chart .state.lit', 'conversation')
  await page.getByRole('tab', { name: 'Sequence' }).click()
  await picture(page, 'sequence')
  await page.getByRole('button', { name: 'Dark theme' }).click()
  await shoot(page, 'try', '.bubble')
  await shoot(page, 'machines/live-chat-with-web-callback', 'svg.chart .warm', 'machines')
  await page.goto(`${dev.node.url}/#/fleet`)
  await page.waitForTimeout(trend_ms)
  await shoot(page, 'fleet', '.trend canvas')
  await page.getByRole('button', { name: 'Light theme' }).click()
  await page.goto(`${dev.node.url}/#/desk`)
  await page.getByRole('button', { name: 'Sit down' }).click()
  await page.getByRole('button', { name: 'Accept' }).first().click()
  await shoot(page, 'desk', '.talk .bubble')
} finally {
  await browser.close()
  await dev.stop()
  await rm(dir, { recursive: true, force: true })
}

async function shoot(page: Page, route: string, ready: string, name = route) {
  await page.goto(`${dev.node.url}/#/${route}`)
  await page.locator(ready).first().waitFor()
  await picture(page, name)
}

async function picture(page: Page, name: string) {
  await page.waitForLoadState('networkidle', { timeout: settle_ms }).catch(() => {})
  await page.screenshot({ path: join(to, `${name}.png`) })
  say(`docs/screenshots/${name}.png`)
}

/** Gives the conversation that is looked at. Waits for what it caused before it goes on. */
async function liveALittle(url: string): Promise<string> {
  const ask = async (method: string, path: string, body?: object): Promise<Json> =>
    (await request(url + path, method, body)).body
  const phone = (from: string, text: string) => ask('POST', '/desk/handset/sms/send', { from, to: '14155550100', text })
  const conversation = async (customer: string): Promise<Json> =>
    (await ask('GET', `/v1/conversations?${new URLSearchParams({ channel: 'sms', asset: '14155550100', customer })}`))
      .items[0]
  const until = async (customer: string, state: string): Promise<Json> => {
    for (;;) {
      const one = await conversation(customer)
      if (one?.state === state) return one
    }
  }
  const words = [
    'My bill looks wrong',
    'Where is my order?',
    'I cannot log in',
    'أحتاج مساعدة',
    'Card 4111 1111 1111 1111 was refused',
    'Hello 👋',
  ]
  const customers = words.map((_, index) => `+1415555012${index + 3}`)
  for (const [index, customer] of customers.entries()) {
    await phone(customer, words[index]!)
    await until(customer, 'noConversation.menu')
  }
  for (const customer of customers.slice(0, 5)) {
    await phone(customer, '1')
    await until(customer, 'inQueue.queued')
  }
  await ask('POST', '/desk/handset/mail/send', {
    from: 'ada@example.org',
    to: 'support@corp.example',
    subject: 'Invoice 7',
    text: 'Please send me invoice 7 again.',
  })
  const desk = async (customer: string, act: string, body: object = {}) =>
    ask('POST', `/desk/tasks/${(await conversation(customer)).taskId}/${act}`, body)
  for (const [index, customer] of customers.slice(0, 5).entries()) {
    await desk(customer, 'queue', { estimatedWaitTime: 5 * (index + 1) })
  }
  for (const customer of [customers[4]!, customers[2]!, customers[0]!]) {
    await desk(customer, 'route', { agentId: '5021' })
    await until(customer, 'active.talking')
    await desk(customer, 'say', { text: 'Thank you for writing. Let me look into that for you.' })
  }
  await phone(customers[0]!, 'Thanks! It is invoice 7')
  await desk(customers[0]!, 'transfer', { scriptSelector: 'Support' })
  await until(customers[0]!, 'inQueue.queued')
  await ask('POST', '/v1/inbound/sms', {
    tid: '1',
    channel: 'SMS',
    message: 'Hi',
    oa: '+14155550199',
    da: '19995550100',
  })
  return (await conversation(customers[0]!)).id
}
