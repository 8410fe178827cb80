/**
 * What to do about each code that Parley answers, logs or stops with: the rows of docs/errors.md. Pure data;
 * `test/errors-page.test.ts` holds it to the codes that the code has.
 */
import type { AskErrorCode } from '../machines/effects.ts'
import type { DeadLetterKind } from './dead-letters.ts'
import type { ProblemCode } from './problem.ts'

/** Beside its status and title (`problemCodes`). */
export const problemAdvice: Record<ProblemCode, string> = {
  'malformed-body':
    'Correct the request; `errors` says where, what was expected and what was found. The same again is refused again',
  unauthenticated: 'Send the token or signature that this node is configured with; check the clock of whoever signs',
  'not-allowed': 'Use the admin token',
  'not-found': 'Check the path and the id; what was erased or is past its retention is not found either',
  'method-not-allowed': 'Use a method that `Allow` names',
  'not-retryable': 'Drop the dead letter; `detail` says why it cannot be sent',
  'not-replayable': '`detail` says what is missing: its first turns, or its asset in the configuration',
  'chat-ended': 'Begin a chat without a token',
  'body-too-large': 'Send less; files by their address instead of inside the body',
  'not-json': 'Send `content-type: application/json`',
  'too-many-messages': 'Send it again after `Retry-After`; `ratePerCustomer` is the limit',
  'too-many-followers': 'Follow at another node, or later',
  'not-stored':
    'Send it again after `Retry-After`: it is taken once. If it stays, `parley doctor` looks at the broker and its disk',
  stopping: 'Send it again: another node takes it',
  'internal-error': 'A fault of Parley: the log of the node has it; report it',
}

export const startAdvice: Record<string, [meaning: string, todo: string]> = {
  E_CONFIG: ['the configuration is wrong', 'Correct each place that is named: path, expected, found'],
  E_BROKER: ['no broker answers', 'Start it, or correct `PARLEY_NATS_URL`'],
  E_BROKER_AUTH: [
    'the broker refuses the login',
    'Check `PARLEY_NATS_USER`, `PARLEY_NATS_PASSWORD` and `PARLEY_NATS_CREDS`',
  ],
  E_BROKER_SILENT: [
    'JetStream gave no answer for a minute',
    'Check that most of the brokers run and see one another: `nats server report jetstream`',
  ],
  E_BROKER_VERSION: ['the broker is too old', 'Run nats-server 2.14 or newer'],
  E_MAX_PAYLOAD: ['the broker takes only small messages', 'Set its `max_payload` to 1MB or more'],
  E_NO_CLUSTER: ['there is no cluster to join', 'Set `PARLEY_NATS_URL`, or run alone with `parley dev`'],
  E_PARTITIONS: [
    'the streams were made with another partition count',
    'Set `partitions` back: it is fixed at the first start',
  ],
  E_SCHEDULES: ['the broker cannot schedule messages', 'Run nats-server 2.14 or newer'],
  E_STREAM: ['a stream is of another make', 'Do what the message says; a node changes only what loses nothing'],
  E_NO_MASTER_KEY: [
    'what is stored is encrypted, and no master key is set',
    'Set `PARLEY_MASTER_KEYS` or `PARLEY_MASTER_KEYS_FILE` to what the other nodes have',
  ],
  E_MASTER_KEY: [
    'the master key is another one than what is stored was encrypted with',
    'Put the one with the fingerprint that is named among `masterKeys`, on every node',
  ],
  E_KEYS_LOST: [
    'what is stored is encrypted, and the stream KEYS is gone',
    'Restore the stream KEYS from its newest backup; without it nothing can be read',
  ],
  E_NO_TURNS: ['there is nothing to recover', 'Restore the streams first (operations.md)'],
  E_PORT: ['the port is taken', 'Set `PARLEY_PORT` to a free one'],
  E_TLS: ['a certificate or a key cannot be used', 'Correct the file that the message names'],
  E_SMTP: ['mail cannot be taken', 'Correct `PARLEY_SMTP_PORT` or the certificate'],
  E_PEERS: ['a peer of `npm run bench` cannot be run', 'Do what the message says'],
}

export const effectAdvice: Record<AskErrorCode, [meaning: string, todo: string]> = {
  queueFull: ['Digital Routing has no room in the queue', 'Nothing: the customer is told; staff the queue'],
  tooManyRequests: ['the far side said 429 until the deadline', 'Set `limits` to what it takes, then retry the letter'],
  serviceUnavailable: ['the far side said 503 until the deadline', 'Retry the letter when it is back'],
  refused: ['the far side will never take it', 'Correct credentials or settings, as the reason says, then retry'],
  notFound: ['the far side does not know the thing', 'Nothing, as a rule: it has ended there'],
  failed: ['errors, time-outs or cut lines until the deadline', 'Retry the letter when the far side is well'],
}

export const letterAdvice: Record<DeadLetterKind, [meaning: string, todo: string]> = {
  unreadable: [
    'what was stored is no event, or a mail of a mailbox cannot be taken',
    'Find who writes past the doors; look at the mail, which is flagged in its mailbox; drop the letter',
  ],
  unhandled: ['an event was nobody’s', 'Correct the assets (`parley doctor`), then retry; or drop it'],
  poison: ['the machine threw, or its turn was too large', 'Correct the machine, then retry'],
  effect: ['an effect was given up', 'See the table above; retry it under the key it had'],
  record: ['this build cannot restore the conversation', 'Start a build that can: it goes on by itself'],
}
