/**
 * What the provider's card-data check says of a message: `pciInfo`, or the newer `securityscaninfo` (flows.md 7.1).
 * Both are JSON inside strings that may be `""`, `"NA"` or broken: then nobody checked, which is normal (E9).
 */
import type { MessageReceived } from '../../machines/events.ts'
import { type Fields, nestedObject, scalarText, textOr } from '../loose-body.ts'

type Scan = MessageReceived['scan']

/**
 * `masked`: checked, and card data found, so the provider masked it. `failed`: the provider could not check, and withheld
 * the text. `clean`: anything else; our own check follows in any case (A48).
 */
export function scanVerdict(body: Fields): Scan {
  const pci = nestedObject(body.pciInfo)
  const verdict = read(pci.isPCIValidationDone, pci.isPCICompliance)
  if (verdict !== undefined) return verdict
  const security = nestedObject(body.securityscaninfo)
  const combined = read(security.isSecurityValidationDone, security.isSecurityCompliance) ?? 'clean'
  return combined === 'masked' && !namesCardData(security) ? 'clean' : combined
}

/** Undefined when the check says nothing. */
function read(validationDone: unknown, compliance: unknown): Scan | undefined {
  const compliant = flag(compliance)
  if (compliant !== false) return compliant === undefined ? undefined : 'clean'
  const done = flag(validationDone)
  if (done === undefined) return 'clean'
  return done ? 'masked' : 'failed'
}

/** The combined check also fails for malware, which is no card data. */
const namesCardData = (security: Fields): boolean =>
  /^pci/i.test(textOr(nestedObject(security.securityFailedReason).text, ''))

function flag(value: unknown): boolean | undefined {
  const text = scalarText(value)?.trim().toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}
