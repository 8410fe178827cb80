/**
 * Digital Routing's words for media, read as ours.
 */
import type { Channel } from '../../machines/events.ts'

/**
 * The channel of a task by its media channel, or by its media type where there is no media channel. A web callback
 * belongs to the chat it came from (DE5, CC4). Undefined for media that Parley does not serve.
 */
export function channelOfTask(mediaChannel: string, mediaType: string): Channel | undefined {
  return mediaChannel === '' ? byType.get(mediaType.toLowerCase()) : byMediaChannel.get(mediaChannel.toLowerCase())
}

const byMediaChannel = new Map<string, Channel>([
  ['sms', 'sms'],
  ['live chat/in app messaging', 'live-chat'],
  ['live chat', 'live-chat'],
  ['chat', 'live-chat'],
  ['web callback', 'live-chat'],
  ['email', 'email'],
])

const byType = new Map<string, Channel>([
  ['social', 'sms'],
  ['chat', 'live-chat'],
  ['web callback', 'live-chat'],
  ['email', 'email'],
])
