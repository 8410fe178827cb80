/**
 * The console in a real browser, served by a real node with its desk: every page loads, can be used without a mouse and by
 * a screen reader, plays the main stories, and shows what customers write as text and nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildConsole } from '../bin/console-build.mjs'
import { parseScenario } from '../scenarios/parse-scenario.ts'
import { pathOf } from '../scenarios/path.ts'
import { type Broker, startBroker } from './broker.ts'
import { startBrowser, type TestBrowser } from './browser.ts'
import { customer, startTestNode, type TestNode } from './node.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let broker: Broker
let node: TestNode
let browser: TestBrowser
const consoleDir = buildConsole((line: string) => process.stderr.write(`${line}\n`))

beforeAll(async () => {
  broker = await startBroker()
  node = await startTestNode(broker, {}, { consoleDir })
  browser = await startBrowser()
})
afterEach(() => browser.closePages())
afterAll(async () => {
  await browser.close()
  await node.stop()
  await broker.stop()
})

const patient = { timeout: 60_000 }
const at = (page: string) => `${node.url}/#/${page}`
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

/** What is wrong for people who cannot see, or use no mouse, and is serious or worse. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const found: { violations: { id: string; impact: string; nodes: { html: string }[] }[] } = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })",
  )
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}

/** Writes as a customer on the phone of the page, and waits for the words to stand there. */
async function write(page: Page, device: string, text: string) {
  await page.getByLabel(`${device}: message`, { exact: true }).fill(text)
  await page.getByLabel(device, { exact: true }).getByRole('button', { name: 'Send', exact: true }).click()
}

test('an SMS goes from the phone to an agent, who answers and closes it', async () => {
  const { page, faults } = await browser.open(at('try'))
  await write(page, 'Phone', 'Hello, my card is 4111 1111 1111 1111')
  await page.getByText('Welcome!').waitFor()
  await write(page, 'Phone', '1')
  await page.getByText('Your request for a live agent').waitFor()
  await node.advance(0)
  await page.goto(at('desk'))
  await page.getByRole('button', { name: 'Sit down' }).click()
  await page.getByRole('button', { name: 'Accept' }).click()
  const transcript = page.getByLabel('Transcript')
  await transcript.getByText('card number').waitFor()
  expect(await transcript.innerText()).not.toContain('4111')
  await page.getByLabel('Reply').fill('We are looking into it')
  await page.getByRole('button', { name: 'Send' }).click()
  await transcript.getByText('We are looking into it').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByText('To wrap up (1)').waitFor()
  await page.getByRole('button', { name: 'Wrapped up' }).click()
  await page.getByRole('status').filter({ hasText: '5021: ready' }).waitFor()
  await page.getByText('What is offered rings here').waitFor()
  await node.advance(0)
  await page.goto(at('try'))
  await page.getByText('We are looking into it').waitFor()
  await page.getByLabel('Phone', { exact: true }).locator('.pill', { hasText: 'closed' }).waitFor()
  expect((await node.conversation()).state).toBe('closed.resting')
  expect(faults).toEqual([])
})

test('an offer that rings out goes back into the queue and the agent is not ready; logging out gives it back as well', async () => {
  const from = '+14155553101'
  await node.text('Hi', { from })
  await node.advance(0)
  await node.text('2', { from })
  await node.advance(0)
  const { page, faults } = await browser.open(at('desk'))
  await page.getByRole('button', { name: 'Sit down' }).click()
  await page.getByRole('progressbar', { name: 'Time left to accept' }).waitFor()
  await node.advance(15_000)
  await page.getByText('You did not answer').waitFor()
  await expect
    .poll(async () => (await node.turns(from)).map(({ event }) => event.type))
    .toContain('parley.task.transferred')
  await node.advance(0)
  const { id } = await node.conversation(from)
  await page.goto(at(`conversations/${id}`))
  await page.getByText('task transferred', { exact: false }).first().waitFor()
  await page.getByText('CD_RING_NO_ANSWER', { exact: false }).first().waitFor()
  await page.goto(at('desk'))
  await page.getByRole('button', { name: 'Ready' }).click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByLabel('Transcript').waitFor()
  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('button', { name: 'Sit down' }).waitFor()
  await node.advance(0)
  const causes = (await node.turns(from)).map(({ event }) => (event.data as { cause?: string }).cause)
  expect(causes).toContain('CD_TASK_TRANSFERRED_ON_AGENT_LOGOUT')
  expect(faults).toEqual([])
  await node.text('End Conversation', { from })
  await node.advance(0)
})

