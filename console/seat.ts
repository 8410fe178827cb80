/**
 * Who sits at the desk in this tab: an agent and their token, as the embedded desk gives one. Kept until the tab is closed. A
 * token that another tab took the place of is given up.
 */
import { useState } from 'react'
import { type Asked, ask, Refusal, reasonOf, useAnswer } from './api.ts'

export interface Seat {
  agentId: string
  token: string
}

export type Activity = 'loggedOut' | 'notReady' | 'ready' | 'reserved' | 'talking' | 'wrapUp'

export interface Agent {
  agentId: string
  name: string
  state: 'ready' | 'notReady' | 'loggedOut'
  reason?: string
  activity: Activity
  skills: string[]
  capacity: Record<string, number>
  wrapping: { taskId: string; mediaType: string; until: string }[]
}

export interface Task {
  taskId: string
  conversationId: string
  state: 'CREATED' | 'QUEUED' | 'ROUTED' | 'TRANSFERRED' | 'CLOSED'
  origin: string
  mediaType: string
  mediaChannel: string
  scriptSelector: string
  lastUpdatedTime: string
  variables: { key: string; value: string }[]
  estimatedWaitTime?: number | string | null
  history: { state: string; time: string }[]
  offeredAt?: string
  acceptedAt?: string
  dial?: { number: string; at: string; state: 'dialling' | 'answered' | 'ended' | 'busy' | 'noAnswer' | 'cancelled' }
}

export interface Seated {
  seat: Seat
  me: Asked<Agent & { tasks: Task[] }>
  /** Does something at `/desk/agent/…`; what is refused stands in `refused`. */
  act: (method: 'POST' | 'PUT', path: string, body?: object) => Promise<void>
  refused: string | undefined
  leave: () => Promise<void>
}

const key = 'parley.seat'
export const read_ms = 800

/** The seat of this tab, and the way to one: makes the agent when there is none of that name, and sends the automatic one home. */
export function useSeat(): { seat: Seat | undefined; sit: (agentId: string) => Promise<void>; stand: () => void } {
  const [seat, setSeat] = useState<Seat | undefined>(
    () => JSON.parse(sessionStorage.getItem(key) ?? 'null') ?? undefined,
  )
  const stand = () => {
    sessionStorage.removeItem(key)
    setSeat(undefined)
  }
  const sit = async (agentId: string) => {
    const path = `/desk/agents/${encodeURIComponent(agentId)}`
    await ask(path, 'PUT', {})
    const { token } = await ask<{ token: string }>(`${path}/token`, 'POST')
    await ask('/desk/agents/automatic', 'PUT', { automatic: false })
    await ask('/desk/agent/state', 'PUT', { state: 'ready' }, token)
    sessionStorage.setItem(key, JSON.stringify({ agentId, token }))
    setSeat({ agentId, token })
  }
  return { seat, sit, stand }
}

export function useSeated(seat: Seat, stand: () => void): Seated {
  const me = useAnswer<Agent & { tasks: Task[] }>('/desk/agent/me', read_ms, seat.token)
  const [refused, setRefused] = useState<string>()
  const act: Seated['act'] = async (method, path, body = {}) => {
    try {
      await ask(`/desk/agent/${path}`, method, body, seat.token)
      setRefused(undefined)
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) stand()
      setRefused(reasonOf(error))
    }
    me.again()
  }
  const leave = async () => {
    await act('PUT', 'state', { state: 'loggedOut' })
    stand()
  }
  return { seat, me, act, refused, leave }
}
