/** A machine enrolled with a server, fresh for each test, and the few things that tests of `push` do again and again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { AI_CONFIG_PREDICATE } from '#core/evidence/statement.ts'
import { createMachine, type Machine } from './machine.ts'
import { createTestServer, type TestServer } from './server.ts'
import { writeTranscript } from './transcript.ts'

export let machine: Machine
export let server: TestServer

export const usage = { input: 10, cacheRead: 1_000, cacheWrite: 200, output: 50 }
/** Three lines of code. */
export const basket =
  'export function total(prices: number[]) {\n  return prices.reduce((sum, price) => sum + price, 0)\n}\n'

/** For the file that calls it. */
export function freshForEachTest(): void {
  beforeEach(async () => {
    machine = createMachine()
    server = await createTestServer()
  })
  afterEach(async () => {
    machine.remove()
    await server.stop()
  })
}

/** A session that wrote one file and ran the tests, a minute ago. */
export function session(id: string, path = 'basket.ts', content = basket, extra = ''): string {
  return writeTranscript(machine.home, machine.root, {
    id,
    prompt: `Add ${path}. ${extra}`,
    startedAt: new Date(Date.now() - 60_000).toISOString(),
    turns: [
      { messageId: `${id}-1`, write: { path, content }, usage },
      { messageId: `${id}-2`, run: { command: 'npm test', output: `ok ${extra}` }, usage },
    ],
  })
}

/** Enrolled, committed and pushed. */
export async function setUp(): Promise<void> {
  const done = await machine.stemma(['init', '--yes', '--server', server.url, '--token', server.enrolmentToken])
  expect(done.code, done.stderr).toBe(0)
  machine.commit({}, 'Set up Stemma')
  machine.git('push', '-q', '--no-verify', 'origin', 'main')
}

/** But for that of configuration, which goes beside the first session. */
export function outgoing(): readonly string[] {
  const folder = join(machine.state, 'outgoing')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.filter((name) => !isConfiguration(join(folder, name, 'notes.json')))
}

/** File names, without the envelopes that lie beside, and without that of configuration. */
export function receipts(): readonly string[] {
  const folder = join(machine.state, 'receipts')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name) && !isConfiguration(join(folder, name)))
}

function isConfiguration(path: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8').includes(AI_CONFIG_PREDICATE)
}
