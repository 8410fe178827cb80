/**
 * Stories of one conversation as values, and the one runner that plays them: what happens, where it ends, and everything
 * that goes out meanwhile, in order. What goes out before the story begins (`given`) is not part of it.
 */
import { describe, expect, test } from 'vitest'
import type { Asset, Policy } from '../machines/policy.ts'
import { driveOn, type Line, type Step, smsLine, type Texts } from './drive.ts'

export interface Story {
  title: string
  policy?: Partial<Policy>
  /** Configured task context variables. */
  context?: Asset['context']
  texts?: Texts
  given?: Step[]
  steps: Step[]
  ends: string
  sent: string[]
}

/** All of them on the line given, SMS if none is. */
export function stories(about: string, list: Story[], line: Line = smsLine): void {
  describe(about, () => {
    for (const { title, policy, context, texts, given = [], steps, ends, sent } of list) {
      test(title, () => {
        const conversation = driveOn(line, policy, context, texts)
        conversation.play(...given)
        const begun = conversation.history.length
        conversation.play(...steps)
        expect(conversation.history.slice(begun).flatMap((trace) => trace.sent)).toEqual(sent)
        expect(conversation.history.at(-1)?.state).toBe(ends)
      })
    }
  })
}

/** A bot text: to the customer, and to the transcript as Outbound. */
export const bot = (purpose: string, text: string): string[] => [`send ${purpose}: ${text}`, `append Outbound: ${text}`]
/** A webhook flow's text: to the customer, and to the transcript as Announcement. */
export const notice = (purpose: string, text: string): string[] => [
  `send ${purpose}: ${text}`,
  `append Announcement: ${text}`,
]

export const welcome = bot('menu', '<welcome> <menu>')
export const menuAgain = bot('menu-invalid', '<menuInvalid> <menu>')
export const sensitive = bot('sensitive-data-notice', '<sensitiveDataNotice>')
export const closedByBot = [...bot('closed', '<ClosedMessage>'), 'closeConversation']
export const createdNotice = notice('created', '<CreatedMessage>')
export const routedNotice = notice('routed', '<RoutedMessage>')
export const transferredNotice = notice('transferred', '<TransferredMessage>')
export const failedTransfer = notice('failed-transfer', '<FailedTransferMessage>')
export const closedNotice = [...notice('closed', '<ClosedMessage>'), 'closeConversation']
export const waitNotice = (minutes: number): string[] => notice('queued', `<QueuedMessage ${minutes}>`)
