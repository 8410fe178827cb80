/** What the doctor looks at in the certificates that a configuration names: whether they can be used, and for how long. */
import { X509Certificate } from 'node:crypto'
import type { Config } from '../config.ts'
import { StartError } from '../errors.ts'
import { authoritiesIn, identityIn } from '../pem-files.ts'
import { type Finding, ok, warn, wrong } from './finding.ts'

const day_ms = 86_400_000
/** Long enough to have one made. */
const warned_days = 14

/** One finding a place in the configuration; none without certificates. */
export async function checkCertificates({ bind, tls, smtpTls }: Config, now_ms: number): Promise<Finding[]> {
  const { clientCa, ...gateway } = bind.tls ?? {}
  const places: [setting: string, files: { ca?: string; cert?: string; key?: string }][] = [
    ['bind.tls', { ...gateway, ...(clientCa === undefined ? {} : { ca: clientCa }) }],
    ['smtpTls', smtpTls ?? {}],
    ...Object.entries(tls).map(([name, files]): [string, object] => [`tls.${name}`, files]),
  ]
  const given = places.filter(([, { ca, cert }]) => ca !== undefined || cert !== undefined)
  return Promise.all(given.map(([setting, files]) => checked(setting, files, now_ms)))
}

async function checked(
  setting: string,
  { ca, cert, key }: { ca?: string; cert?: string; key?: string },
  now_ms: number,
): Promise<Finding> {
  const check = `certificate ${setting}`
  try {
    const pems = [
      ...(ca === undefined ? [] : [await authoritiesIn(`${setting}.ca`, ca)]),
      ...(cert === undefined || key === undefined ? [] : [(await identityIn(setting, { cert, key })).cert]),
    ]
    const ends_ms = Math.min(...pems.map((pem) => Date.parse(new X509Certificate(pem).validTo)))
    return lasting(check, ends_ms, now_ms)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return wrong(check, error.message, 'correct the file: no node starts with it')
  }
}

function lasting(check: string, ends_ms: number, now_ms: number): Finding {
  const day = new Date(ends_ms).toISOString().slice(0, 10)
  if (ends_ms <= now_ms) return wrong(check, `ended on ${day}`, 'renew it: the other side refuses it')
  const left_days = Math.floor((ends_ms - now_ms) / day_ms)
  if (left_days < warned_days) return warn(check, `ends on ${day}`, 'renew it; a node that runs takes it up by itself')
  return ok(check, `good until ${day}`)
}
