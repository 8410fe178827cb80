/**
 * What belongs to one channel: a chat window on a telephone is refused, with its place. Pure; used by `scenario.ts`.
 */
import type { Channel } from '../machines/events.ts'
import { type CustomerSays, chatSteps } from './customer-steps.ts'
import type { Expect, Step } from './scenario.ts'

/** A thing that this asset cannot do: where it stands, and the asset that could. */
export interface Misplaced {
  path: (string | number)[]
  expected: string
}

/** Everything in the file that belongs to another channel than `channel`, in the order of its steps. */
export function misplaced(
  channel: Channel,
  file: { machine?: unknown; form?: unknown; via?: unknown; steps: readonly Step[] },
): Misplaced[] {
  const settings = (['machine', 'form'] as const)
    .filter((key) => channel !== 'live-chat' && file[key] !== undefined)
    .map((key): Misplaced => ({ path: [key], expected: 'a live chat asset' }))
  const via = channel !== 'email' && file.via !== undefined ? [{ path: ['via'], expected: 'an email asset' }] : []
  return [...settings, ...via, ...file.steps.flatMap((step, index) => inStep(channel, step, ['steps', index]))]
}

function inStep(channel: Channel, step: Step, path: Misplaced['path']): Misplaced[] {
  const chatStep = channel === 'live-chat' ? undefined : chatSteps.find((kind) => step[kind] !== undefined)
  const written = [step, ...(step.together ?? [])].flatMap(({ customer }) => (customer ? [customer] : []))
  return [
    ...(chatStep ? [{ path: [...path, chatStep], expected: 'a live chat asset' }] : []),
    ...written.flatMap((says) => inWriting(channel, says)).map((expected) => ({ path, expected })),
    ...inExpectation(channel, step.expect).map((expected) => ({ path: [...path, 'expect'], expected })),
  ]
}

/** What only some channels have, by the words that name it in a customer's step. */
const belongings: { channels: Channel[]; keys: (keyof CustomerSays)[]; expected: string }[] = [
  {
    channels: ['live-chat', 'email'],
    keys: ['attachments', 'checks'],
    expected: 'a live chat or email asset for files',
  },
  { channels: ['sms'], keys: ['keyword'], expected: 'an SMS asset for a keyword' },
  {
    channels: ['email'],
    keys: ['subject', 'reply', 'cc', 'headers', 'from'],
    expected: 'an email asset for subject, reply, cc, headers and from',
  },
]

function inWriting(channel: Channel, says: CustomerSays): string[] {
  const words = belongings
    .filter(({ channels, keys }) => !channels.includes(channel) && keys.some((key) => says[key] !== undefined))
    .map(({ expected }) => expected)
  const { attachments: files = [] } = says
  const isSized = channel === 'email' && files.some(({ bytes }) => bytes !== undefined)
  const isFilled = channel === 'live-chat' && files.some(({ text, base64 }) => (text ?? base64) !== undefined)
  return [
    ...words,
    ...(isSized ? ['a live chat asset for the size of a file'] : []),
    ...(isFilled ? ['an email asset for the content of a file'] : []),
  ]
}

const inExpectation = (channel: Channel, expect: Expect | undefined): string[] =>
  channel !== 'email' && (expect?.mailbox ?? expect?.headers) !== undefined
    ? ['an email asset for mailbox and headers']
    : []
