/**
 * Whether Twilio made a request: `X-Twilio-Signature` is the HMAC-SHA1, under the account's token, of the address that
 * Twilio called and every parameter of the form, sorted by name (Twilio's documentation, "Security"). Pure.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Compares in constant time, lengths aside. `url` is the whole address with its query, as the outside writes it: Twilio
 * may write the port that its scheme implies, or leave it out, and both are tried.
 */
export function isSigned(authToken: string, url: string, form: URLSearchParams, signature: string): boolean {
  const found = Buffer.from(signature)
  return spellings(url).some((spelling) => {
    const wanted = Buffer.from(signatureOf(authToken, spelling, form))
    return found.length === wanted.length && timingSafeEqual(found, wanted)
  })
}

/** What Twilio would send along with this form. A parameter that comes twice counts once a value. */
export function signatureOf(authToken: string, url: string, form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort()
  const said = names.flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value))
  return createHmac('sha1', authToken)
    .update(url + said.join(''))
    .digest('base64')
}

function spellings(url: string): string[] {
  const [, scheme = '', host = '', rest = ''] = /^(https?):\/\/([^/?]*)(.*)$/s.exec(url) ?? []
  const port = scheme === 'https' ? ':443' : ':80'
  if (host.endsWith(port)) return [url, `${scheme}://${host.slice(0, -port.length)}${rest}`]
  return /:\d+$/.test(host) ? [url] : [url, `${scheme}://${host}${port}${rest}`]
}
