/**
 * What runs without a file: one asset a channel, those that the provider's sample payloads use. Written as a file would
 * be, so that environment variables override it in the same way.
 */
import type { z } from 'zod'
import type { ConfigFile } from './config-schema.ts'

export const defaultConfig: z.input<typeof ConfigFile> = {
  assets: [
    {
      channel: 'sms',
      id: '14155550100',
      machine: 'sms',
      appId: '8019d4bf-3aaa-424a-834c-66be1101b741',
      menu: [
        { key: '1', label: 'Billing', keywords: ['billing'], scriptSelector: 'Billing' },
        { key: '2', label: 'Support', keywords: ['support', 'agent'], scriptSelector: 'Support' },
      ],
      policy: { preset: 'representative' },
      context: [{ key: 'cv_1', value: 'Gold' }],
    },
    {
      channel: 'live-chat',
      id: 'SD12345650',
      machine: 'live-chat-with-web-callback',
      liveChatDomain: 'support.my-company.example',
      form: { scriptSelectors: { Insurance: 'Insurance', Billing: 'Billing', Other: 'Other' }, default: 'Other' },
    },
    {
      channel: 'email',
      id: 'a_637512345678901234',
      address: 'support@corp.example',
      machine: 'email',
      scriptSelector: 'Insurance',
    },
  ],
}
