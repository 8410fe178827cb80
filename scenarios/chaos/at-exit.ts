/** What must not outlive this process, however it ends but by SIGKILL: one listener for all of it. */
const ends = new Set<() => void>()
process.on('exit', () => {
  for (const end of ends) end()
})

/** Calls `end` when this process exits. The returned function forgets it. */
export function atExit(end: () => void): () => void {
  ends.add(end)
  return () => void ends.delete(end)
}
