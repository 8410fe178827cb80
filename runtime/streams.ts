/**
 * Names, subjects, retention and consumers of every stream, in one place. Speaks to JetStream's management API only.
 *
 *   INBOX    events to be turned        until acked and swept; the subject transform adds the partition to `parley.in.<actor>`
 *   TURNS    one message a turn         the last one per subject is the actor's record, the ones before its history
 *   EFFECTS  what became of effects     one message a turn that had any; the last one per subject guards against repeats
 *   TIMERS   scheduled messages         sourced into INBOX when due
 *   MAILS    ids of mails and texts    the conversation that each belongs to
 *   CHATS    lines of chat threads     of our own chat door; windows are brought up to date from it
 *   DEAD     what was set aside         with its reason and the way back
 *   AUDIT    who read or did what       a year; and which actors were forgotten
 *   ATTACHMENTS  clean files of customers  an object store, in chunks that fit any broker
 */
import {
  AckPolicy,
  type ConsumerConfig,
  type JetStreamManager,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { StartError } from './errors.ts'
import { differences, inWords } from './stream-settings.ts'

export const stream = {
  inbox: 'INBOX',
  turns: 'TURNS',
  effects: 'EFFECTS',
  timers: 'TIMERS',
  mails: 'MAILS',
  chats: 'CHATS',
  dead: 'DEAD',
  audit: 'AUDIT',
} as const

export const subject = {
  in: (actor: string) => `parley.in.${actor}`,
  inbox: (partition: number, actor: string) => `parley.inbox.${partition}.${actor}`,
  turns: (partition: number, actor: string) => `parley.turns.${partition}.${actor}`,
  turnsOfAll: 'parley.turns.>',
  effects: (partition: number, actor: string) => `parley.effects.${partition}.${actor}`,
  timer: (partition: number, actor: string, timer: string) => `parley.timers.${partition}.${actor}.${token(timer)}`,
  due: (partition: number, actor: string) => `parley.due.${partition}.${actor}`,
  mail: (key: string) => `parley.mails.${key}`,
  chat: (thread: string, from: 'customer' | 'business' | '*') => `parley.chats.${thread}.${from}`,
  dead: (kind: string, actor: string) => `parley.dead.${kind}.${actor}`,
  /** Letters of a conversation that is parked, whatever their kind: in order, so that the first one can be found. */
  parked: (actor: string) => `parley.dead.parked.${actor}`,
  audit: (act: string) => `parley.audit.act.${token(act)}`,
  audits: 'parley.audit.act.*',
  /** That an actor was forgotten, and no more. */
  forgotten: (actor: string) => `parley.audit.forgotten.${actor}`,
}

/** What a server must take in one message (`max_payload`): its own default. */
export const payload_bytes_min = 1_048_576
/** What one stored message may take: less than that by room for headers. */
export const message_bytes_max = payload_bytes_min - 16_384

export const bucket = 'ATTACHMENTS'
/** The stream that an object store keeps its bucket in. */
export const bucket_stream = `OBJ_${bucket}`
const bucket_age_ms_max = 30 * 86_400_000
/** Well below the default `max_payload` of a broker. */
export const bucket_chunk_bytes = 524_288

/** What the object store is made with. */
export const bucketConfig = (replicas: number) => ({ replicas, ttl: ns(bucket_age_ms_max), storage: StorageType.File })

/** A name as one subject token. */
const token = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '_')

export const history_turns_max = 256
const duplicate_window_ms = 120_000
/** A mail answered later than this is told by its subject. */
const mail_id_age_ms_max = 365 * 86_400_000
/** A window that comes back later begins anew. */
const chat_age_ms_max = 7 * 86_400_000
const audit_age_ms_max = 365 * 86_400_000
const audit_bytes_max = 1_073_741_824
const dead_letter_age_ms_max = 30 * 86_400_000
const dead_letter_bytes_max = 1_073_741_824
const ack_wait_ms = 30_000
/** Deliveries of one partition that wait for their turns. */
const in_hand_max = 2_000
/** Records of one partition whose effects are under way or wait for a far side; what is more stays in the stream. */
export const records_in_hand_max = 2_000
/** A silent owner loses its pin after this long; the server elects the next one (nats-server ADR-42). */
const owner_silence_ms_max = 3_000
export const ownerGroup = 'owner'

const ns = (ms: number): number => ms * 1_000_000

export interface StreamSettings {
  replicas: number
  partitions: number
}

