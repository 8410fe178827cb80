/** Authorities and certificates that a test makes for itself with openssl, in a folder of its own; none is kept. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface Identity {
  cert: string
  key: string
}

export interface Authority {
  /** The path of its certificate. */
  ca: string
  /** Of `localhost`, 127.0.0.1 and 127.0.0.2, as a server and as a client. `days` below 0 has ended. */
  identity(name: string, days?: number): Identity
}

export interface Certificates {
  dir: string
  authority(name: string): Authority
  remove(): void
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Throws with what openssl says. */
export function certificates(): Certificates {
  const dir = mkdtempSync(join(tmpdir(), 'parley-certificates-'))
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  writeFileSync(join(dir, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2\n')
  return {
    dir,
    authority(name) {
      const [ca, caKey] = [join(dir, `${name}.pem`), join(dir, `${name}.key`)]
      openssl('req', '-x509', ...newKey, '-keyout', caKey, '-out', ca, '-subj', `/CN=${name}`, '-days', '2')
      return {
        ca,
        identity(of, days = 2) {
          const [cert, key, request] = ['pem', 'key', 'csr'].map((ending) => join(dir, `${name}-${of}.${ending}`)) as [
            string,
            string,
            string,
          ]
          openssl('req', '-new', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${of}`)
          const signer = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-extfile', 'names', '-days', String(days)]
          openssl('x509', '-req', '-in', request, ...signer, '-out', cert)
          return { cert, key }
        },
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** What the files of an identity say, for servers and clients of node:tls. */
export const pemOf = ({ cert, key }: Identity): { cert: string; key: string } => ({
  cert: readFileSync(cert, 'utf8'),
  key: readFileSync(key, 'utf8'),
})
