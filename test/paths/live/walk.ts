/**
 * Walks one path twice at once: on the machine alone and on a running system, and compares after every step: state, memory,
 * timers, asks that wait, effects; at the end what reached the far side. The first difference ends the walk.
 */
import { actorIdOf } from '../../../adapters/identity.ts'
import { latestDefinition } from '../../../machines/definitions.ts'
import type { Address } from '../../../machines/events.ts'
import { idempotencyKey } from '../../../runtime/record.ts'
import { archived_state } from '../../../runtime/retention.ts'
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
  const pure = alone(site, machine, address)
  const actor = actorIdOf(address)
  const live = liveSide(site, actor, address)
  const ways: Walked['ways'] = { door: 0, 'far side': 0, timer: 0, stored: 0 }
  const counts = { steps: 0, turns: 0, ways, effects: 0 }
  try {
    for (const given of path.steps) {
      const awaited = pendingKeys(pure, actor)
      const traces = pure.history.length
      played(pure, written(given, pure, address, number))
      counts.steps++
      const trace = pure.history[traces]
      if (trace === undefined) continue // time passed, nothing else
      ways[await live.send(trace, awaited)]++
      if (counts.steps === pause?.step) {
        live.letGoOfPast(pendingKeys(pure, actor))
        await pause.untilOver()
      }
      if (isWithoutTrace(trace)) continue
      await live.turned(pure.loaded()!.record, trace)
      counts.turns++
      if (trace.state === archived_state) break // it is forgotten now, and the customer's next word begins anew
    }
    counts.effects = await live.ended(pendingKeys(pure, actor))
    const last = counts.steps
    return { path: path.id, ...counts, afterwards: () => differenceIn(path, last, () => live.over()) }
  } catch (error) {
    site.far.refuseAll(actor)
    const difference = differenceOf(path, counts.steps, error)
    return { path: path.id, ...counts, difference, afterwards: () => undefined }
  }
}

/** The machine alone, for the customer at that address. */
export function alone(site: Pick<LiveSite, 'bindingOf'>, machine: string, address: Address): Drive {
  const { asset, say } = site.bindingOf(address)
  const definition = latestDefinition(machine)!
  return drive(asset, definition, address, say, nothingYet, decide, actorIdOf(address), 'as it is')
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

function played(pure: Drive, step: Step): void {
  try {
    pure.play(step)
  } catch (error) {
    if (error instanceof ImpossibleStep) throw new Differs('a step that can be played', step, error.message)
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
