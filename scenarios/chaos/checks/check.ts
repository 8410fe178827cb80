/**
 * The verdict on a history: every rule there is, over the records alone. Pure; knows nothing of how the run went.
 */
import type { History, Violation } from '../history.ts'
import { lawlessCalls, openEffects } from './calls.ts'
import { doubleConversations, doubleTasks, unfinished } from './endings.ts'
import { lostMessages, overtakenMessages } from './messages.ts'
import { repeatedActs, repeatedNotices, wrongTranscripts } from './transcripts.ts'
import { brokenChains } from './turns.ts'
import { stillSetAside, wrongVersions } from './versions.ts'

const rules: ((history: History) => Violation[])[] = [
  brokenChains,
  lawlessCalls,
  openEffects,
  lostMessages,
  overtakenMessages,
  repeatedActs,
  wrongTranscripts,
  repeatedNotices,
  doubleTasks,
  doubleConversations,
  unfinished,
  wrongVersions,
  stillSetAside,
  storedInClear,
]

function storedInClear({ inClear }: History): Violation[] {
  return inClear.map((position) => ({ rule: 'at rest', actor: '', what: 'is stored in clear', records: [position] }))
}

/** Everything that is wrong with a history of a run that has become quiet; empty when it is as promised. */
export const violationsOf = (history: History): Violation[] => rules.flatMap((rule) => rule(history))