test('the shop’s own chat window leads to a callback, with a webhook out of order, its lines doubled and a text lost on the way as asked for', async () => {
  const { page, faults } = await browser.open(at('try'))
  await page.locator('.troubles summary').press('Enter')
  for (const trouble of ['CREATED out of order', 'texts and mails lost', 'chat lines twice'])
    await page.getByLabel(trouble).check()
  await page.getByText('CREATED out of order, texts and mails lost, chat lines twice').waitFor()
  const chat = page.locator('parley-chat')
  await chat.getByRole('textbox', { name: 'Write a message' }).fill('Hello from the shop')
  await chat.getByRole('textbox', { name: 'Write a message' }).press('Enter')
  const form = chat.locator('.line form')
  await form.getByLabel('Name').fill('Ana Ruiz')
  await form.getByLabel('Email').fill('ana@example.test')
  await form.getByLabel('Phone').fill('+14155550177')
  await form.locator('select').selectOption('Insurance')
  await form.getByRole('button', { name: 'Submit' }).press('Enter')
  await chat.getByText('Form sent').waitFor()
  await page.getByLabel('My number').fill('+14155550178')
  await write(page, 'Phone', 'Nobody hears this')
  await node.advance(0)
  const window = page.getByLabel('Chat window', { exact: true })
  await window.getByText('in the queue').waitFor()
  const { items } = (await node.ask('GET', '/v1/conversations?channel=live-chat')).body
  const turns: { event: { type: string } }[] = (await node.ask('GET', `/v1/conversations/${items[0].id}/turns`)).body
  const told = turns.map(({ event }) => event.type).filter((type) => type.startsWith('parley.task.'))
  expect(told).toEqual(['parley.task.queued', 'parley.task.created'])
  expect(turns.filter(({ event }) => event.type === 'parley.message.received')).toHaveLength(1)
  expect(await node.conversation('+14155550178')).toBeUndefined()
  await page.getByRole('button', { name: 'All well' }).click()
  await page.getByText('none now').waitFor()
  await node.advance(60_000)
  await chat.getByRole('button', { name: 'Yes, call me' }).press('Enter')
  await node.advance(0)
  await page.goto(at('desk'))
  await page.getByRole('combobox', { name: 'Agent' }).fill('ana')
  await page.getByRole('button', { name: 'Sit down' }).press('Enter')
  await page.getByText('+14155550177').first().waitFor()
  await page.getByRole('button', { name: 'Answers' }).press('Enter')
  await page.getByRole('status').filter({ hasText: 'is talking' }).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Hang up' }).press('Enter')
  await page.getByText('Web Callback ·').waitFor()
  await page.getByRole('button', { name: 'Log out' }).press('Enter')
  await page.getByRole('button', { name: 'Sit down' }).waitFor()
  await node.advance(0)
  expect((await node.ask('GET', `/v1/conversations/${items[0].id}`)).body.state).toBe('closed.resting')
  expect(faults).toEqual([])
})

