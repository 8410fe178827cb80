/**
 * What the chat door needs of the place where threads are kept (`runtime/chat-threads.ts`): an append-only list of lines
 * a thread, readable from any place in it, and followed live on every node.
 */
import type { ChatLine } from './chat-messages.ts'

export type NumberedLine = ChatLine & { seq: number }

export interface ChatThreads {
  /**
   * Resolves once the line is stored, or was before by its key. The customer's are masked in the order of the thread (T7);
   * after the one that closes it none is stored, which throws, unless it closes again.
   */
  append(thread: string, line: ChatLine): Promise<void>
  /** The lines after `seq`, oldest first. */
  after(thread: string, seq: number): Promise<NumberedLine[]>
  isClosed(thread: string): Promise<boolean>
  /** Each line of any thread, once, from now on, on this node. */
  onLine(hear: (thread: string, line: NumberedLine) => void): void
  /** What is said now or never. */
  tellTyping(thread: string, typing: 'start' | 'stop'): void
  onTyping(hear: (thread: string, typing: 'start' | 'stop') => void): void
  /** Whether another node has a window of the thread open; `holds` answers for this one. */
  isHeldElsewhere(thread: string): Promise<boolean>
  answerHeld(holds: (thread: string) => boolean): void
}
