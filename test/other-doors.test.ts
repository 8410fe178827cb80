/**
 * The same stories, with the same approved transcripts, over other doors than Connect's: texts over SMPP, through a message
 * centre that is not ours; chats through the widget in a real Chromium.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { differences } from '../scenarios/approval.ts'
import type { Device } from '../scenarios/device.ts'
import { play } from '../scenarios/player.ts'
import { readScenario } from '../scenarios/scenario-files.ts'
import { type Stack, startStack } from '../scenarios/stack.ts'
import { markdown } from '../scenarios/transcript.ts'
import { startBrowser, type TestBrowser } from './browser.ts'
import { type Centre, centre } from './message-centre.ts'
import { telephoneAt } from './smpp-telephone.ts'
import { windowsIn } from './widget-window.ts'

const folder = join(import.meta.dirname, '../scenarios')
const read = (names: readonly string[]) => Promise.all(names.map((name) => readScenario(join(folder, `${name}.yaml`))))

/** As `npm run demo` plays it, byte for byte. */
async function holds(stack: Stack, name: string) {
  const [scenario] = await read([name])
  const { steps, problems } = await play(stack, scenario!)
  expect(problems).toEqual([])
  expect(await differences(join(folder, `${name}.yaml`), markdown(scenario!, steps))).toEqual([])
}

const stackFor = async (names: readonly string[], devices: Stack['devices'], env: Record<string, string> = {}) =>
  startStack({
    ...{ scenarios: await read(names), devices, env },
    ...{ natsServerBin: inject('natsServerBin'), under: inject('brokersDir') },
  })

describe('a text over SMPP', () => {
  const stories = ['sms-inbound', 'transferred', 'stories/card-number-in-queue']
  let smsc: Centre
  let stack: Stack
  beforeAll(async () => {
    smsc = await centre()
    const bound = smsc.bind()
    stack = await stackFor(stories, { sms: telephoneAt(smsc) }, { SMPP_URL: smsc.url })
    await bound
  })
  afterAll(async () => {
    await stack?.stop()
    await smsc?.close()
  })
  test.each(stories)('%s', (name) => holds(stack, name))
})

describe('a chat in the widget', () => {
  const stories = ['live-chat-inbound', 'live-chat-inbound-with-web-callback']
  let browser: TestBrowser
  let stack: Stack
  let device: Device
  beforeAll(async () => {
    browser = await startBrowser()
    device = windowsIn(browser)
    stack = await stackFor(stories, { 'live-chat': device })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await stack?.stop()
  })
  test.each(stories)('%s', (name) => holds(stack, name), 60_000)
})
