/**
 * Master keys, which only the configuration has, and what they are for: data keys are stored wrapped by one (AES-256-GCM).
 * Pure but for the nonces. No error and no print has anything of a key: a master key is told by its fingerprint.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

export interface MasterKey {
  bytes: Buffer
  /** 16 hex characters that follow from the key and do not lead back to it. */
  fingerprint: string
}

export const master_key_bytes = 32

/** Of 32 bytes, written as 64 hex characters or as base64; undefined for anything else. */
export function masterKeyIn(written: string): MasterKey | undefined {
  const bytes = Buffer.from(written, /^[0-9a-f]{64}$/i.test(written) ? 'hex' : 'base64')
  if (bytes.length !== master_key_bytes) return undefined
  return { bytes, fingerprint: createHmac('sha256', bytes).update('parley master key').digest('hex').slice(0, 16) }
}

/** `purpose` is bound in: what was wrapped for one is not unwrapped for another. */
export function wrap({ bytes }: MasterKey, purpose: string, key: Uint8Array): string {
  const nonce = randomBytes(nonce_bytes)
  const cipher = createCipheriv('aes-256-gcm', bytes, nonce).setAAD(Buffer.from(purpose))
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

/** Throws when it was not wrapped by this key for this purpose, or is damaged. */
export function unwrap({ bytes }: MasterKey, purpose: string, wrapped: string): Buffer {
  const all = Buffer.from(wrapped, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', bytes, all.subarray(0, nonce_bytes))
    .setAAD(Buffer.from(purpose))
    .setAuthTag(all.subarray(-tag_bytes))
  return Buffer.concat([decipher.update(all.subarray(nonce_bytes, -tag_bytes)), decipher.final()])
}

const nonce_bytes = 12
const tag_bytes = 16
