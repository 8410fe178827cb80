/** `parley dev`: everything on this machine, and the conversations as they happen. What `npm start` runs. */
import { loadConfig } from '../../runtime/config.ts'
import { startDev } from '../../runtime/dev.ts'
import { watchConversations } from '../../runtime/live-view.ts'
import { consoleDir } from '../console-dir.ts'
import { natsServerCache } from '../nats-server-cache.ts'
import { paintFor } from '../paint.ts'
import { untilStopped } from '../until-stopped.ts'

export async function dev(): Promise<void> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() })
  const print = (line: string) => process.stdout.write(`${line}\n`)
  const paint = paintFor(process.stdout, process.env)
  const { node, natsUrl, natsVersion, logFile, stop } = await startDev({
    config,
    cacheDir: natsServerCache,
    consoleDir,
    progress: print,
  })
  const unwatch = await watchConversations(node.broker.nc, node.broker.js, print, paint)

  const sms = config.assets.find(({ channel }) => channel === 'sms')
  const mail = config.assets.find(({ channel }) => channel === 'email')
  print(paint.bold('\nParley is running. Ctrl-C stops it; the data stays.'))
  print(`  Console      ${node.url}/`)
  print(`  Gateway      ${node.url}`)
  if (node.deskUrl) print(`  Desk         ${node.deskUrl}`)
  print(`  Chat widget  ${node.url}/shop`)
  if (node.mailUrl && mail) print(`  Mail         ${node.mailUrl} (to ${mail.address})`)
  print(`  NATS         ${natsUrl} (nats-server ${natsVersion})`)
  print(`  Data         ${config.dataDir}`)
  print(`  Log          ${logFile}`)
  if (sms) print(`\nSend the first text message, from another terminal:\n\n${firstText(node.url, sms.id, paint)}\n`)

  await untilStopped(async () => {
    await unwatch()
    await stop()
  })
}

/** A text as Webex Connect would post it; each paste is a new message, since the shell makes the id. */
function firstText(url: string, asset: string, { cyan }: { cyan: (text: string) => string }): string {
  const body = `{"tid":"'$(date +%s%N)'","channel":"SMS","message":"Hi, I need help with my bill","oa":"+14155550123","da":"${asset}"}`
  return cyan(`  curl -sS ${url}/v1/inbound/sms -H 'content-type: application/json' -d '${body}'`)
}
