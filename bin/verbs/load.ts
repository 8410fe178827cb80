/** `parley load`: a bounded load on one node through its real doors, and whether anything was lost or doubled. */
import { getNatsServer } from '../../runtime/nats-server/get-nats-server.ts'
import { runLoad } from '../../scenarios/load/load.ts'
import { summary } from '../../scenarios/load/report.ts'
import { VerbError } from '../cli.ts'
import { exitWhenTold } from '../exit-when-told.ts'
import { natsServerCache } from '../nats-server-cache.ts'

interface Options {
  seconds: string
  chats: string
  sms: string
  mails: string
  syncAlways: boolean
  encrypted?: boolean
  json?: boolean
}

const seconds_max = 3_600
const chats_max = 2_000
const per_second_max = 500

/** Fails when something was lost, doubled or refused. */
export async function load({ seconds, chats, sms, mails, syncAlways, encrypted, json }: Options): Promise<void> {
  const run = {
    seconds: within('--seconds', seconds, 1, seconds_max),
    chats: within('--chats', chats, 0, chats_max),
    smsPerSecond: within('--sms', sms, 0, per_second_max),
    mailsPerSecond: within('--mails', mails, 0, per_second_max),
    syncAlways,
    encrypted: encrypted === true,
  }
  const progress = (line: string) => void process.stderr.write(`${line}\n`)
  exitWhenTold()
  const { bin } = await getNatsServer({ cacheDir: natsServerCache, progress })
  const report = await runLoad({ ...run, natsServerBin: bin, progress })
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summary(report)}\n`)
  if (report.ok) return
  const { lost, doubled, wrong } = report
  throw new VerbError(
    `${lost.length} lost, ${doubled.length} doubled, ${wrong.length} other things that may not happen`,
  )
}

function within(name: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= low && value <= high) return value
  throw new VerbError(`${name}: expected a whole number from ${low} to ${high}, found ${text}`)
}
