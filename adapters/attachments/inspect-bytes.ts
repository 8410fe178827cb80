/**
 * Looks into one file, from its bytes to the verdict (LC8, LC11, EM4, PC2, PC3). Runs in a thread of its own
 * (`inspector.ts`), since what strangers wrote may take for ever or all memory there is.
 */
import { type FileVerdict, file_bytes_max } from '../inbound-file.ts'
import { holdsCardData } from './card-data.ts'
import { contentsOf } from './contents.ts'

/** Never rejects: whatever goes wrong while it is read makes the file unprocessable (E109). */
export async function inspectBytes(bytes: Uint8Array, name: string): Promise<FileVerdict> {
  if (bytes.length > file_bytes_max) return { dropped: 'unprocessable' }
  try {
    const { contentType, texts } = await contentsOf(bytes, name)
    for await (const text of texts) if (holdsCardData(text)) return { dropped: 'sensitive' }
    return { kept: contentType }
  } catch {
    return { dropped: 'unprocessable' }
  }
}