/** A customer whose texts have led into the queue. */
async function waits(from: string) {
  for (const text of ['Hi', '1']) {
    await node.text(text, { from })
    await node.advance(0)
  }
}
/** The agent of that name, at a desk in a browser of their own. */
async function seated(name: string) {
  const { page, faults } = await browser.open(at('desk'))
  await page.getByRole('combobox', { name: 'Agent' }).fill(name)
  await page.getByRole('button', { name: 'Sit down' }).click()
  const is = (activity: string) =>
    page
      .getByRole('status')
      .filter({ hasText: `${name}: ${activity}` })
      .waitFor()
  await is('ready')
  return {
    page,
    faults,
    is,
    press: (button: string) => page.getByRole('button', { name: button, exact: true }).click(),
    offers: page.locator('.offer'),
    sees: (text: string) => page.getByText(text).first().waitFor(),
    transfers: async (to: string) => {
      await page.getByLabel('Transfer to').selectOption(to)
      await page.getByRole('button', { name: 'Transfer', exact: true }).click()
    },
  }
}

/** A customer whose chat waits in the queue; gives the way to what the node has of it. */
async function chats(user: string): Promise<string> {
  const chat = async (act: string, body: object) =>
    (await node.atDesk('POST', `/desk/handset/chat/${act}`, { user, app: 'SD12345650', ...body })).body
  const { thread } = await chat('open', {})
  await chat('say', { thread, text: 'My card is 4111 1111 1111 1111' })
  await node.advance(0)
  const fields = { Name: 'Ana Ruiz', Email: 'ana@example.test', Phone: '+14155550123', Query: 'Insurance' }
  await chat('form', { thread, fields })
  await node.advance(0)
  const query = new URLSearchParams({ channel: 'live-chat', asset: 'SD12345650', customer: user })
  return `/v1/conversations/${(await node.ask('GET', `/v1/conversations?${query}`)).body.items[0].id}`
}

test('a conversation is handed to a colleague and from there to a queue, and both agents see where it is', async () => {
  const ada = await seated('Ada')
  const path = await chats('visitor-of-the-shop')
  await ada.offers.filter({ hasText: 'Ana Ruiz · Chat · Insurance' }).waitFor()
  await ada.press('Accept')
  await ada.page.getByLabel('Before we start').getByText('How can we help?').waitFor()
  await ada.page.getByLabel('Reply').fill('Bela knows more about that')
  await ada.press('Send')
  await ada.page.getByLabel('Transcript').getByText('Bela knows more about that').waitFor()
  const bela = await seated('Bela')

  await ada.transfers('agent Bela')
  await node.advance(0)
  await bela.offers.filter({ hasText: 'Ana Ruiz' }).waitFor()
  await ada.sees('To wrap up (1)')
  await ada.sees('Mine (0)')
  expect(await ada.offers.count()).toBe(0)
  await bela.press('Accept')
  await bela.page.getByLabel('Transcript').getByText('Bela knows more about that').waitFor()
  await bela.is('talking')

  await bela.transfers('queue Support')
  await node.advance(0)
  await ada.offers.filter({ hasText: 'Support' }).waitFor()
  await bela.sees('To wrap up (1)')
  await bela.sees('Mine (0)')
  expect(await bela.offers.count()).toBe(0)
  await ada.press('Accept')
  await ada.sees('Mine (1)')
  await node.advance(0)
  const { agentId, state } = (await node.ask('GET', path)).body
  expect([agentId, state]).toEqual(['Ada', 'active.talking'])
  const turns: { event: { type: string } }[] = (await node.ask('GET', `${path}/turns`)).body
  const told = turns.map(({ event }) => event.type).filter((type) => type.startsWith('parley.task.'))
  expect(told.filter((type) => /routed|transferred/.test(type))).toEqual(
    ['routed', 'transferred', 'routed', 'transferred', 'routed'].map((type) => `parley.task.${type}`),
  )
  await ada.press('Close')
  await ada.sees('Mine (0)')
  await ada.sees('To wrap up (1)')
  for (const agent of [ada, bela]) await agent.press('Log out')
  expect([...ada.faults, ...bela.faults]).toEqual([])
})

