/** A real browser for one test file. Every page reports what its console said; what is wrong there fails the test that looks. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { getChromium } from './chromium.ts'

export interface OpenPage {
  page: Page
  /** Errors of scripts, what the browser refused, and requests that failed, so far. */
  faults: string[]
}

export interface TestBrowser {
  /** A page of a profile of its own. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>
  /** Closes what is open, so that it asks its node for nothing more beside the next test. */
  closePages(): Promise<void>
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
      page.on('response', (response) => {
        if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`)
      })
      page.on('requestfailed', (request) => {
        // A feed that a page has left is meant to break.
        const why = request.failure()?.errorText
        if (why !== 'net::ERR_ABORTED') faults.push(`${why} ${request.url()}`)
      })
      await page.goto(url)
      return { page, faults }
    },
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    close: () => browser.close(),
  }
}
