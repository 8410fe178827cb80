/** Faults by their kind: what is found at every other step is told once. */

/** The same fault elsewhere is the same fault: which turn, which ids and which states are left out. */
export const kindOf = (found: string): string => found.replace(/:.*/s, '')

/** The one of each kind that shows after the fewest steps. */
export function oneOfAKind<Fault extends { found: string; steps: readonly unknown[] }>(
  faults: readonly Fault[],
): Fault[] {
  const kinds = new Map<string, Fault>()
  for (const fault of faults) {
    const known = kinds.get(kindOf(fault.found))
    if (known === undefined || fault.steps.length < known.steps.length) kinds.set(kindOf(fault.found), fault)
  }
  return [...kinds.values()]
}
