/**
 * The shape of `parley.config.json`, as one zod schema; published as JSON Schema (`config.schema.json`).
 * Owned here; `config.ts` reads and checks with it, `config-checks.ts` adds what one value cannot say alone.
 * Invariant: strict everywhere. `config-assets.ts` has its assets, `config-values.ts` the kinds of values.
 */
import { z } from 'zod'
import { AssetEntry } from './config-assets.ts'
import {
  baseUrl,
  filePath,
  masterKey,
  name,
  patterned,
  port,
  proxyUrl,
  secret,
  smppUrl,
  smtpUrl,
  webhookSecret,
  whole,
  words,
} from './config-values.ts'

export const partitions_max = 1_024
/** JetStream keeps at most this many copies of a stream. */
export const replicas_max = 5

/** A fifth of what Digital Routing takes for everything (flows.md 2.2). */
const reconcile_per_s_default = 10

/** What Digital Routing takes for everything (flows.md 2.2). */
const routing_limit_default = { perSecond: 50, atOnce: 100 }
/** As fast as they answer; without it a thousand calls that are due together open a thousand connections. */
export const far_side_limit_default = { perSecond: 0, atOnce: 256 }

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** A fixed bearer token, or OAuth2 client credentials: one or the other (`config-checks.ts`). */
const Credentials = z.strictObject({
  token: secret.exactOptional().describe('A fixed bearer token for this far side'),
  tokenUrl: baseUrl.exactOptional().describe('Where a token is fetched with OAuth2 client credentials instead'),
  clientId: words.exactOptional().describe('The client that asks there'),
  clientSecret: secret.exactOptional().describe('Its secret'),
  scope: words.exactOptional().describe('The scope it asks for; none unless set'),
})

const ClientTls = z.strictObject({
  ca: filePath
    .exactOptional()
    .describe('PEM file of the authority that signed its certificate, instead of the usual ones'),
  cert: filePath
    .exactOptional()
    .describe('PEM file of the certificate that it is shown, and its token service, too; with `key`'),
  key: filePath.exactOptional().describe('PEM file of its key'),
})

const limitOr = ({ perSecond, atOnce }: { perSecond: number; atOnce: number }) =>
  z
    .strictObject({
      perSecond: whole
        .default(perSecond)
        .describe('Calls that this far side is asked to make at most, over the whole cluster; 0 = no limit'),
      atOnce: whole.default(atOnce).describe('Calls open at the same time, over the whole cluster; 0 = no limit'),
    })
    .prefault({})

/** Where calls to a far side go; each that is not set is played by the embedded desk. */
const farSideUrl = (name: string) =>
  baseUrl.exactOptional().describe(`Where ${name} is; unless set, the embedded desk plays it`)

