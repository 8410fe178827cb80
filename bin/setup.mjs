#!/usr/bin/env node
/**
 * Makes a fresh checkout able to run: node modules as the lock says, a nats-server, the console and the command line (with
 * `--browser` what its tests need, too). With `--production` it makes one that serves and is not written to any more: without a
 * nats-server, and what only builds and tests need is taken away again.
 * Runs before node_modules exists, so it is plain JavaScript on Node alone. Silent and quick when everything is in place; one
 * sentence when it cannot be.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const mark = join(root, 'node_modules', '.parley-lock')
const node_floor = [20, 19]

const production = process.argv.includes('--production')

checkNode()
installNodeModules()
if (!production) await getNatsServer()
await getConsole()
if (production) removeDevelopmentModules()
await getProgram()
if (process.argv.includes('--browser')) await getBrowser()

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > node_floor[0] || (major === node_floor[0] && minor >= node_floor[1])) return
  fail(
    `Parley needs Node ${node_floor.join('.')} or newer, and this is ${process.versions.node}: install a newer Node.`,
  )
}

/** The sum of the lock that was installed is kept inside node_modules, so it goes when they go. */
function installNodeModules() {
  const sum = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (readOr(mark, '') === sum) return
  say('installing node modules…')
  npm('ci', '--include=dev')
  writeFileSync(mark, sum)
}

/** The mark goes first: the next set-up installs anew what it needs to build. */
function removeDevelopmentModules() {
  rmSync(mark)
  npm('prune', '--omit=dev')
}

function npm(...args) {
  const { error, status, stdout, stderr } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (error) fail(`Parley needs npm to install its node modules, and it cannot be run (${error.message}): install npm.`)
  if (status !== 0) fail(`npm ${args[0]} failed; mend what it says and run this again:\n${stdout}${stderr}`.trimEnd())
}

async function getNatsServer() {
  const { register } = await import('tsx/esm/api')
  register()
  const { getNatsServer } = await import('../runtime/nats-server/get-nats-server.ts')
  try {
    await getNatsServer({ cacheDir: join(root, '.parley'), progress: say })
  } catch (error) {
    fail(error.message)
  }
}

async function getConsole() {
  const { buildConsole } = await import('./console-build.mjs')
  try {
    buildConsole(say)
  } catch (error) {
    fail(error.message)
  }
}

async function getProgram() {
  const { programBuild } = await import('./program-build.mjs')
  try {
    await programBuild(say)
  } catch (error) {
    fail(`the command line could not be built; mend what it says:\n${error.message}`)
  }
}

async function getBrowser() {
  const { getChromium } = await import('../test/chromium.ts')
  try {
    getChromium(say)
  } catch (error) {
    fail(error.message)
  }
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}

/** To stderr: stdout belongs to the command that is set up for. */
function say(line) {
  process.stderr.write(`${line}\n`)
}

function fail(sentence) {
  say(sentence)
  process.exit(1)
}
