/** `parley bench --long`: whether the last turn of one long conversation takes as long as its hundredth. */
import { type Look, long_turns_min, measureLongConversation } from '../../runtime/bench/long-conversation.ts'
import { benchBroker } from '../bench-broker.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'
import { say, table } from '../print.ts'

export async function benchLong({ json, long }: { json?: boolean; long: string }): Promise<void> {
  const turns = countIn('--long', long)
  if (turns < long_turns_min) throw new VerbError(`--long: expected at least ${long_turns_min} turns, found ${turns}`)
  const { bin, version, progress } = await benchBroker()
  const measured = await measureLongConversation(bin, turns, progress)
  if (json) say(JSON.stringify({ node: process.version, nats: version, ...measured }))
  else {
    const row = (look: Look) => [`turn ${look.fromTurn}`, ...[look.doneP50Ms, look.doneP99Ms].map(String)]
    table(['one conversation, from', 'done p50, ms', 'p99'], [row(measured.early), row(measured.late)])
    say(`the last to the first: ${measured.ratio}; ${turns} turns in ${measured.seconds} s`)
  }
  if (Object.values(measured.check).some((count) => count !== 0))
    throw new VerbError(`the run broke its own rules: ${JSON.stringify(measured.check)}`)
}
