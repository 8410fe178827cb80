/** JetStream's error codes for an expectation that does not hold: somebody else has written first (T3). */
const wrong_last_sequence = new Set([10071, 10164])

/** Whether an append was refused because the expected last sequence has moved; then nothing was stored. */
export const isFenced = (error: unknown): boolean =>
  wrong_last_sequence.has((error as { code?: number } | undefined)?.code ?? 0)