test('an agent who takes two at once is offered a second while they talk, and a third only when one is wrapped up', async () => {
  const customers = ['+14155553121', '+14155553122', '+14155553123']
  const [first, second, third] = customers as [string, string, string]
  const cleo = await seated('Cleo')
  const capacity = cleo.page.locator('.capacity')
  await capacity.locator('summary').press('Enter')
  await capacity.getByLabel('Social, at once').fill('2')
  await capacity.getByText('Social 0/2').waitFor()
  await waits(first)
  await cleo.press('Accept')
  await cleo.is('talking')
  await waits(second)
  await cleo.offers.filter({ hasText: second }).waitFor()
  await waits(third)
  await cleo.sees('Queue (1)')
  await capacity.getByText('Social 2/2').waitFor()
  expect(await cleo.offers.count()).toBe(1)
  await cleo.press('Accept')
  await cleo.sees('Mine (2)')
  expect(await cleo.offers.count()).toBe(0)
  await cleo.press('Close')
  await cleo.sees('To wrap up (1)')
  expect(await cleo.offers.count()).toBe(0)
  await cleo.press('Wrapped up')
  await cleo.offers.filter({ hasText: third }).waitFor()
  expect((await node.conversation(third)).state).toMatch(/^(inQueue|active)/)
  await cleo.press('Log out')
  for (const from of customers) await node.text('End Conversation', { from })
  await node.advance(0)
  expect(cleo.faults).toEqual([])
})

describe('A conversation', () => {
  test('is taken by its slider to any turn of the past, chart, turn and memory alike, and back to now', async () => {
    const { id } = await node.conversation()
    const { page, faults } = await browser.open(at(`conversations/${id}`))
    await page.locator('.chart .state.lit[data-state="closed.resting"]').waitFor()
    const slider = page.getByRole('slider', { name: 'Turn' })
    await slider.focus()
    await slider.press('Home')
    await page.locator('.chart .state.lit[data-state="noConversation.searching"]').waitFor()
    expect(await page.locator('.chart .state.lit').count()).toBe(2)
    const taken = page.locator('.chart .arrow.taken[data-source="noConversation.idle"]')
    await taken.waitFor({ state: 'attached' })
    await page.getByRole('heading', { name: 'Turn 1: the customer wrote' }).waitFor()
    await page
      .getByRole('row', { name: /queued|waiting/i })
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.locator('.chart .state.lit[data-state="closed.resting"]').waitFor()
    await page.getByRole('tab', { name: 'Sequence' }).click()
    await page.getByRole('img', { name: 'Who told whom what' }).waitFor()
    expect(faults).toEqual([])
  })

  test('is copied as a scenario that can be played and as a path, and replayed, all by keyboard', async () => {
    const { id } = await node.conversation()
    const permissions = ['clipboard-read', 'clipboard-write']
    const { page, faults } = await browser.open(at(`conversations/${id}`), { permissions })
    await page.locator('.chart .state.lit').first().waitFor()
    const copied = async (label: string, said: RegExp): Promise<string> => {
      await page.getByRole('button', { name: label }).press('Enter')
      await page.getByRole('status').filter({ hasText: said }).waitFor()
      return page.evaluate('navigator.clipboard.readText()')
    }
    const scenario = parseScenario('copied.yaml', await copied('Copy as scenario', /^Copied: a scenario.*lines$/))
    expect(scenario.steps[0]).toEqual(expect.objectContaining({ customer: expect.anything() }))
    expect(JSON.parse(await copied('Copy as path', /^Copied: a path/))).toEqual(pathOf(await node.turns()))
    await page.getByRole('button', { name: 'Replay on version' }).press('Enter')
    await page.getByRole('button', { name: 'Replay', exact: true }).press('Enter')
    await page.getByText('no difference').waitFor()
    expect(await barriers(page)).toEqual([])
    expect(faults).toEqual([])
  })

  test('moves while it is watched', async () => {
    const from = '+14155553102'
    await node.text('Hi', { from })
    await node.advance(0)
    const { id } = await node.conversation(from)
    const { page } = await browser.open(at(`conversations/${id}`))
    await page.locator('.chart .state.lit[data-state="noConversation.menu"]').waitFor()
    await node.text('1', { from })
    await node.advance(0)
    await page.locator('.chart .state.lit[data-state="inQueue"]').waitFor()
    await page.getByText('“1”').waitFor()
  })

  test('of 5,000 turns has only those on the page that are in sight, up to the last one', async () => {
    const { id } = await node.conversation()
    const [turn] = await node.turns()
    const turns = Array.from({ length: 5_000 }, (_, index) => ({ ...turn, revision: index + 1, turn: index + 1 }))
    const { page } = await browser.open('about:blank')
    await page.route('**/turns', (route) => route.fulfill({ json: turns }))
    await page.goto(at(`conversations/${id}`))
    await page.locator('[aria-posinset="5000"]').waitFor()
    const list = page.getByRole('region', { name: 'Turns' })
    for (const share of [0.75, 0.5, 0.25]) {
      await list.evaluate((box, to) => box.scrollTo({ top: box.scrollHeight * to }), share)
      await page.locator(`[aria-posinset="${5_000 * share}"]`).waitFor()
      expect(await page.locator('.turn').count()).toBeLessThan(60)
    }
    await page.getByRole('slider', { name: 'Turn' }).fill('0')
    await page.locator('[aria-posinset="1"]').waitFor()
  })
})

