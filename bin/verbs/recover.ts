/** `parley recover`: after streams were put back from copies that were taken while nodes ran, before the nodes start. */
import { loadConfig } from '../../runtime/config.ts'
import { StartError } from '../../runtime/errors.ts'
import { openLog } from '../../runtime/log.ts'
import { recover } from '../../runtime/recover.ts'
import { VerbError } from '../cli.ts'
import { print, say } from '../print.ts'

export async function recovering({ turns, json }: { turns: string; json?: boolean }): Promise<void> {
  if (!/^[1-9]\d{0,7}$/.test(turns)) {
    throw new VerbError(`--turns: expected a whole number from 1 to 99999999, found ${turns}`)
  }
  const config = loadConfig({ env: process.env, cwd: process.cwd() })
  if (!config.nats.url) {
    throw new StartError('E_NO_CLUSTER', 'recover works on the streams of a NATS cluster: set PARLEY_NATS_URL')
  }
  const recovered = await recover({
    config,
    natsUrls: config.nats.url,
    turns: Number(turns),
    log: openLog(config.logLevel),
  })
  if (json) return print(recovered)
  const { conversations, timers, turnsFrom } = recovered
  say(`${timers} timers of ${conversations} conversations are armed; turns are numbered from ${turnsFrom + 1} on.`)
  say('Start the nodes now. Erase again whom you have erased since the copies were made.')
}
