/** A load run in words. Pure. */
import type { LoadReport } from './load.ts'

const shown_max = 10

export function summary(report: LoadReport): string {
  const { seconds, chats, smsPerSecond, mailsPerSecond, syncAlways, encrypted, machine } = report
  const { conversations, messages, replies, turns, askedAgain, drainS } = report
  return [
    `${chats} chats at a time, ${smsPerSecond} texts and ${mailsPerSecond} mails a second, for ${seconds} s`,
    `on ${machine.cpus} × ${machine.model}, Node ${machine.node}, load ${machine.loadBefore.toFixed(1)} before, ${machine.loadAfter.toFixed(1)} after; the broker syncs ${syncAlways ? 'every write' : 'now and then'}${encrypted ? '; all is encrypted at rest' : ''}`,
    `conversations  ${byChannel(conversations)}`,
    `messages       ${byChannel(messages)}`,
    `turns          ${turns}, replies ${replies}, asked again by a door ${askedAgain}`,
    `all answered   ${drainS} s after the last message`,
    '',
    ...table(report),
    '',
    ...(['lost', 'doubled', 'wrong'] as const).flatMap((kind) => told(kind, report[kind])),
  ].join('\n')
}

const byChannel = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([channel, count]) => `${channel} ${count}`)
    .join(', ')

function table({ latencies }: LoadReport): string[] {
  const row = (what: string, cells: readonly (string | number)[]) =>
    what.padEnd(28) + cells.map((cell) => String(cell).padStart(9)).join('')
  return [
    row('milliseconds', ['count', 'p50', 'p95', 'p99', 'max']),
    ...latencies.map(({ what, count, p50Ms, p95Ms, p99Ms, maxMs }) => row(what, [count, p50Ms, p95Ms, p99Ms, maxMs])),
  ]
}

function told(kind: string, items: readonly string[]): string[] {
  const more = items.length > shown_max ? [`  … and ${items.length - shown_max} more`] : []
  return [`${kind.padEnd(15)}${items.length}`, ...items.slice(0, shown_max).map((item) => `  ${item}`), ...more]
}