test('what customers write is shown as text: markup, scripts, emoji, right to left, 10,000 characters', async () => {
  const from = '+14155553103'
  const texts = [
    '<img src=x onerror="document.title=\'broken\'"><script>document.title="broken"</script>',
    'أهلا 👋🏽',
    'x'.repeat(10_000),
  ]
  for (const text of texts) {
    await node.text(text, { from })
    await node.advance(0)
  }
  const { id } = await node.conversation(from)
  const { page, faults } = await browser.open(at(`conversations/${id}`))
  for (const text of texts.slice(0, 2)) await page.getByText(text.slice(0, 40), { exact: false }).first().waitFor()
  const last = await page.locator('.turn').filter({ hasText: 'xxxxxxxxxx' }).count()
  expect(last).toBe(1)
  await page.locator('.turn').filter({ hasText: 'xxxxxxxxxx' }).click()
  await page.getByRole('button', { name: 'show all 10,000 characters' }).first().click()
  expect(await page.title()).not.toContain('broken')
  expect(await page.locator('main img, main script').count()).toBe(0)
  expect(faults).toEqual([])
})

/** Whether somebody who looks at the chart sees where the conversation is, without scrolling it. */
const litIsInSight = (page: Page): Promise<boolean> =>
  page.evaluate(`(() => {
    const [box, ...lit] = document.querySelectorAll('.chart-box, .chart .state.lit')
    const [outer, inner] = [box, lit.at(-1) ?? box].map((one) => one.getBoundingClientRect())
    return lit.length > 0 && inner.top >= outer.top && inner.bottom <= outer.bottom && outer.height < innerHeight
  })()`)

describe('Every page loads without a fault and bars nobody', () => {
  const pages: [name: string, heading: string][] = [
    ['conversations', 'Conversations'],
    ['try', 'Try it'],
    ['desk', 'Agent desk'],
    ['machines', 'Machines'],
    ['fleet', 'Fleet'],
  ]
  const looks: [look: string, width: number, height: number, colorScheme: 'light' | 'dark'][] = [
    ['wide and light', 1360, 860, 'light'],
    ['on a phone and dark', 390, 800, 'dark'],
  ]
  test.each(looks)('%s', async (_, width, height, colorScheme) => {
    const { id } = await node.conversation(customer)
    const { page, faults } = await browser.open(at('conversations'), { viewport: { width, height }, colorScheme })
    for (const [name, heading] of [...pages, [`conversations/${id}`, customer]] as [string, string][]) {
      await page.goto(at(name))
      await page.getByRole('heading', { name: heading, exact: true, level: 1 }).waitFor()
      if (name === 'machines') await page.locator('svg.chart').waitFor()
      if (name.includes('/')) await expect.poll(() => litIsInSight(page), patient).toBe(true)
      expect(await barriers(page), name).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width)
    }
    expect(faults).toEqual([])
  })
})

