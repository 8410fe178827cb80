/**
 * What the cost curve varies, one thing at a time: each point is the usual place but for one setting. Data only.
 */

/** Where one measurement stands. */
export interface Place {
  /** Conversations that lie in the streams already, beside those that are driven. */
  stored: number
  partitions: number
  /** What a conversation remembers in the end, in kB, about: its machine keeps the last eight lines. */
  contextKb: number
  /** Processes that share the partitions. */
  nodes: number
}

export type Axis = keyof Place

export const usual: Place = { stored: 0, partitions: 16, contextKb: 2, nodes: 1 }

export const axes: Readonly<Record<Axis, readonly number[]>> = {
  stored: [1, 1_000, 10_000, 100_000, 1_000_000],
  partitions: [1, 4, 16, 64],
  contextKb: [0.5, 2, 8, 64],
  nodes: [1, 2, 3],
}

export const axisTitles: Readonly<Record<Axis, string>> = {
  stored: 'conversations stored',
  partitions: 'partitions',
  contextKb: 'context, kB',
  nodes: 'nodes',
}

/** Messages whose text stays in the transcript, of the six events of a conversation. */
const lines_with_text = 4
/** A context without any text. */
const bare_context_bytes = 400

export const textBytesFor = (contextKb: number): number =>
  Math.max(1, Math.round((contextKb * 1_024 - bare_context_bytes) / lines_with_text))
