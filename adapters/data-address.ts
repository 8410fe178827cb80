/**
 * `data:` addresses (RFC 2397): a small file inside the text that names it. Pure.
 */

/** What stands in it; undefined for every other address, and for one that cannot be read. */
export function dataAddress(address: string): { contentType: string; bytes: Uint8Array } | undefined {
  const [, head, data] = /^data:([^,]*),(.*)$/is.exec(address) ?? []
  if (head === undefined || data === undefined) return undefined
  const contentType = head.split(';')[0]!.trim().toLowerCase() || 'text/plain'
  try {
    const text = decodeURIComponent(data)
    return { contentType, bytes: Buffer.from(text, /;\s*base64\s*$/i.test(head) ? 'base64' : 'utf8') }
  } catch {
    return undefined
  }
}

/** A text with what stands in such addresses taken out: for places that must not keep files. */
export function withoutData(text: string): string {
  return text.replace(/\bdata:(?=[^,"\\\s]*[/;])[^,"\\]*,[^"\\\s]*/gi, 'data:,')
}
