/** A customer's telephone at somebody else's message centre: texts go in and out over SMPP. */
import type { Play } from '../scenarios/acts.ts'
import type { Device } from '../scenarios/device.ts'
import { StackError } from '../scenarios/stack.ts'

/** A text, or a part of one, that was submitted for a telephone. */
export interface Submission {
  to: string
  text: string
  /** Where it is a part: reference, total, index. */
  part: readonly number[] | undefined
}

/** What a telephone needs of its message centre. */
export interface MessageCentre {
  submitted: readonly Submission[]
  /** Resolves to the command status of the answer. */
  deliver(text: { from: string; to: string; text: string }): Promise<number>
}

export function telephoneAt(centre: MessageCentre): Device {
  return {
    async begin() {},
    async act({ customer, asset }: Play, act) {
      if (!('customer' in act)) throw new StackError('a telephone has no chat window')
      const status = await centre.deliver({ from: customer.replace('+', ''), to: asset, text: act.customer })
      if (status !== 0) throw new StackError(`the text was answered with command status ${status}`)
    },
    async shows({ customer }) {
      return whole(centre.submitted.filter(({ to }) => to === customer.replace('+', ''))).map((text) => ({ text }))
    },
  }
}

/** Parts put together again, where the last one came. */
function whole(submitted: readonly Submission[]): string[] {
  const parts = new Map<number, string[]>()
  return submitted.flatMap(({ text, part }) => {
    const [reference, total, index] = part ?? []
    if (reference === undefined || total === undefined || index === undefined) return [text]
    const texts = parts.get(reference) ?? []
    texts[index - 1] = text
    parts.set(reference, texts)
    return index === total ? [texts.join('')] : []
  })
}
