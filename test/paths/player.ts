/**
 * Plays walks on the machine itself and tells what they reach. Walks that begin alike are one until they part: what they have
 * in common is played once.
 */
import { isDeepStrictEqual } from 'node:util'
import { latestDefinition } from '../../machines/definitions.ts'
import { type Drive, type DriveMemory, nothingYet, type Step } from '../drive.ts'
import { type Happening, happenings } from './catalogue.ts'
import { type Watched, watched } from './chart.ts'
import type { Walker } from './cover.ts'
import { type Goal, goalsOf, ownGoals } from './goals.ts'
import { driveFast, type Path, type PolicyName, plays } from './line.ts'
import { remember } from './memories.ts'
import { placeOf } from './place.ts'

export interface Played {
  path: Path
  reached: Set<Goal>
}

export interface Player extends Walker {
  /** The goals that this turn reached; undefined when it cannot happen, and then it is no part of the path. */
  take(turn: { happening: Happening }): readonly Goal[] | undefined
  /** That step as the catalogue has it now. */
  happening(step: Step): Happening
  played(number: string): Played
}

/** All that was played under one policy, from the beginning of every path. */
export interface Tree {
  machine: string
  policy: PolicyName
  root: Point
}

/** A point of one path, or of several that have not parted yet. */
interface Point {
  memory: DriveMemory
  state: string
  place: string
  /** The transition that was taken last on the way there. */
  last: string
  /** What the turn into it reached. */
  goals: readonly Goal[]
  /** By the step itself, as the graph has it. Undefined for one that cannot happen there. */
  onward: Map<Step, Point | undefined>
}

export const treeOf = (machine: string, policy: PolicyName): Tree => ({
  ...{ machine, policy },
  root: { memory: nothingYet, state: '', place: '', last: '', goals: [], onward: new Map() },
})

export function playerOn(tree: Tree): Player {
  const { machine, policy, root } = tree
  const points = [root]
  const steps: Step[] = []
  return {
    take({ happening }) {
      const point = onwardFrom(tree, points.at(-1)!, happening)
      if (point === undefined) return undefined
      points.push(point)
      steps.push(happening.step)
      return point.goals
    },
    at() {
      const { place, last } = points.at(-1)!
      return { place, last, steps: steps.length }
    },
    happening(step) {
      const here = driveFast(watchedOnce(machine).definition, policy, points.at(-1)!.memory)
      const found = happenings(machine, here).find((one) => isDeepStrictEqual(one.step, step))
      if (found) return found
      throw new Error(`nothing that can happen to ${machine} is ${JSON.stringify(step)}`)
    },
    played(number) {
      const path = { id: `${machine}/${number}`, policy, steps: [...steps] }
      remember(
        path,
        points.map(({ memory }) => memory),
      )
      return { path, reached: new Set(points.flatMap(({ goals }) => goals)) }
    },
  }
}

function onwardFrom({ machine, policy }: Tree, from: Point, happening: Happening): Point | undefined {
  const { step } = happening
  if (from.onward.has(step)) return from.onward.get(step)
  const { definition, taken } = watchedOnce(machine)
  const conversation = driveFast(definition, policy, from.memory)
  taken()
  const point = plays(conversation, step) ? pointOf(from, happening, conversation, taken()) : undefined
  from.onward.set(step, point)
  return point
}

function pointOf(from: Point, happening: Happening, conversation: Drive, taken: string[]): Point {
  const { state } = conversation.history.at(-1)!
  const goals = goalsOf(from.last, { goals: ownGoals(from.state, happening, state, taken), taken })
  const place = placeOf(conversation)
  return { memory: conversation.memory(), state, place, last: taken.at(-1) ?? from.last, goals, onward: new Map() }
}

const watchers = new Map<string, Watched>()
function watchedOnce(machine: string): Watched {
  const known = watchers.get(machine) ?? watched(latestDefinition(machine)!)
  watchers.set(machine, known)
  return known
}
