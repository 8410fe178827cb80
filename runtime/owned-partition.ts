/**
 * One partition as its node holds it: the consumer that delivers it and the work it has in hand; and the order in which it
 * is given to somebody else: pull no more, end what is in hand, give the pin back. So the next owner finds nothing half
 * done, and nothing is done twice (T1, T5). Speaks to the consumer only.
 */
import type { Clock } from '../adapters/clock.ts'
import type { OwnedConsumer } from './owned-consumer.ts'
import type { UnderWay } from './under-way.ts'

export interface OwnedPartition {
  consumer: OwnedConsumer
  inHand: UnderWay
  /** When nothing is in hand any more, before somebody else may have it. Does not reject. */
  tidyUp?(): Promise<void>
}

/** For a node that stays: keeps the partition, and says so with `false`, when what is in hand takes longer than `ms`. */
export async function giveBack(
  { consumer, inHand, tidyUp }: OwnedPartition,
  clock: Clock,
  ms: number,
): Promise<boolean> {
  consumer.rest()
  if (!(await inHand.ended(clock, ms))) {
    consumer.pull()
    return false
  }
  await tidyUp?.()
  await consumer.release()
  return true
}

/**
 * For a node that leaves: each partition as soon as it can go. What is in hand after `ms` comes again at the next owner;
 * before it does, `late` lets go of it.
 */
export async function leaveAll(
  partitions: readonly OwnedPartition[],
  clock: Clock,
  ms: number,
  late: () => Promise<void> = async () => {},
): Promise<void> {
  for (const { consumer } of partitions) consumer.stop()
  await Promise.all(
    partitions.map(async ({ consumer, inHand, tidyUp }) => {
      if (!(await inHand.ended(clock, ms))) await late()
      await tidyUp?.()
      await consumer.release()
    }),
  )
}
