/** Processor time of all that takes part in a walk, as the operating system tells it. */
export interface CpuMs {
  /** This process: the walker, the machine alone, and the far side. */
  walker: number | null
  nodes: number | null
  brokers: number | null
}

/** What was used since now; null where the system does not tell. */
export function cpuSince(site: { cpuMs(): CpuMs }): () => CpuMs {
  const before = site.cpuMs()
  return () => {
    const now = site.cpuMs()
    const used = (who: keyof CpuMs) => (now[who] === null || before[who] === null ? null : now[who] - before[who])
    return { walker: used('walker'), nodes: used('nodes'), brokers: used('brokers') }
  }
}
