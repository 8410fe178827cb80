/**
 * The shape of a scenario: a story between a customer, the contact centre and Parley, as a small YAML file that people of
 * a contact centre can read and write. Owned here; read by `parse-scenario.ts`, played by `player.ts`.
 * Invariant: strict everywhere, and a message of a rule of its own is a phrase that follows "expected".
 *
 * | step | does |
 * |---|---|
 * | customer: text | the customer writes; or a mapping, see `CustomerSays`: {subject: …, says: …} is a mail |
 * | form: {Name: …} | the customer answers the form in the chat window |
 * | press: button | the customer presses a button of the newest question in the chat window |
 * | window: closed, opened | the customer closes the chat window; opens another |
 * | typing: start, stop | the chat window says that the customer types |
 * | agent: text | the agent who has the task writes |
 * | desk: queued, routed, transferred, closed | the contact centre acts on the newest task; details as a mapping, see `Desk` |
 * | time: 15 min | time passes: ms, s, min, h or d |
 * | fault: {call, then} | the next call of that name goes wrong: answer (with status, body), lose or hang; `times` for more |
 * | webhooks: hold, release | holds the task's webhooks back, lets them go; {release: [routed, created]} lets these go, in this order; {duplicate: 1} sends each once more |
 * | together: [customer, customer] | messages stored one after the other before anything has become of the first |
 * | expect: {…} | what must be true now, see `Expect`; a text may end in `*` |
 */
import { z } from 'zod'
import { callNames } from '../adapters/desk/entries.ts'
import { FaultRequest } from '../adapters/desk/faults.ts'
import type { Channel } from '../machines/events.ts'
import { LiveChatAsset, SmsAsset } from '../runtime/config-assets.ts'
import { misplaced } from './channel-rules.ts'
import { CustomerSays, chatSteps, customerWords, FormAnswers, Press, Typing, WindowAct } from './customer-steps.ts'
import { Desk, deskActs, Webhooks } from './desk-steps.ts'
import { count, mapping, oneOf, phrase, text, words } from './phrases.ts'

const texts = z.array(text, phrase('a list of texts'))

/**
 * `received`: the texts that reached the handset, chat windows or mailbox since the last `received`, none left over; a form
 * shows as its title, buttons as their question, a mail as `subject: words`. `mailbox`: the person whose mails they are,
 * when not the customer's. `headers`: what the newest mail there says of itself, null for a header it must not have.
 * `transcript`: the lines that Engage's transcripts of this customer, and of the others who write,
 * gained since the last `transcript`, each as `Inbound: words` or, with a subject, `Inbound: subject: words`. `calls`: how many
 * calls of a name there were so far, repeated attempts not counted. `tasks` and `conversations`: how many exist so far.
 * `disposition`: the code of the newest task.
 */
const Expect = z
  .strictObject(
    {
      state: words.exactOptional(),
      received: texts.exactOptional(),
      mailbox: words.exactOptional(),
      headers: z
        .record(z.string(), z.union([text, z.null()], phrase('a text or null')), mapping('headers'))
        .exactOptional(),
      transcript: texts.exactOptional(),
      calls: z
        .partialRecord(z.enum(callNames, phrase(`a call: ${callNames.join(', ')}`)), count, mapping('calls and counts'))
        .exactOptional(),
      tasks: count.exactOptional(),
      conversations: count.exactOptional(),
      disposition: words.exactOptional(),
    },
    phrase('a mapping such as {state: …, received: […]}'),
  )
  .refine((expect) => Object.keys(expect).length > 0, phrase('at least one thing that must be true'))
  .refine(
    ({ mailbox, received, headers }) => mailbox === undefined || received || headers,
    phrase('received or headers, which the mailbox belongs to'),
  )
export type Expect = z.output<typeof Expect>