export const ConfigFile = z.strictObject({
  $schema: z.string().exactOptional().describe('For editors that check the file as it is written'),
  assets: z.array(AssetEntry).min(1).describe('What customers write to: numbers, chats, mailboxes'),
  bind: z
    .strictObject({
      host: name.default('127.0.0.1').describe('The address that the gateway listens on'),
      port: port.default(4_000).describe('The port of gateway and console; 0 takes a free one'),
      watchPort: port
        .exactOptional()
        .describe('The port of `/healthz`, `/readyz` and `/metrics` on a node without a gateway; none unless set'),
      tls: z
        .strictObject({
          cert: filePath.describe(
            'PEM file of the certificate that the gateway answers with; without it, it speaks HTTP',
          ),
          key: filePath.describe('PEM file of its key'),
          clientCa: filePath
            .exactOptional()
            .describe(
              'PEM file of the authority that signed the certificates of clients; with it they are asked for one',
            ),
          clientCertificate: z
            .enum(['doors', 'everywhere'])
            .default('doors')
            .describe('Where a client’s certificate is needed: at the doors in, or for every connection'),
        })
        .exactOptional(),
    })
    .prefault({}),
  nats: z
    .strictObject({
      url: z
        .array(name)
        .min(1)
        .exactOptional()
        .describe(
          'The servers of the cluster; unless set, `parley dev` runs one of its own and `parley serve` does not start',
        ),
      creds: filePath.exactOptional().describe('A NATS credentials file'),
      user: patterned(/^[\w-]+$/, 'a name of letters, digits, - and _')
        .exactOptional()
        .describe('The user that this process logs in as, instead of `creds`'),
      password: secret.exactOptional().describe('The password of `user`'),
      tls: z
        .strictObject({
          ca: filePath.exactOptional().describe('PEM file of the authority that signed the servers’ certificates'),
          cert: filePath.exactOptional().describe('PEM file of our own certificate, with `key`'),
          key: filePath.exactOptional().describe('PEM file of its key'),
        })
        .exactOptional(),
      port: port.exactOptional().describe('The port of the broker that `parley dev` runs; unless set a free one'),
    })
    .prefault({}),
  dataDir: words.default('.parley').describe('Where the broker that `parley dev` runs keeps its data'),
  replicas: z
    .int()
    .min(1)
    .max(replicas_max)
    .exactOptional()
    .describe('Copies of each stream, when it is made; unless set 3 where there are three servers, else 1'),
  partitions: z
    .int()
    .min(1)
    .max(partitions_max)
    .default(32)
    .describe('Parts that conversations are spread over; fixed at the first start. More nodes than that do nothing'),
  urls: z
    .strictObject({
      digitalRouting: farSideUrl('Digital Routing'),
      engage: farSideUrl('Engage'),
      connect: farSideUrl('Webex Connect'),
      smtp: smtpUrl.exactOptional().describe('Where mails go out by SMTP, instead of through Connect'),
      smpp: smppUrl.exactOptional().describe('The message centre that texts go through by SMPP, instead of Connect'),
    })
    .prefault({}),
  tokens: z
    .strictObject({
      digitalRouting: Credentials.exactOptional(),
      engage: Credentials.exactOptional(),
      connect: Credentials.exactOptional(),
    })
    .prefault({}),
  tls: z
    .strictObject({
      digitalRouting: ClientTls.exactOptional(),
      engage: ClientTls.exactOptional(),
      connect: ClientTls.exactOptional(),
    })
    .prefault({}),
  proxy: z
    .strictObject({
      https: proxyUrl
        .exactOptional()
        .describe('The proxy that calls to https addresses go through; unless set that of `http`'),
      http: proxyUrl.exactOptional().describe('The proxy that calls to http addresses go through'),
      except: z
        .array(name)
        .default([])
        .describe('Hosts that are called directly, with those below them, `*` for all; this machine always is'),
    })
    .prefault({}),
  twilio: z
    .strictObject({
      url: baseUrl.default('https://api.twilio.com').describe('Another service with the same API'),
      accountSid: name.describe('The account that texts go out through, instead of Connect'),
      authToken: secret.describe('Its token, which also signs what Twilio posts'),
    })
    .exactOptional(),
  inboundToken: secret.exactOptional().describe('The bearer token that the doors in ask for; unless set none'),
  inboundHmacSecret: z
    .string()
    .min(1)
    .exactOptional()
    .describe('The doors in ask for `x-hub-signature` with this secret'),
  inboundWebhookSecrets: z
    .array(webhookSecret)
    .default([])
    .describe('The doors in ask for Standard Webhooks signatures; two secrets while one takes the place of the other'),
  adminToken: secret.exactOptional().describe('May read and do everything; unless set everybody may'),
  agentToken: secret.exactOptional().describe('May read conversations, and nothing else; needs an `adminToken`'),
  masterKeys: z
    .array(masterKey)
    .default([])
    .describe(
      'Encrypts at rest what customers say and who they are: keys of 32 bytes, as base64 or 64 hex characters. The first one wraps data keys, all of them unwrap. Unless set nothing is encrypted; once set it must stay ([privacy.md](privacy.md#encryption-at-rest))',
    ),
  publicUrl: baseUrl
    .exactOptional()
    .describe('Where the outside reaches the gateway; receipts are asked for only when it is set'),
  parleyUrl: baseUrl
    .exactOptional()
    .describe('The node that the command line asks; unless set the gateway’s port on this machine'),
  attachmentHosts: z
    .array(name)
    .default([])
    .describe('Hosts that attachments are fetched from in production although they lie in a private network'),
  otlpEndpoint: baseUrl
    .exactOptional()
    .describe('Base address of an OpenTelemetry collector (OTLP over HTTP); without it nothing is traced'),
  logLevel: z.enum(logLevels).default('info').describe('The least that is logged'),
  clock: z
    .enum(['real', 'virtual'])
    .default('real')
    .describe('`virtual` is for tests: `POST /v1/test/clock` moves time. Refused while NODE_ENV is production'),
  smtpPort: port
    .exactOptional()
    .describe('Where mail is taken by SMTP; 0 = nowhere. Unless set nowhere, under `npm start` 2525 or a free one'),
  smtpTls: z
    .strictObject({
      cert: filePath.describe('PEM file of the certificate with which the SMTP listener offers STARTTLS'),
      key: filePath.describe('PEM file of its key'),
    })
    .exactOptional(),
  ratePerCustomer: whole.default(60).describe('Messages in of one customer at one asset; above it 429. 0 = no limit'),
  reconcilePerSecond: whole
    .default(reconcile_per_s_default)
    .describe('Conversations that may ask how their tasks stand, over the whole cluster; 0 = no limit'),
  limits: z
    .strictObject({
      digitalRouting: limitOr(routing_limit_default),
      engage: limitOr(far_side_limit_default),
      connect: limitOr(far_side_limit_default),
    })
    .prefault({}),
  syncAlways: z
    .boolean()
    .default(true)
    .describe('Whether the broker that `parley dev` runs syncs each write to the disk before it answers'),
  desk: z
    .strictObject({
      port: port.default(4_010).describe('The port of the embedded desk; 0 takes a free one'),
      automatic: z.boolean().default(true).describe('Whether its automatic agent takes tasks'),
      answerAfterMs: whole.exactOptional().describe('The agent takes a task after so long; unless set 3000'),
      replyAfterMs: whole.exactOptional().describe('… and answers after so long; unless set 1500'),
      closeAfterMessages: z
        .int()
        .min(1)
        .exactOptional()
        .describe('… and closes after so many messages of the customer; unless set 3'),
    })
    .prefault({}),
})
export type ConfigFile = z.output<typeof ConfigFile>

/** The JSON Schema of the file, for editors and for `/schema/config.json`. Rules that span values are not in it. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(ConfigFile, { io: 'input' })
  return { $schema, title: 'parley.config.json', ...schema }
}
