/**
 * A body without the files inside it: what is set aside as nobody's is kept for people to read, and nobody has looked into
 * its files (T7). Pure.
 */
import { withoutData } from './data-address.ts'
import { type Fields, nestedList, nestedObject } from './loose-body.ts'

/** Takes out `data:` addresses wherever they stand, and the `content` of attachments; the names stay. */
export function withoutFiles(body: unknown): unknown {
  const plain: unknown = JSON.parse(withoutData(JSON.stringify(body)))
  const { attachments } = nestedObject(plain)
  if (attachments === undefined) return plain
  const named = (nestedList(attachments) ?? []).map((entry) => ({ ...nestedObject(entry), content: undefined }))
  return { ...(plain as Fields), attachments: named }
}
