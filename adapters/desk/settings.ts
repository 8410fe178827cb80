/**
 * The settings of a running desk, changeable over HTTP and told to whoever works by them. Never journalled: a restarted
 * desk begins with what it was started with.
 */
import { z } from 'zod'
import { type AgentSettings, defaultAgents } from './automatic-agent.ts'
import { defaultEstimates, type EstimateSettings } from './estimates.ts'

export interface AllSettings extends AgentSettings, EstimateSettings {
  /** How many tasks may wait; the next one is refused with 20286 (flows.md 2.7). */
  waiting_max: number
}

export interface Settings {
  current(): AllSettings
  /** Changes the fields given, gives all of them. */
  change(fields: Partial<{ [Key in keyof AllSettings]: AllSettings[Key] | undefined }>): AllSettings
}

/** The body of PUT /desk/agents/automatic: any of these. */
export const DeskSettings = z
  .strictObject({
    automatic: z.boolean(),
    answerAfterMs: z.number().int().min(0),
    replyAfterMs: z.number().int().min(0),
    closeAfterMessages: z.number().int().min(1),
    agentId: z.string().min(1),
    estimates: z.boolean(),
    estimateAfterMs: z.number().int().min(0),
    averageHandlingMs: z.number().int().min(0),
  })
  .partial()

export function openSettings(start: Partial<AllSettings>, onChange: () => void): Settings {
  let settings: AllSettings = { ...defaultAgents, ...defaultEstimates, waiting_max: waiting_max_default, ...start }
  return {
    current: () => settings,
    change(fields) {
      const given = Object.entries(fields).filter(([, value]) => value !== undefined)
      settings = { ...settings, ...Object.fromEntries(given) }
      onChange()
      return settings
    },
  }
}

const waiting_max_default = 1_000
