/**
 * The bytes of attachments that were looked into and found clean: a JetStream object store. Owned here; written by
 * `attachments.ts`, read by the gateway. Events carry the id only.
 * Invariant: an id tells nothing and cannot be guessed, and the same file of the same message always gets the same one.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { type ObjectStore, Objm } from '@nats-io/obj'
import type { Sealing } from './encryption/sealing.ts'
import { eraseMessage, messagesOf } from './stored-messages.ts'
import { bucket, bucket_chunk_bytes, bucket_stream, bucketConfig } from './streams.ts'

export interface StoredFile {
  contentType: string
  bytes: Uint8Array
}

export interface AttachmentStore {
  /**
   * Resolves to the id once the broker has all of it; `of` names message and place, so that nothing is stored twice, `whose`
   * the conversation.
   */
  put(of: string, file: StoredFile, whose: string): Promise<string>
  get(id: string): Promise<StoredFile | undefined>
  /** Deletes a file so that its bytes are written over; resolves to whether it was there. */
  erase(id: string): Promise<boolean>
}

export interface OpenStore extends AttachmentStore {
  /** A secret of this deployment, the same on every node, for one purpose. */
  secretFor(purpose: string): Uint8Array
}

/** Makes the bucket when there is none. */
export async function openAttachmentStore(
  js: JetStreamClient,
  jsm: JetStreamManager,
  replicas: number,
  { seal, open }: Sealing,
): Promise<OpenStore> {
  const store = await openBucket(new Objm(js), replicas)
  const key = (await store.status()).metadata?.[key_name] ?? ''
  return {
    async put(of, { bytes, contentType }, whose) {
      const id = idOf(key, of, bytes)
      if (await store.info(id)) return id
      await store.putBlob(
        { name: id, metadata: { contentType }, options: { max_chunk_size: bucket_chunk_bytes } },
        await seal(whose, bytes),
      )
      return id
    },
    secretFor: (purpose) => createHmac('sha256', Buffer.from(key, 'hex')).update(purpose).digest(),
    async get(id) {
      const info = id_shape.test(id) ? await store.info(id) : null
      const stored = info && (await store.getBlob(id))
      const bytes = stored && (await open(stored))
      return info && bytes
        ? { bytes, contentType: info.metadata?.contentType ?? 'application/octet-stream' }
        : undefined
    },
    async erase(id) {
      const info = id_shape.test(id) ? await store.info(id) : null
      if (!info) return false
      // The chunks first: while its entry is there, a file can be asked to be erased again.
      const name = Buffer.from(id).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
      for (const filter of [`$O.${bucket}.C.${info.nuid}`, `$O.${bucket}.M.${name}`]) {
        for (const { seq } of await messagesOf(jsm, bucket_stream, filter)) await eraseMessage(jsm, bucket_stream, seq)
      }
      return true
    },
  }
}

/** Another node may make it in the same moment; then that one's key counts. */
async function openBucket(objects: Objm, replicas: number): Promise<ObjectStore> {
  const metadata = { [key_name]: randomBytes(key_bytes).toString('hex') }
  try {
    return await objects.create(bucket, { ...bucketConfig(replicas), metadata })
  } catch {
    return objects.open(bucket)
  }
}

/**
 * Drawn once for a deployment and kept with the bucket: whoever can read it there can read the files themselves. Without
 * it, somebody who knows a message and its file could tell whether that file was sent, and fetch it.
 */
const key_name = 'parley.key'
const key_bytes = 32

function idOf(key: string, of: string, bytes: Uint8Array): string {
  const content = createHash('sha256').update(bytes).digest('hex')
  return createHmac('sha256', Buffer.from(key, 'hex')).update(`${of}\n${content}`).digest('hex')
}

const id_shape = /^[0-9a-f]{64}$/
