/**
 * Live_Chat_Customer_Abandon_Close_Flow: the customer closes the chat window or the browser (LX1). Where an agent has the
 * task, the agent is told and wraps up; we end nothing (LX2). Where nobody has it yet, the task is abandoned (LX3). Before
 * there is a task the conversation is closed (LX6); afterwards nothing happens (LX5). Nothing is sent to a closed thread
 * any more (A23). Hears thread.closed; asks to end the task.
 */

/** No conversation yet: what is being found or created is closed as soon as it is there. */
export const onThreadClosedEarly = { guard: 'customerLeaves', actions: 'leaveThread' } as const

/** The task is being created: it is not wanted any more. */
export const onThreadClosedWhileCreating = { ...onThreadClosedEarly, target: '.unwanted' } as const

/** A conversation and no task: nothing to end, nobody to tell. */
export const onThreadClosedBeforeTask = { ...onThreadClosedEarly, target: '#closed' } as const

/** Waiting for an agent: abandoned in the queue (LX3, E48, E55). */
export const onThreadClosedInQueue = { ...onThreadClosedEarly, target: '#endingInQueue' } as const

/** The task is being ended already: nothing to end, nobody to tell (E51). */
export const onThreadClosedWhileEnding = onThreadClosedEarly

/** It is over: nothing happens (LX5, E52), and nothing is said there any more (A23). */
export const onThreadClosedAfterwards = onThreadClosedEarly

const tellAgent = ['leaveThread', { type: 'announceText', params: { text: 'customerLeft' } }] as const

/** An agent is on the way in: they find the note (E51: once a window). */
export const onThreadClosedWhileAdding = { guard: 'customerLeaves', actions: tellAgent } as const

/** An agent is there: told once, and the task is theirs to complete (LX2, E50). */
export const onThreadClosedWhileTalking = {
  guard: 'customerLeaves',
  target: '#customerLeft',
  actions: tellAgent,
} as const
