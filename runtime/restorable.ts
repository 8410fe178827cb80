/**
 * Whether this build can turn a conversation, for those who only want to know. Pure; keeps T8: it is asked, nothing is tried.
 */
import type { Loaded } from './record.ts'
import { refusal } from './stages/decide.ts'
import { restore, type Versions } from './stages/restore.ts'

/** Why it cannot, in one sentence without customer text; undefined when it can. */
export function whyNotRestorable(loaded: Loaded, versions: Versions): string | undefined {
  const restored = restore(loaded, versions)
  return 'reason' in restored ? restored.reason : refusal(restored.definition, restored.loaded)
}
