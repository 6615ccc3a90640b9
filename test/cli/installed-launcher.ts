/** The package as it is installed, launcher and bundles at their places: built once for each test file. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildCli } from '#cli/build.ts'
import { LAUNCHER } from './observed-repository.ts'

const installed = mkdtempSync(join(tmpdir(), 'stemma-installed-'))
process.on('exit', () => rmSync(installed, { recursive: true, force: true }))
mkdirSync(join(installed, 'cli'))
export const launcher = join(installed, 'cli', 'stemma')
cpSync(LAUNCHER, launcher)
await buildCli(join(installed, 'dist', 'cli'))
