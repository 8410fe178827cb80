/**
 * The same stories, with the same approved transcripts, over other doors than Connect's: texts over SMPP, through
 * message centres that are not ours; chats through the widget in a real Chromium.
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
import { hasDebian } from './debian-packages.ts'
import { centre } from './message-centre.ts'
import { type NetSmppCentre, netSmppCentre } from './net-smpp-centre.ts'
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

/** The server of the npm package smpp. */
async function npmCentre(): Promise<NetSmppCentre> {
  const { url, submitted, bind, deliver, close } = await centre()
  const whoAndWhat = ({ from, to, text }: { from: string; to: string; text: string }) => ({
    ...{ source_addr_ton: 1, source_addr_npi: 1, source_addr: from, destination_addr: to, short_message: text },
  })
  return { url, submitted, bound: bind(), deliver: (text) => deliver(whoAndWhat(text)), close }
}

describe.each([
  { of: 'the npm package smpp', start: npmCentre, isHere: true },
  { of: 'Net::SMPP', start: netSmppCentre, isHere: hasDebian('texts over SMPP with the message centre of Net::SMPP') },
])('a text over SMPP, through the message centre of $of', ({ start, isHere }) => {
  const stories = ['sms-inbound', 'transferred', 'stories/card-number-in-queue']
  let smsc: NetSmppCentre
  let stack: Stack
  beforeAll(async () => {
    if (!isHere) return
    smsc = await start()
    stack = await stackFor(stories, { sms: telephoneAt(smsc) }, { SMPP_URL: smsc.url })
    await smsc.bound
  })
  afterAll(async () => {
    await stack?.stop()
    await smsc?.close()
  })
  test.runIf(isHere).each(stories)('%s', (name) => holds(stack, name))
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
