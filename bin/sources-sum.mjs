/** One sum over files and what is in them, so that whatever was built from them is known to be of them. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** `paths` are files or folders below `root`; what is not there counts as not there. SHA-256, in hex. */
export function sourcesSum(root, paths) {
  const sum = createHash('sha256')
  const there = paths.filter((path) => existsSync(join(root, path)))
  for (const path of there.flatMap((one) => filesAt(root, one)))
    sum.update(`${path}\n`).update(readFileSync(join(root, path)))
  return sum.digest('hex')
}

function filesAt(root, path) {
  if (statSync(join(root, path)).isFile()) return [path]
  const names = readdirSync(join(root, path)).sort()
  return names.flatMap((name) => filesAt(root, `${path}/${name}`))
}