test('a machine is coloured by its generated paths and by real turns, and says both in words', async () => {
  const { page, faults } = await browser.open(at('machines/sms'))
  await page
    .getByRole('status')
    .filter({ hasText: /^\d+ generated paths of [\d,]+ steps walk \d+ of \d+ ways/ })
    .waitFor()
  const arrows = (which: string) => page.locator(`.chart .arrow.${which}`)
  await expect.poll(() => arrows('warm').count(), patient).toBeGreaterThan(20)
  expect(await arrows('never').count()).toBe(0)
  await page.getByRole('button', { name: 'Real traffic' }).press('Enter')
  await page.locator('.chart .arrow.warm[data-source="noConversation.idle"]').waitFor({ state: 'attached' })
  expect(await arrows('never').count()).toBeGreaterThan(5)
  const turned = (await node.turns()).length
  const { paths, traffic } = (await node.ask('GET', '/v1/machines/sms/2/coverage')).body
  expect(traffic.turns).toBeGreaterThanOrEqual(turned)
  await page.getByText('Every way in words').press('Enter')
  const way = page.getByRole('row', { name: /^noConversation.idle message.received noConversation.searching/ })
  const id = 'noConversation.idle message.received 0'
  expect(await way.locator('.number').allInnerTexts()).toEqual(
    [paths.transitions[id], traffic.transitions[id]].map(String),
  )
  expect(await barriers(page)).toEqual([])
  expect(faults).toEqual([])
})

test('the fleet draws how old inbox and outbox are, and waits as they were told and as they were', async () => {
  const { page, faults } = await browser.open(at('fleet'))
  const ages = page.getByRole('img', { name: /^Age of the inbox and of the outbox/ })
  await ages.locator('canvas').waitFor()
  await page.getByText('outbox 0 s').waitFor()
  // biome-ignore lint/suspicious/noThenProperty: the word of the desk’s door
  await node.atDesk('POST', '/desk/faults', { call: 'searchConversation', then: 'answer' })
  await node.text('Hello', { from: '+14155553109' })
  await node.advance(0)
  await page.getByText(/outbox (?!0 s)/).waitFor()
  await node.advance(60_000)
  await page.getByText('outbox 0 s').waitFor()
  await page
    .getByRole('img', { name: /^Waits as they were told/ })
    .locator('canvas')
    .waitFor()
  await page.getByRole('row', { name: new RegExp(`^\\${customer} told`) }).waitFor()
  expect(faults).toEqual([])
})

test('the list is searched, and narrowed by state', async () => {
  const { page } = await browser.open(at('conversations'))
  const rows = page.locator('.conversation-row')
  await rows.first().waitFor()
  await page.getByLabel('Search conversations').fill('3102')
  await expect.poll(() => rows.count(), patient).toBe(1)
  await page.getByRole('button', { name: /closed/ }).click()
  await page.getByText('None match').waitFor()
  await page.getByLabel('Search conversations').fill('')
  await expect.poll(() => rows.count(), patient).toBeGreaterThan(0)
  expect(await rows.first().innerText()).toContain('closed')
})

test('the console is small: its scripts are under 500 kB, compressed', () => {
  const assets = readdirSync(join(consoleDir, 'assets')).filter((name) => name.endsWith('.js'))
  const bytes = assets.map((name) => gzipSync(readFileSync(join(consoleDir, 'assets', name))).length)
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(500_000)
})

