/**
 * The lines that conversations are driven on, one a machine, and the policy that opens the most ways. Speaks to the driver;
 * knows no stories.
 */
import type { Policy } from '../machines/policy.ts'
import { assetWith, type Line, smsLine } from './drive.ts'
import { mailLine } from './mail.ts'

export const chatAddress = { channel: 'live-chat', asset: 'SD12345650', customer: 'chat-user-97a190' } as const

const chatAsset: Line['assetWith'] = (policy, context) => ({
  ...assetWith(policy, context),
  channel: 'live-chat',
  id: chatAddress.asset,
  appId: '',
  menu: [],
  menuDefault: '',
})

export const chatLine: Line = { machine: 'live-chat', address: chatAddress, assetWith: chatAsset }
export const callbackLine: Line = { ...chatLine, machine: 'live-chat-with-web-callback' }

const lines = [smsLine, chatLine, callbackLine, mailLine]

/** The line of that machine; one that is not listed is driven by SMS. */
export const lineOf = (machine: string): Line =>
  lines.find((line) => line.machine === machine) ?? { ...smsLine, machine }

/** Every timer is armed, and the ways that only a policy opens are open. */
export const everyWait: Partial<Policy> = {
  onClosed: 'reopen',
  idleTimeoutSeconds: 600,
  retentionDays: 1,
  welcomeAfterEnd: 'atOnce',
  callbackFailed: 'backToChat',
}
