/**
 * Actor → partition, the unit of order and ownership. The same function as the server's `{{partition(n,1)}}`
 * (FNV-1a, 32 bits, modulo n), so that a gateway may leave it to the server and a node may compute it.
 */
export function partitionOf(actor: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < actor.length; i++) hash = Math.imul(hash ^ actor.charCodeAt(i), 0x01000193)
  return (hash >>> 0) % partitions
}
