/**
 * A suite for want of a better one: every way into a state, followed by each thing that can happen there, under each policy.
 */
import type { Definition } from '../../../machines/definitions.ts'
import { ImpossibleStep } from '../../drive.ts'
import { waysInto } from '../../states.ts'
import { driveFast, type Path, type PolicyName, policies } from '../line.ts'
import type { Catalogue } from './everywhere.ts'

export const everyHappening = (definition: Definition, catalogue: Catalogue): Path[] =>
  (Object.keys(policies) as PolicyName[]).flatMap((policy) =>
    Object.entries(waysInto(definition.id)).flatMap(([state, way]): Path[] => {
      const conversation = driveFast(definition, policy)
      try {
        conversation.play(...way)
      } catch (error) {
        if (error instanceof ImpossibleStep) return []
        throw error
      }
      return catalogue(definition.id, conversation).map(({ step }, index) => ({
        ...{ id: `${definition.id} ${policy} ${state} ${index}`, policy },
        steps: [...way, step],
      }))
    }),
  )
