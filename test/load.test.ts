/**
 * A load on one node through its real doors, in small: whatever customers were told was taken is turned once, reaches the
 * agent once, and whatever was said to them they have read once. `npm run load` does it in earnest.
 */
import { describe, expect, test } from 'vitest'
import { parley } from './command-line.ts'

const run_ms_max = 240_000

test(
  'chats, texts and mails at once, all of it encrypted at rest, lose nothing and double nothing, and how long each took is told',
  async () => {
    const asked = ['--seconds', '5', '--chats', '20', '--sms', '10', '--mails', '3', '--no-sync-always', '--encrypted']
    const { code, stdout, stderr } = await parley(['load', '--json', ...asked])
    const report = JSON.parse(stdout || '{"lost": "no report"}')
    expect([report.lost, report.doubled, report.wrong], stderr).toEqual([[], [], []])
    expect(report).toMatchObject({ ok: true, seconds: 5, encrypted: true, conversations: { 'live-chat': 20 } })
    expect(report.messages.sms).toBeGreaterThan(40)
    expect(report.messages.email).toBeGreaterThan(10)
    expect(report.replies).toBeGreaterThan(50)
    for (const { what, p50Ms, p99Ms, maxMs } of report.latencies) {
      expect([what, p50Ms <= p99Ms && p99Ms <= maxMs && maxMs > 0]).toEqual([what, true])
    }
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(code).toBe(0)
  },
  run_ms_max,
)

describe('What it cannot run it refuses, with what is wrong', () => {
  test.each([
    [['--seconds', '0'], '--seconds: expected a whole number from 1 to 3600, found 0'],
    [['--chats', '2001'], '--chats: expected a whole number from 0 to 2000, found 2001'],
    [['--sms', '1.5'], '--sms: expected a whole number from 0 to 500, found 1.5'],
  ])('%s', async (args, sentence) => {
    const { code, stderr } = await parley(['load', ...args])
    expect(stderr).toContain(sentence)
    expect(code).toBe(1)
  })
})
