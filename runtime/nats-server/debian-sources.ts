/**
 * Reads where this machine gets Debian from. Pure: text in, values out. Knows both formats of sources.list(5):
 * deb822 stanzas (`*.sources`) and one-line entries (`*.list`).
 *
 * Invariants:
 *   1. No host is typed here: addresses come from the machine's own files only.
 *   2. Only options that keep the signature check survive: `Trusted` and `Allow-Insecure` are never carried over.
 */

/** One archive of the machine. The fields are the machine's words, unread. */
export interface DebianSource {
  uris: string
  suites: string[]
  components: string[]
  /** A key file, a fingerprint or an embedded key block; undefined means the machine's general key ring. */
  signedBy?: string | undefined
  checkValidUntil?: string | undefined
}

/** The enabled binary sources of one deb822 file, in order. */
export function readDeb822(text: string): DebianSource[] {
  const stanzas = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n[ \t]*\n/)
  return stanzas.map(fieldsOf).flatMap((fields) => {
    if (!words(fields.types).includes('deb') || fields.enabled?.trim() === 'no' || !fields.uris) return []
    return {
      uris: fields.uris.trim(),
      suites: words(fields.suites),
      components: words(fields.components),
      signedBy: fields['signed-by'],
      checkValidUntil: fields['check-valid-until']?.trim(),
    }
  })
}

/** The binary sources of one old sources.list, in order: `deb [option=value …] uri suite component…`. */
export function readOneLine(text: string): DebianSource[] {
  return text.split('\n').flatMap((line) => {
    const entry = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line)
    if (!entry) return []
    const [, options, uris, suite, components] = entry
    return {
      uris: uris ?? '',
      suites: words(suite),
      components: words(components),
      signedBy: optionOf(options, 'signed-by')?.replaceAll(',', ' '),
      checkValidUntil: optionOf(options, 'check-valid-until'),
    }
  })
}

/**
 * The sources that hold the distribution itself: component `main` and the suite the machine runs, by code name or by class.
 * Security, updates and back-ports are other suites (`-security`), third parties have other suites or components.
 */
export function archivesOf(sources: readonly DebianSource[], codename: string): DebianSource[] {
  const plain = new Set([codename, 'oldstable', 'stable', 'testing', 'unstable', 'sid'])
  const archives = sources.filter(
    ({ suites, components, uris }) =>
      components.includes('main') && suites.some((suite) => plain.has(suite)) && !uris.startsWith('cdrom:'),
  )
  return archives.filter((one, index) => archives.findIndex((other) => other.uris === one.uris) === index)
}

/** The same archive as one deb822 stanza for `main` of another suite. */
export function stanzaFor(source: DebianSource, suite: string): string {
  const fields = [`Types: deb`, `URIs: ${source.uris}`, `Suites: ${suite}`, `Components: main`]
  if (source.signedBy) fields.push(`Signed-By: ${source.signedBy.replace(/^[ \t]+/, '')}`)
  if (source.checkValidUntil) fields.push(`Check-Valid-Until: ${source.checkValidUntil}`)
  return `${fields.join('\n')}\n`
}

/** Field names in lower case; a value keeps its continuation lines, which an embedded key needs. */
function fieldsOf(stanza: string): Record<string, string | undefined> {
  const fields: Record<string, string> = {}
  let name = ''
  for (const line of stanza.split('\n')) {
    const start = /^([A-Za-z-]+):(.*)$/.exec(line)
    if (start) {
      name = (start[1] ?? '').toLowerCase()
      fields[name] = start[2] ?? ''
    } else if (name && /^[ \t]/.test(line)) {
      fields[name] += `\n${line}`
    }
  }
  return fields
}

function optionOf(options: string | undefined, name: string): string | undefined {
  return words(options)
    .find((option) => option.startsWith(`${name}=`))
    ?.slice(name.length + 1)
}

function words(value: string | undefined): string[] {
  return value?.split(/\s+/).filter(Boolean) ?? []
}
