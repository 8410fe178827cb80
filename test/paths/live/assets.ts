/** The assets that paths are walked on: one for every machine and policy; its customers are the paths. Data only. */
import type { Address } from '../../../machines/events.ts'
import { lineOf } from '../../lines.ts'
import { type PolicyName, policies } from '../line.ts'

export interface LiveAsset {
  machine: string
  policy: PolicyName
  /** As the configuration has it. */
  entry: { id: string }
}

/** One try, however long it takes: how an ask ends is the path's to say. */
const retry = { attempts: 1, attemptTimeoutMs: 600_000 }

export function assetsOf(machines: readonly string[]): LiveAsset[] {
  const policyNames = Object.keys(policies) as PolicyName[]
  return machines.flatMap((machine) =>
    policyNames.map((policy) => {
      const { channel, id, appId, menu, menuDefault, liveChatDomain, form, address, senderName, scriptSelector } =
        lineOf(machine).assetWith()
      const common = {
        channel,
        machine,
        id: idOf(id, machine, policy),
        policy: { ...policies[policy], retry },
      }
      const own = {
        sms: { appId, menu, menuDefault },
        'live-chat': { liveChatDomain, form },
        email: { address: address.replace('@', `.${policy}@`), senderName, scriptSelector },
      }[channel]
      return { machine, policy, entry: { ...common, ...own } }
    }),
  )
}

const idOf = (id: string, machine: string, policy: PolicyName): string => `${id}${policy.length}${machine.length}`

/** `number` tells this customer from all others of the asset. */
export function addressOf(machine: string, policy: PolicyName, number: number): Address {
  const { address } = lineOf(machine)
  const at = { ...address, asset: idOf(lineOf(machine).assetWith().id, machine, policy) }
  if (address.channel === 'sms') return { ...at, customer: `+1415556${String(number).padStart(4, '0')}` }
  if (address.channel === 'live-chat') return { ...at, customer: `chat-user-${number}` }
  return { ...at, topic: topicOf(number) }
}

/** Mails of one path are of one subject. */
export const topicOf = (number: number): string => `claim ${number}`
