/**
 * What a conversation knows on a path: before each of its steps, and after the last. A path is walked once, on snapshots that
 * nobody changes; whoever asks what it covers, what breaks on it, what its turns come to, or what becomes of it when it is
 * disturbed goes on from there. Kept for as long as the path itself is.
 */
import { latestDefinition } from '../../machines/definitions.ts'
import type { DriveMemory } from '../drive.ts'
import { asItIs } from './as-it-is.ts'
import { driveFast, type Path } from './line.ts'

const known = new WeakMap<Path, readonly DriveMemory[]>()

/** One more than the path has steps. Throws `ImpossibleStep` where one of them cannot happen. */
export function memoriesOf(machine: string, path: Path): readonly DriveMemory[] {
  const found = known.get(path)
  if (found) return found
  const conversation = driveFast(asItIs(latestDefinition(machine)!), path.policy)
  const memories = [conversation.memory()]
  for (const step of path.steps) {
    conversation.play(step)
    memories.push(conversation.memory())
  }
  known.set(path, memories)
  return memories
}

/** Of a path that was walked already. */
export const remember = (path: Path, memories: readonly DriveMemory[]): void => void known.set(path, memories)
