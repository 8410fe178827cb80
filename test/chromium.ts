/**
 * The browser that the console is tested in: one that is there (`CHROMIUM_BIN` says which), or Debian's, which is installed
 * where that can be done without asking.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Its path. Throws with what to install when there is none and none can be had. */
export function getChromium(say: (line: string) => void): string {
  const found = chromiumHere()
  if (found !== undefined) return found
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    say('installing chromium, for the tests of the console…')
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-qq'], { env })
    const installed = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      env,
      encoding: 'utf8',
    })
    const now = chromiumHere()
    if (now !== undefined) return now
    throw new Error(`chromium could not be installed; mend what apt-get says:\n${installed.stdout}${installed.stderr}`)
  }
  throw new Error(
    'the tests of the console need Chromium or Chrome, and none is on the PATH: install it (Debian: apt-get install chromium; macOS: brew install --cask google-chrome), or set CHROMIUM_BIN',
  )
}

function chromiumHere(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return [process.env.CHROMIUM_BIN ?? '', ...onPath, ...elsewhere].find((path) => path !== '' && existsSync(path))
}