const time_units_ms = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const
const Time = z
  .string(phrase('a time such as "15 min"'))
  .regex(/^\d{1,6} (ms|s|min|h|d)$/, phrase('a time such as "15 min", in ms, s, min, h or d'))
  .transform((written) => {
    const [amount, unit] = written.split(' ') as [string, keyof typeof time_units_ms]
    return { written, ms: Number(amount) * time_units_ms[unit] }
  })

const stepKinds = [
  'customer',
  ...chatSteps,
  'agent',
  'desk',
  'time',
  'fault',
  'webhooks',
  'together',
  'expect',
] as const
const Step = oneOf(
  z.strictObject(
    {
      customer: CustomerSays.exactOptional(),
      form: FormAnswers.exactOptional(),
      press: Press.exactOptional(),
      window: WindowAct.exactOptional(),
      typing: Typing.exactOptional(),
      agent: words.exactOptional(),
      desk: Desk.exactOptional(),
      time: Time.exactOptional(),
      fault: FaultRequest.omit({ onlyFor: true }).exactOptional(),
      webhooks: Webhooks.exactOptional(),
      together: z
        .array(z.strictObject({ customer: CustomerSays }, mapping('customer')), phrase('a list of customer steps'))
        .min(2, phrase('at least two messages'))
        .exactOptional(),
      expect: Expect.exactOptional(),
    },
    phrase(`a mapping with one of ${stepKinds.join(', ')}`),
  ),
  stepKinds,
)
export type Step = z.output<typeof Step>

const File = z.strictObject(
  {
    /** The title; quotes the checklist ids it shows. */
    scenario: words,
    /** The flow file it shows; absent for a story that crosses flows. */
    flow: words.regex(/^[a-z-]+$/, phrase('the name of a flow file, such as sms-inbound')).exactOptional(),
    /** What a reader should know before reading on. */
    about: words.exactOptional(),
    asset: text
      .regex(
        /^(sms\/\d{3,15}|live-chat\/\S+|email\/\S+)$/,
        phrase('an asset such as sms/14155550100, live-chat/SD12345650 or email/a_637512345678901234'),
      )
      .default('sms/14155550100'),
    /** Email: how mails come in: as Connect posts them, or as mail servers send them. */
    via: z.enum(['connect', 'smtp'], phrase('connect or smtp')).exactOptional(),
    /** Live chat: another machine or form than the built-in asset has. */
    machine: LiveChatAsset.shape.machine.unwrap().exactOptional(),
    form: LiveChatAsset.shape.form.exactOptional(),
    /** A preset by name, or what this asset does otherwise. */
    policy: z.preprocess((raw) => (typeof raw === 'string' ? { preset: raw } : raw), SmsAsset.shape.policy),
    steps: z.array(Step, phrase('a list of steps')).min(1, phrase('at least one step')),
  },
  mapping('scenario and steps'),
)

/** What belongs to another channel is told with its place. */
export const ScenarioFile = File.superRefine((file, context) => {
  for (const { path, expected } of misplaced(placeOf(file.asset).channel, file)) {
    context.addIssue({ code: 'custom', path, message: expected, params: { found: file.asset } })
  }
})

/** `sms/14155550100` is the asset `14155550100` of the channel `sms`. */
export function placeOf(asset: string): { channel: Channel; id: string } {
  const [channel, id = ''] = asset.split(/\/(.*)/s)
  return { channel: channel === 'live-chat' || channel === 'email' ? channel : 'sms', id }
}

export interface Scenario extends z.output<typeof ScenarioFile> {
  /** Where it was read, as errors and reports name it. */
  file: string
}

/** Every word that may stand before a colon: what a mistyped one is compared with. */
export const knownKeys = [
  ...Object.keys(File.shape),
  ...stepKinds,
  ...deskActs,
  ...callNames,
  ...Object.keys(Expect.shape),
  ...Object.keys(FaultRequest.shape),
  ...Object.keys(SmsAsset.shape.policy.unwrap().shape),
  ...customerWords,
  ...['variables', 'to', 'because', 'hold', 'release', 'duplicate'],
]
