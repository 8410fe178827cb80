/** A real browser for one test file. Every page reports what its console said; what is wrong there fails the test that looks. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { getChromium } from './chromium.ts'

export interface OpenPage {
  page: Page
  /** Errors of scripts and what the browser refused, so far. */
  faults: string[]
}

export interface TestBrowser {
  /** A page of a profile of its own. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>
  close(): Promise<void>
}

/** A machine that runs other tests beside this one makes a browser wait. */
const page_ms_max = 60_000

export async function startBrowser(): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: getChromium((line) => process.stderr.write(`${line}\n`)),
    // As root, as in most containers, it refuses to run with its sandbox.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  return {
    async open(url, options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1360, height: 860 },
        reducedMotion: 'reduce',
        ...options,
      })
      const page = await context.newPage()
      page.setDefaultTimeout(page_ms_max)
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text())
      })
      await page.goto(url)
      return { page, faults }
    },
    close: () => browser.close(),
  }
}
