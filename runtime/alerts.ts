/**
 * Alerts: what a conversation wants people to know. Carried out by the log, where monitoring picks it up; no call goes out.
 */
import type { Adapter } from '../adapters/adapter.ts'
import type { Log } from './log.ts'

export function alerts(log: Log): Adapter {
  return {
    destination: 'alerts',
    performs: ['raiseAlert'],
    async perform(effect) {
      if (effect.type === 'raiseAlert') log.error({ code: effect.payload.code, ...effect.payload.detail }, 'alert')
      return {}
    },
  }
}
