/**
 * What leads the receipts of a text that an agent wrote back to its line in the desk's transcript: the correlation id that
 * it goes out with. Pure.
 */

/** What became of one, as it is told to the desk. */
export interface AgentsReceipt {
  correlationId: string
  status: string
  code: string
}

export const agentsCorrelation = {
  write: (conversationId: string, transid: string): string => `agent:${conversationId}:${transid}`,
  /** Undefined for one of anybody else's. */
  read(correlationId: string): { conversationId: string; transid: string } | undefined {
    const [, conversationId, transid] = /^agent:([^:]+):([^:]+)$/.exec(correlationId) ?? []
    return conversationId && transid ? { conversationId, transid } : undefined
  },
}
