/**
 * The environment variables that have a name of their own, and the place in the file that each one stands for.
 * Any other place is reached by its path: `PARLEY_ASSETS__0__POLICY__MENU_TIMEOUT_SECONDS`. Pure data.
 */
import type { Path } from './config-schema-at.ts'

export const namedVariables: ReadonlyMap<string, Path> = new Map<string, Path>([
  ['PARLEY_ASSETS', ['assets']],
  ['PARLEY_HOST', ['bind', 'host']],
  ['PARLEY_PORT', ['bind', 'port']],
  ['PARLEY_WATCH_PORT', ['bind', 'watchPort']],
  ['PARLEY_TLS_CERT', ['bind', 'tls', 'cert']],
  ['PARLEY_TLS_KEY', ['bind', 'tls', 'key']],
  ['PARLEY_TLS_CLIENT_CA', ['bind', 'tls', 'clientCa']],
  ['PARLEY_TLS_CLIENT_CERTIFICATE', ['bind', 'tls', 'clientCertificate']],
  ['PARLEY_NATS_URL', ['nats', 'url']],
  ['PARLEY_NATS_CREDS', ['nats', 'creds']],
  ['PARLEY_NATS_USER', ['nats', 'user']],
  ['PARLEY_NATS_PASSWORD', ['nats', 'password']],
  ['PARLEY_NATS_TLS_CA', ['nats', 'tls', 'ca']],
  ['PARLEY_NATS_TLS_CERT', ['nats', 'tls', 'cert']],
  ['PARLEY_NATS_TLS_KEY', ['nats', 'tls', 'key']],
  ['PARLEY_NATS_PORT', ['nats', 'port']],
  ['PARLEY_DATA_DIR', ['dataDir']],
  ['PARLEY_REPLICAS', ['replicas']],
  ['PARLEY_PARTITIONS', ['partitions']],
  ...farSide('DIGITAL_ROUTING', 'digitalRouting'),
  ...farSide('ENGAGE', 'engage'),
  ...farSide('CONNECT', 'connect'),
  ['SMTP_URL', ['urls', 'smtp']],
  ['SMPP_URL', ['urls', 'smpp']],
  ['HTTPS_PROXY', ['proxy', 'https']],
  ['HTTP_PROXY', ['proxy', 'http']],
  ['NO_PROXY', ['proxy', 'except']],
  ['TWILIO_URL', ['twilio', 'url']],
  ['TWILIO_ACCOUNT_SID', ['twilio', 'accountSid']],
  ['TWILIO_AUTH_TOKEN', ['twilio', 'authToken']],
  ['PARLEY_INBOUND_TOKEN', ['inboundToken']],
  ['PARLEY_INBOUND_HMAC_SECRET', ['inboundHmacSecret']],
  ['PARLEY_INBOUND_WEBHOOK_SECRETS', ['inboundWebhookSecrets']],
  ['PARLEY_ADMIN_TOKEN', ['adminToken']],
  ['PARLEY_AGENT_TOKEN', ['agentToken']],
  ['PARLEY_MASTER_KEYS', ['masterKeys']],
  ['PARLEY_PUBLIC_URL', ['publicUrl']],
  ['PARLEY_URL', ['parleyUrl']],
  ['PARLEY_ATTACHMENT_HOSTS', ['attachmentHosts']],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', ['otlpEndpoint']],
  ['PARLEY_LOG_LEVEL', ['logLevel']],
  ['PARLEY_CLOCK', ['clock']],
  ['PARLEY_SMTP_PORT', ['smtpPort']],
  ['PARLEY_SMTP_TLS_CERT', ['smtpTls', 'cert']],
  ['PARLEY_SMTP_TLS_KEY', ['smtpTls', 'key']],
  ['PARLEY_RATE_PER_CUSTOMER', ['ratePerCustomer']],
  ['PARLEY_RECONCILE_PER_SECOND', ['reconcilePerSecond']],
  ['PARLEY_SYNC_ALWAYS', ['syncAlways']],
  ['PARLEY_DESK_PORT', ['desk', 'port']],
  ['PARLEY_DESK_AUTOMATIC', ['desk', 'automatic']],
  ['PARLEY_DESK_ANSWER_AFTER_MS', ['desk', 'answerAfterMs']],
  ['PARLEY_DESK_REPLY_AFTER_MS', ['desk', 'replyAfterMs']],
  ['PARLEY_DESK_CLOSE_AFTER_MESSAGES', ['desk', 'closeAfterMessages']],
])

function farSide(prefix: string, key: string): [string, Path][] {
  return [
    [`${prefix}_URL`, ['urls', key]],
    [`${prefix}_TOKEN`, ['tokens', key, 'token']],
    [`${prefix}_TOKEN_URL`, ['tokens', key, 'tokenUrl']],
    [`${prefix}_CLIENT_ID`, ['tokens', key, 'clientId']],
    [`${prefix}_CLIENT_SECRET`, ['tokens', key, 'clientSecret']],
    [`${prefix}_SCOPE`, ['tokens', key, 'scope']],
    [`${prefix}_TLS_CA`, ['tls', key, 'ca']],
    [`${prefix}_TLS_CERT`, ['tls', key, 'cert']],
    [`${prefix}_TLS_KEY`, ['tls', key, 'key']],
  ]
}

/** Variables that are heard and stand for no place in the file, with what they do. */
export const otherVariables: Readonly<Record<string, string>> = {
  PARLEY_CONFIG: 'Path of the file; `parley.config.json` in the working folder unless set',
  NODE_ENV: '`production`: no virtual clock, no demonstration page, files only from public networks',
  OTEL_EXPORTER_OTLP_HEADERS: 'Headers for the collector, as `name=value,…`',
  OTEL_SERVICE_NAME: 'The name of the service in traces; `parley` unless set',
  NATS_SERVER_BIN: 'Path of the nats-server that `parley dev` runs, instead of one that is found or fetched',
  NATS_DEBIAN_SUITE: 'The Debian suite that a nats-server is fetched from',
  NO_COLOR: 'Set to anything: no colours',
  FORCE_COLOR: 'Set to anything: colours where the output is no terminal, too',
  UPDATE_EXPECT: '`1`: tests and `parley play` write what they would compare with',
  PARLEY_CRASH_AT:
    'Tests: where the process is killed, `<point>` or `<point>:<n>` ([each](upgrade.md#what-happens-when-a-process-dies))',
  PARLEY_FREEZE_AT: 'Tests: the same, stopped instead of killed',
  PARLEY_HOLD_AT: 'Tests: turns, between commas, that are held there, as `<point>:<actor>.<turn>`, while others go on',
}

const secretKeys = [
  'token',
  'password',
  'clientSecret',
  'authToken',
  'inboundToken',
  'inboundHmacSecret',
  'inboundWebhookSecrets',
  'adminToken',
  'agentToken',
  'masterKeys',
]

/** Whether a value must not be printed: it is a secret, or it is a text where an object with secrets belongs. */
export function mayHoldSecret(path: Path): boolean {
  const [top, second] = path
  if (top === 'tokens' && path.length < 3) return true
  if (top === 'twilio' && path.length === 1) return true
  if (top === 'assets' && path.at(-1) === 'imap') return true
  if (top === 'nats' && (path.length === 1 || second === 'creds' || second === 'tls')) return true
  return isSecret(path)
}

/** Whether the place itself is a secret: these can also be read from a file (`PARLEY_ADMIN_TOKEN_FILE`). */
export const isSecret = (path: Path): boolean => path.some((key) => secretKeys.includes(String(key)))
