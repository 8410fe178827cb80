/**
 * Parley as a peer among others: the process that a harness runs keeps what harnesses rely on, and the command compares
 * what they print. The harness of the second test has figures that are known beforehand.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hostPeer } from '../runtime/bench/peers/hosted-peer.ts'
import { startBroker } from './broker.ts'
import { parley } from './command-line.ts'

const event = (number: number) => ({
  id: `one-e${number}`,
  type: 'message.inbound',
  at: 1_700_000_000_000 + number,
  channel: 'web',
  customerId: 'cust-1',
  text: 'hello',
})

test('as a peer: an event sent twice is one turn, its effects come under their own names, its state can be read', async () => {
  const broker = await startBroker()
  const keys: string[] = []
  let came = () => {}
  const farSide = createServer((request, response) => {
    keys.push(String(request.headers['idempotency-key']))
    response.end('{"ok":true}', came)
  })
  await new Promise<void>((listening) => farSide.listen(0, '127.0.0.1', listening))
  const STUB_URL = `http://127.0.0.1:${(farSide.address() as AddressInfo).port}/effect`
  const peer = await hostPeer({ STUB_URL, EFFECT_MODE: 'http', NATS_URL: broker.url })
  onTestFinished(async () => {
    await peer.stop()
    await new Promise((closed) => farSide.close(closed))
    await broker.stop()
  })
  const send = async (number: number, more = {}) => {
    const body = JSON.stringify({ ...event(number), ...more })
    return (await fetch(`${peer.url}/turn/one`, { method: 'POST', body })).json()
  }
  const seen = (count: number) =>
    new Promise<void>((resolve) => {
      came = () => keys.length >= count && resolve()
      came()
    })

  expect(await send(0)).toEqual({ stored: 'anew' })
  expect(await send(0)).toEqual({ stored: 'before' })
  await seen(2)
  expect(await send(1, { delayMs: 1 })).toEqual({ stored: 'anew' })
  await seen(3)
  expect(keys).toEqual(['one-e0:crm.openTicket', 'one-e0:channel.autoReply', 'one-e1:queue.bump'])
  expect(await (await fetch(`${peer.url}/read/one`)).json()).toMatchObject({
    value: 'inQueue',
    context: { applied: 2 },
  })
}, 30_000)

/** Prints a row a run: Parley is twice as fast as `other` in the first round, four times in the others. */
const bench = `
import { appendFileSync, readFileSync } from 'node:fs'
const [peer = 'parley-' + JSON.parse(process.env.PARLEY_PEER).sync] = process.argv.flatMap((arg, place, all) => arg === '--peer' ? [all[place + 1]] : [])
appendFileSync('order', peer + '\\n')
const round = readFileSync('order', 'utf8').split(peer).length - 1
const verify = { wrongState: peer === process.env.WRONG ? 1 : 0, wrongApplied: 0, effectsMissing: 0, effectsDuplicated: 0, effectsUnexpected: 0 }
const speed = peer === 'other' ? 100 * round : 400 * round
console.log(JSON.stringify({ peer, version: '1', turnsPerS: round === 1 ? 200 * (peer === 'other' ? 0.5 : 1) : speed, doneP50: round, doneP99: 9,
  cpuMsPerTurn: { server: 1, service: 2 }, peakPssMB: { server: 10, service: 20 }, diskWrittenKBPerTurn: 3, flushesPerTurn: 2, otherCpuPct: round, expired: false, verify }))
process.exit(verify.wrongState)
`

test('peers run in turn, round after round; medians are compared within a round; a wrong result ends with 1', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-harness-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const compare = (env = {}) => parley(['bench', '--json', '--peers', folder, '--with', 'other', '--rounds', '3'], env)

  expect((await compare()).stderr).toContain('holds no peers harness')
  mkdirSync(join(folder, 'adapters'))
  writeFileSync(join(folder, 'bench.mjs'), bench)
  for (const adapter of ['_http', 'other']) writeFileSync(join(folder, 'adapters', `${adapter}.mjs`), '')
  expect((await compare()).stderr).toContain('npm install')
  mkdirSync(join(folder, 'node_modules'))

  const { code, stdout } = await compare()
  const [always, , other] = JSON.parse(stdout).peers
  expect(code).toBe(0)
  expect(always).toMatchObject({
    peer: 'parley-always',
    turnsPerS: { median: 800, min: 200, max: 1_200 },
    cpuMsPerTurn: 3,
  })
  expect(other).toMatchObject({ ratio: { 'parley-always': 4, 'parley-interval': 4 }, doneP50Ms: 2, otherLoadPct: 3 })

  const wrong = await compare({ WRONG: 'other' })
  expect(JSON.parse(wrong.stdout).peers[2]).toMatchObject({ peer: 'other', faults: 3 })
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toContain('wrong results: other 3')
}, 60_000)
