/**
 * What a customer has in hand where a story is carried over another door than Connect's: a telephone at a message centre, a
 * browser with the chat widget. Without one the desk's own devices are used. Told to the stack by whoever starts it.
 */
import type { Play } from './acts.ts'

/** What a customer does, in the words of the steps. */
export type DeviceAct =
  | { customer: string }
  | { form: Record<string, string> }
  | { press: string }
  | { window: 'closed' | 'opened' }
  | { typing: 'start' | 'stop' }

/** What reached a customer: words, with what else a mail or a question has. */
export interface Received {
  text: string
  subject?: string
  headers?: Record<string, string>
  threadId?: string
  quickReplies?: { options: { title: string; identifier: string }[] }
}

export interface Device {
  /** Before the first step. Where the door names the customer itself, the play learns the name here. */
  begin(play: Play): Promise<void>
  /** Resolves once the node has it. Throws `StackError` for what was refused, or cannot be done with it. */
  act(play: Play, act: DeviceAct): Promise<void>
  /** What it shows of what reached the customer, oldest first; nothing that was sent by now is missing. */
  shows(play: Play): Promise<Received[]>
}