test('the console is painted before the node has answered anything, from less than 150 kB', async () => {
  const { page } = await browser.open('about:blank')
  await page.route('**/v1/**', () => {})
  await page.goto(at('conversations'))
  await page.getByRole('heading', { name: 'Conversations' }).waitFor()
  const paints = () => page.evaluate("performance.getEntriesByName('first-contentful-paint').length")
  await expect.poll(paints, patient).toBe(1)
  const loaded =
    "performance.getEntriesByType('resource').reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"
  expect(await page.evaluate(loaded)).toBeLessThan(150_000)
})

test('a page’s name leads to it without its #', async () => {
  const { page, faults } = await browser.open(`${node.url}/desk`)
  await page.getByRole('heading', { name: 'Agent desk' }).waitFor()
  expect(faults).toEqual([])
})

test('every page has its icon, the shop’s page too, and no request of it fails', async () => {
  const icon = await node.ask('GET', '/favicon.ico')
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml'])
  const { page, faults } = await browser.open(`${node.url}/shop`)
  await page.getByRole('button', { name: 'Open the chat' }).waitFor()
  expect(faults).toEqual([])
})

test('nothing on a page comes from elsewhere', async () => {
  const { page } = await browser.open('about:blank')
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(at('machines'))
  await page.locator('svg.chart').waitFor()
  expect(asked.filter((url) => !url.startsWith(node.url) && !url.startsWith('data:'))).toEqual([])
  expect((await node.ask('GET', '/')).headers.get('content-security-policy')).toContain("default-src 'self'")
})

/** What the node of the token says otherwise than the one that held the conversations. */
const otherWords = { PARLEY_ASSETS__0__TEXTS: JSON.stringify({ en: { CreatedMessage: 'We heard you.' } }) }

describe('With an admin token set', () => {
  let guarded: TestNode
  beforeAll(async () => {
    guarded = await startTestNode(broker, { PARLEY_ADMIN_TOKEN: 'of-the-console', ...otherWords }, { consoleDir })
  })
  afterAll(() => guarded.stop())

  test('every page asks for it, takes no other, and then shows what it has', async () => {
    const { page } = await browser.open(`${guarded.url}/#/conversations`)
    for (const name of ['desk', 'fleet', 'machines', 'try', 'conversations']) {
      await page.goto(`${guarded.url}/#/${name}`)
      await page.reload()
      await page.getByLabel('Admin token').waitFor()
    }
    await page.getByLabel('Admin token').fill('another')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Admin token').fill('of-the-console')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.conversation-row').first().waitFor()
    await page.goto(`${guarded.url}/#/desk`)
    await page.getByRole('heading', { name: 'Agent desk' }).waitFor()
    await page.goto(`${guarded.url}/#/conversations/${(await node.conversation()).id}`)
    await page.getByRole('button', { name: 'Replay on version' }).click()
    await page.getByRole('button', { name: 'Replay', exact: true }).click()
    const told = page.getByRole('status').filter({ hasText: 'the first difference is in' })
    await told.getByText('We heard you.').waitFor()
    await told.getByText('Your request for a live agent has been received.').waitFor()
    await told.getByRole('button', { name: /^turn \d+$/ }).click()
    await page.getByText('“1”').waitFor()
    await page.getByRole('heading', { name: /: task created/ }).waitFor()
  })

  test('the desk’s doors need it at the gateway', async () => {
    expect((await guarded.ask('GET', '/desk/tasks')).status).toBe(401)
    const headers = { authorization: 'Bearer of-the-console' }
    expect((await guarded.ask('GET', '/desk/tasks', undefined, headers)).status).toBe(200)
    expect((await guarded.ask('POST', '/desk/tasks/none/route', {}, headers)).status).toBe(404)
  })
})

test('a node without a built console says how to get it', async () => {
  const bare = await startTestNode(broker)
  const { status, body } = await bare.ask('GET', '/')
  await bare.stop()
  expect([status, body]).toEqual([404, expect.stringContaining('npm run setup')])
})
