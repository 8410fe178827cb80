/** A machine that hears nothing and says nothing: what differs from any other one at the first turn. */
import { createMachine } from 'xstate'

export default createMachine({
  id: 'mute',
  version: '7',
  context: ({ input }) => ({ ...(input as object) }),
  initial: 'deaf',
  states: { deaf: { id: 'deaf' } },
})
