/**
 * The certificates and keys that settings name, as PEM files: read and checked at the start, so that what is missing or does
 * not belong together is told then, and not by the first connection that fails. Speaks to the file system alone.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { StartError } from './errors.ts'

/** The certificates of authorities. `setting` names the place in the configuration. Throws `StartError` (`E_TLS`). */
export async function authoritiesIn(setting: string, path: string): Promise<string> {
  const pem = await contentOf(setting, path)
  certificateIn(setting, path, pem)
  return pem
}

/** A certificate, with those that lead to its authority behind it, and its key. Throws `StartError` (`E_TLS`). */
export async function identityIn(
  setting: string,
  files: { cert: string; key: string },
): Promise<{ cert: string; key: string }> {
  const [cert, key] = await Promise.all([
    contentOf(`${setting}.cert`, files.cert),
    contentOf(`${setting}.key`, files.key),
  ])
  const certificate = certificateIn(`${setting}.cert`, files.cert, cert)
  const privateKey = keyIn(`${setting}.key`, files.key, key)
  if (!certificate.checkPrivateKey(privateKey)) {
    throw wrong(`${setting}.key`, `the key of the certificate at ${files.cert}`, `another key at ${files.key}`)
  }
  return { cert, key }
}

async function contentOf(setting: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    const { code = 'no code' } = cause as { code?: string }
    throw wrong(setting, 'a file that can be read', `none at ${path} (${code})`)
  })
}

/** The first one of the file. */
function certificateIn(setting: string, path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw wrong(setting, 'a certificate in PEM form', `something else at ${path}`)
  }
}

function keyIn(setting: string, path: string, pem: string) {
  try {
    return createPrivateKey(pem)
  } catch {
    throw wrong(setting, 'a private key in PEM form, without a passphrase', `something else at ${path}`)
  }
}

const wrong = (setting: string, expected: string, found: string): StartError =>
  new StartError('E_TLS', `${setting}: expected ${expected}, found ${found}`)
