/** How a task of the desk is told to its agent: who the customer is, and where from. Pure. */
import type { Task } from './seat.ts'

/** A window's customer has an id that nobody can read: the name they gave, once they gave one. */
export function whoOf({ origin, variables }: Pick<Task, 'origin' | 'variables'>): string {
  const name = variables.find(({ key }) => key === 'user_DR_CustomerName')?.value ?? ''
  return origin.startsWith('visitor-') && name !== '' ? name : origin
}

export function channelOf({ mediaType, mediaChannel }: Pick<Task, 'mediaType' | 'mediaChannel'>): string {
  if (mediaType === 'Web Callback') return 'Callback'
  return mediaType === 'Chat' ? 'Chat' : mediaChannel
}
