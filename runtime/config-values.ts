/**
 * The kinds of values that a configuration takes: what each must look like, and how a wrong one is told. Invariant: a message of
 * a rule of its own is a phrase that follows "expected".
 */
import { z } from 'zod'
import { noticeKeys, type TextKey, textKeys } from '../machines/texts.ts'
import { icuProblem } from './icu-message.ts'

export const port_max = 65_535

/** A rule with its own words: `expected` when it is broken, and what to say of the value beside it. */
type Verdict = { found?: string; hint?: string } | undefined
const ruled = (expected: string, broken: (text: string) => Verdict) =>
  z.string().superRefine((text, ctx) => {
    const verdict = broken(text)
    if (verdict) ctx.addIssue({ code: 'custom', message: expected, params: verdict })
  })
export const patterned = (pattern: RegExp, expected: string) => z.string().regex(pattern, { error: expected })

export const words = patterned(/\S/, 'a text that is not blank')
export const name = patterned(/^\S+$/, 'a text without spaces')
export const filePath = patterned(/^(?!-----)[^\n]+$/, 'the path of a file')
export const secret = patterned(/^[\x21-\x7e]+$/, 'printable ASCII characters without spaces')
export const masterKey = patterned(
  /^([0-9a-fA-F]{64}|[A-Za-z0-9+/]{43}=)$/,
  '32 bytes as base64 or as 64 hex characters',
)
export const webhookSecret = patterned(
  /^(whsec_)?[A-Za-z0-9+/]{16,}={0,2}$/,
  'whsec_ and at least 16 characters of base64',
)
export const port = z.int().min(0).max(port_max)
export const whole = z.int().min(0)

/** Where an adapter's paths are appended; credentials would make fetch refuse the address. */
export const baseUrl = ruled('an http or https address without user, query and fragment', (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
  return plain ? undefined : {}
})
export const smppUrl = patterned(/^smpps?:\/\/\S+$/, 'an smpp or smpps address')
export const imapUrl = patterned(
  /^imaps?:\/\/[^\s:@/?#]+@[^\s@/?#]+(\/[^\s?#]*)?$/,
  'an imap or imaps address with a user and without a password',
)
export const proxyUrl = patterned(/^(https?|socks5?):\/\/\S+$/, 'an http, https or socks5 address')
export const smtpUrl = patterned(/^smtps?:\/\/\S+$/, 'an smtp or smtps address')

/** LC12: what is left of an address without protocol, path and trailing slash. */
function bareHost(text: string): string {
  return text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^.*@/, '')
}
export const liveChatDomain = ruled('a host without protocol and path', (text) => {
  const bare = bareHost(text)
  if (!/^\S+$/.test(bare) || !URL.canParse(`https://${bare}`)) return {}
  return bare === text ? undefined : { hint: `write it as ${bare}` }
})

export const webOrigin = ruled('the origin of a web page, such as https://shop.example, or *', (text) =>
  text === '*' || (URL.canParse(text) && new URL(text).origin === text) ? undefined : {},
)

export const language = z.string().superRefine((tag, ctx) => {
  try {
    Intl.getCanonicalLocales(tag)
  } catch {
    ctx.addIssue({ code: 'custom', message: 'a language tag such as "en" or "pt-BR"' })
  }
})
const icuVerdict = (text: string): Verdict => {
  if (text === '') return { found: 'an empty text', hint: `only these may be empty: ${noticeKeys.join(', ')}` }
  if (text.trim() === '') return { found: 'a blank text' }
  const found = icuProblem(text)
  return found === undefined ? undefined : { found }
}
const message = ruled('an ICU message', icuVerdict)
/** G6: empty, it is not sent. */
const notice = ruled('an ICU message, or an empty text to send none', (text) =>
  text === '' ? undefined : icuVerdict(text),
)
const messageOf = (key: TextKey) => (noticeKeys.includes(key) ? notice : message).exactOptional()
export const Texts = z.strictObject(
  Object.fromEntries(textKeys.map((key) => [key, messageOf(key)])) as Record<TextKey, ReturnType<typeof messageOf>>,
)
