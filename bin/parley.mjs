#!/usr/bin/env node
/**
 * Starts the command line from a build of its sources, made when there is none of them as they are. With a program of the
 * user's among the arguments it runs from the sources, so that both are read by the same modules; and where it already is,
 * as under `npm run dev`.
 */
import { programBuild } from './program-build.mjs'

const isProgram = (argument) => /\.[cm]?[jt]s$/.test(argument)
const isReadFromSource = process.execArgv.some((argument) => argument.includes('tsx'))
const say = (line) => process.stderr.isTTY && process.stderr.write(`${line}\n`)

const build = isReadFromSource || process.argv.slice(2).some(isProgram) ? undefined : await programBuild(say)
if (build) process.setSourceMapsEnabled(true)
else (await import('tsx/esm/api')).register()
const { main } = await import(build ?? './cli.ts')
await main(process.argv)
