/** Where each door in is served (CONTRACTS section 3); one home for the gateway, its description, and whoever posts to it. */
import type { Door } from '../adapters/adapter.ts'

export const doorPaths: Record<Door['name'], string> = {
  sms: '/v1/inbound/sms',
  'live-chat': '/v1/inbound/live-chat',
  email: '/v1/inbound/email',
  'digital-routing': '/v1/webhooks/digital-routing',
  receipts: '/v1/receipts',
}