/** What every stream is made with. */
export function streamConfigs({ replicas, partitions }: StreamSettings): (Partial<StreamConfig> & { name: string })[] {
  const common = { storage: 'file', num_replicas: replicas, allow_direct: true } as const
  const metadata = { 'parley.partitions': String(partitions) }
  return [
    {
      ...common,
      name: stream.timers,
      subjects: ['parley.timers.>', 'parley.due.>'],
      retention: 'workqueue',
      allow_msg_schedules: true,
    },
    {
      ...common,
      name: stream.inbox,
      subjects: ['parley.in.*'],
      // Not a work queue: that would write a removal for every ack. What was acked is swept (inbox-progress.ts).
      retention: 'limits',
      discard: 'new',
      // Sourcing turns the window off unless it is asked for.
      duplicate_window: ns(duplicate_window_ms),
      metadata,
      subject_transform: {
        src: 'parley.in.*',
        dest: `parley.inbox.{{partition(${partitions},1)}}.{{wildcard(1)}}`,
      },
      sources: [
        {
          name: stream.timers,
          subject_transforms: [{ src: 'parley.due.*.*', dest: 'parley.inbox.{{wildcard(1)}}.{{wildcard(2)}}' }],
        },
      ],
    },
    { ...common, name: stream.turns, subjects: ['parley.turns.*.*'], max_msgs_per_subject: history_turns_max },
    { ...common, name: stream.effects, subjects: ['parley.effects.*.*'], max_msgs_per_subject: history_turns_max },
    {
      ...common,
      name: stream.mails,
      subjects: ['parley.mails.*'],
      max_msgs_per_subject: 1,
      max_age: ns(mail_id_age_ms_max),
    },
    {
      ...common,
      name: stream.chats,
      subjects: ['parley.chats.*.*'],
      max_age: ns(chat_age_ms_max),
      duplicate_window: ns(duplicate_window_ms),
    },
    {
      ...common,
      name: stream.dead,
      subjects: ['parley.dead.*.*'],
      max_age: ns(dead_letter_age_ms_max),
      max_bytes: dead_letter_bytes_max,
      duplicate_window: ns(duplicate_window_ms),
    },
    {
      ...common,
      name: stream.audit,
      subjects: ['parley.audit.act.*', 'parley.audit.forgotten.*'],
      max_age: ns(audit_age_ms_max),
      max_bytes: audit_bytes_max,
    },
  ] as unknown as (Partial<StreamConfig> & { name: string })[]
}

/**
 * Creates what is missing, and changes back what was changed where that loses nothing. Throws `StartError` with what
 * differs and how to mend it otherwise: a stream of another make, or another partition count, which is fixed for the life
 * of a deployment, since order and ownership hang on it.
 */
export async function ensureStreams(jsm: JetStreamManager, settings: StreamSettings): Promise<void> {
  for (const config of streamConfigs(settings)) {
    if (config.name === stream.inbox) await checkPartitions(jsm, settings.partitions)
    await ensureStream(jsm, config)
  }
  await checkSchedules(jsm)
}

/** The same for one of them. */
export async function ensureStream(jsm: JetStreamManager, config: Partial<StreamConfig> & { name: string }) {
  const found = await infoOf(jsm, config.name)
  if (found) await mend(jsm, config, found)
  else await jsm.streams.add(config)
}

/** Undefined where there is no such stream. */
export async function infoOf(jsm: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await jsm.streams.info(name)).config
  } catch (error) {
    if ((error as { code?: number }).code === 10059 || /not found/i.test(String(error))) return undefined
    throw error
  }
}

async function mend(
  jsm: JetStreamManager,
  config: Partial<StreamConfig> & { name: string },
  found: StreamConfig,
): Promise<void> {
  const all = differences(config, found)
  const byHand = all.filter(({ isSafe }) => !isSafe)
  const { name } = config
  if (byHand.length > 0) {
    const how = `no server changes that in place: stop all nodes, keep a copy (nats stream backup ${name}), remove it (nats stream rm ${name}) and start again`
    throw new StartError('E_STREAM', `stream ${name} is of another make: ${inWords(byHand)}; ${how}`)
  }
  if (all.length === 0) return
  const wanted = Object.fromEntries(all.map(({ setting, expected }) => [setting, expected]))
  try {
    await jsm.streams.update(name, { ...found, ...wanted })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const how = `the server refuses to change it (${why}): use nats stream edit ${name}`
    throw new StartError('E_STREAM', `stream ${name} was changed: ${inWords(all)}; ${how}`, cause)
  }
}

async function checkPartitions(jsm: JetStreamManager, partitions: number): Promise<void> {
  const found = await infoOf(jsm, stream.inbox)
  const made = Number(found?.metadata?.['parley.partitions'])
  if (!found || made === partitions) return
  throw new StartError(
    'E_PARTITIONS',
    `the streams were made with ${made} partitions, PARLEY_PARTITIONS says ${partitions}; the count is fixed at the first start: set it back to ${made}`,
  )
}

/** A server that is too old drops the option without a word, and no timer would ever fire. */
async function checkSchedules(jsm: JetStreamManager): Promise<void> {
  const timers = await infoOf(jsm, stream.timers)
  if (timers?.allow_msg_schedules) return
  throw new StartError('E_SCHEDULES', 'stream TIMERS does not allow message schedules; use nats-server 2.14 or newer')
}

/** All subjects of one partition of the inbox. */
export const inboxOfPartition = (partition: number): string => `parley.inbox.${partition}.>`

/** The inbox consumer of one partition. */
export function inboxConsumer(partition: number): Partial<ConsumerConfig> & { durable_name: string } {
  return { ...ownedConsumer(partition, in_hand_max), filter_subject: inboxOfPartition(partition) }
}

/** The transmit consumer of one partition. */
export function turnsConsumer(partition: number): Partial<ConsumerConfig> & { durable_name: string } {
  return { ...ownedConsumer(partition, records_in_hand_max), filter_subject: `parley.turns.${partition}.>` }
}

/**
 * Memory is enough: one that is lost begins where its owner says (decisions/0021), and on file each of them would be written
 * ten times a second, which `sync_interval: always` makes ten waits for the disk.
 */
function ownedConsumer(partition: number, max_ack_pending: number) {
  return {
    durable_name: `p${partition}`,
    ack_policy: AckPolicy.Explicit,
    mem_storage: true,
    ack_wait: ns(ack_wait_ms),
    max_ack_pending,
    priority_groups: [ownerGroup],
    priority_policy: 'pinned_client',
    priority_timeout: ns(owner_silence_ms_max),
  } as unknown as Partial<ConsumerConfig> & { durable_name: string }
}
