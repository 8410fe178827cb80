/**
 * Writes the list as a page for people: a table a section, each line with what proves it, stories first. Pure.
 */
import type { Section } from './flow-demands.ts'
import type { Proof, ProofsById } from './proofs.ts'

const preface = `# Checklist

What Parley has to do, and what proves it. The tables are made from \`test/checklist.ts\` and from the titles of tests and
stories; \`test/checklist.test.ts\` fails when a line has neither a proof nor a reason to wait, and when this page is not
what they say. \`UPDATE_EXPECT=1 npx vitest run test/checklist.test.ts\` writes it anew.
`

/** The whole page. Links are relative to \`test/\`, where the page lies. */
export function checklistPage(sections: Section[], waits: Record<string, string>, proofs: ProofsById): string {
  const tables = sections.map(({ heading, demands }) => {
    const rows = Object.entries(demands).map(([id, what]) => {
      const cell = proofs.has(id) ? provenBy(id, proofs.get(id)!) : `waits: ${waits[id]}`
      return `| ${id} | ${plain(what)} | ${cell} |`
    })
    return `\n## ${heading}\n\n| | what | proven by |\n|---|---|---|\n${rows.join('\n')}\n`
  })
  return preface + tables.join('')
}

/** A file with one title says it, a file with several how many there are. */
function provenBy(id: string, proofs: Proof[]): string {
  const files = [...new Set(proofs.map(({ file }) => file))]
  const links = files.map((file) => {
    const titles = proofs.filter((proof) => proof.file === file)
    const story = /^scenarios\/(.*)\.yaml$/.exec(file)?.[1]
    if (story) return `[${story}](../scenarios/${story}.md)`
    const name = file.replace(/^test\//, '')
    const about = titles.length > 1 ? `×${titles.length}` : shortened(titles[0]!.title, id)
    return `[${name.replace(/(\.test)?\.ts$/, '')}](${name}) ${about}`
  })
  return links.join('<br>')
}

const title_characters_max = 90

/** Without the ids it begins with; what a case fills in is a gap. */
function shortened(title: string, id: string): string {
  const said = title.replace(/\$\{[^}]*\}|\$[\w.]+|%[sijd]/g, '…').replace(/^[A-Z]{1,2}\d+[^:]*: (?=.)/, '')
  const words = said === '' ? id : said
  const fitting = words.length > title_characters_max ? `${words.slice(0, title_characters_max).trimEnd()}…` : words
  return plain(fitting)
}

/** What would be a sign of the table or of a link stays a character. */
const plain = (text: string): string => text.replace(/\\'/g, "'").replace(/[|[\]<>*_`]/g, '\\$&')
