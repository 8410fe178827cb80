/**
 * How a stored message looks when it is sealed: AES-256-GCM (NIST SP 800-38D) under a data key, with the key's name and id
 * in front, which are bound in. Its first byte begins no JSON, so that sealed and clear messages can lie in one stream.
 * Pure but for the nonces: a random one of 96 bits each time, far from the 2^32 messages that one key may seal.
 *
 *   0xe5 | version 1 | length of the name | name | id, 8 bytes | nonce, 12 | tag, 16 | ciphertext
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export interface DataKey {
  /** Whose it is: an actor, a chat thread, `none`; one subject token. */
  name: string
  /** 16 hex characters: tells it from earlier and later keys of that name. */
  id: string
  bytes: Buffer
}

export const data_key_bytes = 32

export const isSealed = (bytes: Uint8Array): boolean => bytes[0] === mark

export function seal({ name, id, bytes: key }: DataKey, clear: Uint8Array): Buffer {
  const head = Buffer.from([mark, version, name.length, ...Buffer.from(name, 'latin1'), ...Buffer.from(id, 'hex')])
  const nonce = newNonce()
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(head)
  const words = cipher.update(clear)
  cipher.final()
  return Buffer.concat([head, nonce, cipher.getAuthTag(), words])
}

/** Under which key it is sealed. Throws for what was sealed by a later build, or cut short. */
export function keyOfSealed(sealed: Uint8Array): Omit<DataKey, 'bytes'> {
  const { head } = partsOf(sealed)
  return { name: head.subarray(3, -id_bytes).toString('latin1'), id: head.subarray(-id_bytes).toString('hex') }
}

/** Throws when it is damaged, or was sealed under another key. */
export function open(key: Uint8Array, sealed: Uint8Array): Buffer {
  const { head, nonce, tag, words } = partsOf(sealed)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(head).setAuthTag(tag)
  const clear = decipher.update(words)
  decipher.final()
  return clear
}

function partsOf(sealed: Uint8Array) {
  const all = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  const head_bytes = 3 + (all[2] ?? 0) + id_bytes
  const words_at = head_bytes + nonce_bytes + tag_bytes
  if (all[1] !== version || all.length < words_at) {
    throw new Error(`expected a sealed message of version ${version}, found version ${all[1]} with ${all.length} bytes`)
  }
  return {
    head: all.subarray(0, head_bytes),
    nonce: all.subarray(head_bytes, head_bytes + nonce_bytes),
    tag: all.subarray(head_bytes + nonce_bytes, words_at),
    words: all.subarray(words_at),
  }
}

/** Drawn by the hundred: one alone costs a third of the whole sealing (measured). None is used twice. */
function newNonce(): Buffer {
  if (drawn.length === 0) drawn = randomBytes(nonce_bytes * 256)
  const nonce = drawn.subarray(0, nonce_bytes)
  drawn = drawn.subarray(nonce_bytes)
  return nonce
}
let drawn: Buffer = Buffer.alloc(0)

const mark = 0xe5
const version = 1
const id_bytes = 8
const nonce_bytes = 12
const tag_bytes = 16
