/**
 * What the provider's checks say of a message: `pciInfo`, `malwareinfo`, and the combined `securityscaninfo` (flows.md 7.1).
 * All are JSON inside strings that may be `""`, `"NA"` or broken: then nobody checked, which is normal (E9).
 */
import type { MessageReceived } from '../../machines/events.ts'
import { type Fields, nestedList, nestedObject, scalarText, textOr } from '../loose-body.ts'

type Scan = MessageReceived['scan']

/**
 * `masked`: checked, and card data found, so the provider masked it. `failed`: the provider could not check, and withheld
 * the text. `clean`: anything else; our own check follows in any case (A48). A check that speaks of attachments alone
 * says nothing about the text, so that one offence is told to the customer once (A47).
 */
export function scanVerdict(body: Fields): Scan {
  const pci = nestedObject(body.pciInfo)
  const verdict = read(pci.isPCIValidationDone, pci.isPCICompliance)
  if (verdict !== undefined) return isAboutText(pci.nonPCIComplianceReason) ? verdict : 'clean'
  const security = nestedObject(body.securityscaninfo)
  const combined = read(security.isSecurityValidationDone, security.isSecurityCompliance) ?? 'clean'
  if (!isAboutText(security.securityFailedReason)) return 'clean'
  return combined === 'masked' && !namesCardData(security) ? 'clean' : combined
}

/** True when one of the checks could not be made and says so: attachments are then not handed on (E109). */
export function couldNotScan(body: Fields): boolean {
  const [pci, malware, security] = [body.pciInfo, body.malwareinfo, body.securityscaninfo].map(nestedObject)
  return (
    read(pci?.isPCIValidationDone, pci?.isPCICompliance) === 'failed' ||
    read(malware?.isMalwareValidationDone, malware?.isMalwareCompliance) === 'failed' ||
    read(security?.isSecurityValidationDone, security?.isSecurityCompliance) === 'failed'
  )
}

/**
 * True when the provider looked for card data, so that what it has left in the message is clean: the check of card data
 * says so, or, where that says nothing, the combined one. `isPCIValidationDone: false` is as good as unscanned (A48).
 */
export function clearedByProvider(body: Fields): boolean {
  const pci = flag(nestedObject(body.pciInfo).isPCIValidationDone)
  const isDone = pci ?? flag(nestedObject(body.securityscaninfo).isSecurityValidationDone)
  return isDone === true && !couldNotScan(body)
}

/** Undefined when the check says nothing. */
function read(validationDone: unknown, compliance: unknown): Scan | undefined {
  const compliant = flag(compliance)
  if (compliant !== false) return compliant === undefined ? undefined : 'clean'
  const done = flag(validationDone)
  if (done === undefined) return 'clean'
  return done ? 'masked' : 'failed'
}

/** The reason is a sentence, sometimes with the attachments it is about; without a hint it is about the text. */
function isAboutText(raw: unknown): boolean {
  const reason = nestedObject(raw)
  const sentence = textOr(reason.text, '')
  if (sentence === '') return (nestedList(reason.attachments) ?? []).length === 0
  return !/\b(attachments?|files?)\b/i.test(sentence) || /\b(text|message|body)\b/i.test(sentence)
}

/** The combined check also fails for malware, which is no card data. */
const namesCardData = (security: Fields): boolean =>
  /^pci/i.test(textOr(nestedObject(security.securityFailedReason).text, ''))

function flag(value: unknown): boolean | undefined {
  const text = scalarText(value)?.trim().toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}
