/**
 * What the contact centre does in a scenario, and how its webhooks travel. Owned here; part of `scenario.ts`, done by
 * `acts.ts`.
 */
import { z } from 'zod'
import { count, mapping, oneOf, phrase, text, words } from './phrases.ts'

const id = z.union([words, z.int()], phrase('a number or a text')).transform(String)
const transferCauses = ['transfer', 'no answer', 'logout'] as const
export const deskActs = ['queued', 'routed', 'transferred', 'closed', 'room'] as const
const plainActs: Record<string, object> = {
  queued: { queued: null },
  routed: { routed: '5021' },
  transferred: { transferred: {} },
  closed: { closed: null },
}

/**
 * `queued: 180` is an estimate of 180 s, any value goes out as it is, null is none at all; `variables` come with it.
 * `routed` names the agent, `transferred` the new script selector (`to`) and why (`because`), `closed` the disposition.
 * `room` is how many tasks may wait in the whole contact centre before the next one is refused.
 */
export const Desk = z.preprocess(
  (raw) => (typeof raw === 'string' ? (plainActs[raw] ?? raw) : raw),
  oneOf(
    z.strictObject(
      {
        queued: z.union([z.number(), z.string(), z.null()], phrase('seconds, a text or null')).exactOptional(),
        variables: z.record(z.string(), text, mapping('names and texts')).exactOptional(),
        routed: id.exactOptional(),
        transferred: z
          .strictObject(
            {
              to: words.exactOptional(),
              because: z.enum(transferCauses, phrase(`one of ${transferCauses.join(', ')}`)).exactOptional(),
            },
            mapping('to and because, both optional'),
          )
          .exactOptional(),
        closed: z.union([words, z.null()], phrase('a disposition code or null')).exactOptional(),
        room: count.exactOptional(),
      },
      phrase(`one of ${deskActs.join(', ')}`),
    ),
    deskActs,
  ),
)
export type DeskAct = z.output<typeof Desk>

const webhookNames = ['created', 'queued', 'routed', 'transferred', 'closed'] as const
export const Webhooks = z.preprocess(
  (raw) => (raw === 'hold' ? { hold: true } : raw === 'release' ? { hold: false } : raw),
  oneOf(
    z.strictObject(
      {
        hold: z.boolean(phrase('true or false')).exactOptional(),
        release: z
          .array(z.enum(webhookNames, phrase(`one of ${webhookNames.join(', ')}`)), phrase('a list of webhooks'))
          .min(1, phrase('at least one webhook'))
          .exactOptional(),
        duplicate: count.exactOptional(),
      },
      phrase('hold, release, {release: […]} or {duplicate: n}'),
    ),
    ['hold', 'release', 'duplicate'],
  ),
)
export type WebhooksAct = z.output<typeof Webhooks>
