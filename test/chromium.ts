/**
 * A real Chromium for tests of web pages: `CHROMIUM_BIN`, or the one that this machine has. Where there is none the test
 * fails and says what to install.
 */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export async function startChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_BIN ?? usual.find((path) => existsSync(path))
  if (!executablePath) {
    throw new Error('no Chromium found: install it (apt-get install chromium), or set CHROMIUM_BIN to one')
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}
