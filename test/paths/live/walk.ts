/**
 * Walks one path twice at once: on the machine alone and on a running system, and compares after every step: state, memory,
 * timers, asks that wait, effects; at the end what reached the far side. The first difference ends the walk. Where a running
 * system forgets the conversation, since its retention is over, the machine begins anew as well.
 */
import { actorIdOf } from '../../../adapters/identity.ts'
import { latestDefinition } from '../../../machines/definitions.ts'
import type { Address } from '../../../machines/events.ts'
import { idempotencyKey } from '../../../runtime/record.ts'
import { isRetentionOver } from '../../../runtime/retention.ts'
import { decide } from '../../../runtime/stages/decide.ts'
import { type Drive, drive, ImpossibleStep, nothingYet, type Step } from '../../drive.ts'
import type { Path } from '../line.ts'
import { addressOf, topicOf } from './assets.ts'
import { type Difference, Differs } from './compare.ts'
import { isWithoutTrace, liveSide, type Way } from './live-side.ts'
import type { LiveSite } from './site.ts'

export interface Walked {
  path: string
  /** Steps that were played on both, and turns that they made. */
  steps: number
  turns: number
  /** Steps about what was forgotten by then: they can be played on neither. */
  forgotten: number
  /** How they went in. */
  ways: Record<Way, number>
  effects: number
  difference?: Difference
  /** For when nothing of the site is under way any more: what has come then that nobody expects. */
  afterwards(): Difference | undefined
}

/** Once this step, from 1, has gone in, the walk waits. */
export interface Pause {
  step: number
  untilOver(): Promise<void>
}

/** `number` tells this walk's customer from all others of the site. */
export async function walk(
  site: LiveSite,
  machine: string,
  path: Path,
  number: number,
  pause?: Pause,
): Promise<Walked> {
  const address = addressOf(machine, path.policy, number)
  const actor = actorIdOf(address)
  const live = liveSide(site, actor, address)
  const ways: Walked['ways'] = { door: 0, 'far side': 0, timer: 0, stored: 0 }
  const counts = { steps: 0, turns: 0, forgotten: 0, ways, effects: 0 }
  let pure = alone(site, machine, address)
  let isAnew = false
  let at = 0
  try {
    for (const given of path.steps) {
      at++
      const awaited = pendingKeys(pure, actor)
      const traces = pure.history.length
      const impossible = played(pure, written(given, pure, address, number))
      if (impossible && !isAnew) throw new Differs('a step that can be played', given, impossible)
      if (impossible) counts.forgotten++
      else counts.steps++
      const trace = pure.history[traces]
      if (trace === undefined) continue // time passed, nothing else
      ways[await live.send(trace, awaited)]++
      if (at === pause?.step) {
        live.letGoOfPast(pendingKeys(pure, actor))
        await pause.untilOver()
      }
      if (isWithoutTrace(trace)) continue
      const record = await live.turned(pure.loaded()!.record, trace)
      counts.turns++
      if (!isRetentionOver(record)) continue
      await live.forgotten()
      pure = alone(site, machine, address, pure)
      isAnew = true
    }
    counts.effects = await live.ended(pendingKeys(pure, actor))
    return { path: path.id, ...counts, afterwards: () => differenceIn(path, at, () => live.over()) }
  } catch (error) {
    site.far.refuseAll(actor)
    const difference = differenceOf(path, at, error)
    return { path: path.id, ...counts, difference, afterwards: () => undefined }
  }
}

/** The machine alone, for the customer at that address. `before`: a conversation of theirs of which nothing is stored any more. */
export function alone(site: Pick<LiveSite, 'bindingOf'>, machine: string, address: Address, before?: Drive): Drive {
  const { asset, say } = site.bindingOf(address)
  const definition = latestDefinition(machine)!
  const { events, at_ms } = before?.memory() ?? nothingYet
  return drive(
    asset,
    definition,
    address,
    say,
    { ...nothingYet, events, at_ms },
    decide,
    actorIdOf(address),
    'as it is',
  )
}

function differenceIn(path: Path, step: number, look: () => void): Difference | undefined {
  try {
    look()
    return undefined
  } catch (error) {
    return differenceOf(path, step, error)
  }
}

function differenceOf(path: Path, step: number, error: unknown): Difference {
  if (!(error instanceof Differs)) throw error
  const { what, expected, found, heard } = error
  return { path: path.id, step, what, expected, found, ...(heard && { heard }) }
}

/** Why it cannot be played there; undefined when it was. */
function played(pure: Drive, step: Step): string | undefined {
  try {
    pure.play(step)
    return undefined
  } catch (error) {
    if (error instanceof ImpossibleStep) return error.message
    throw error
  }
}

/** The step for this walk's own customer: mails of its own subject, webhooks that name the conversation as tasks do. */
export function written(step: Step, pure: Drive, { channel, topic }: Address, number: number): Step {
  if ('says' in step && channel === 'email') {
    const messageId = `<m${pure.memory().events}.${number}@x>`
    return { ...step, mail: { subject: `Claim ${number}`, ...step.mail, messageId } }
  }
  if (!('task' in step)) return step
  const conversationId = step.mediaResourceId ?? pure.context().conversationId ?? ''
  if (conversationId === '') return step
  const subjectOfMail = topic === undefined ? {} : { EmailSubject: topicOf(number) }
  return { ...step, variables: { user_DR_MediaResourceID: conversationId, ...subjectOfMail, ...step.variables } }
}

/** Keys of the asks that the machine waits for. */
function pendingKeys(pure: Drive, actor: string): Set<string> {
  const loaded = pure.loaded()
  const pending = Object.values(loaded?.record.pending ?? {})
  return new Set(pending.map(({ revision, index }) => idempotencyKey(actor, revision ?? loaded!.revision, index)))
}
