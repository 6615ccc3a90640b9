import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTerminal } from '#cli/io/terminal.ts'
import { platformVerdict } from '#cli/push/platform-verdict.ts'
import type { EvidenceVerdicts } from '#core/api/verdicts.ts'
import { defaultContract } from '#core/policy/contract.ts'
import type { Verdict } from '#core/policy/policy.ts'

let server: Server
/** null: the server takes the request and never answers it. */
let answer: EvidenceVerdicts | null
let asked: (string | undefined)[]

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(request.url)
    if (answer === null) return
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const finding = {
  policy: 'no-hook-bypass',
  severity: 'high' as const,
  message: 'It skips the hook.',
  fix: 'Let it run.',
}
const citations = [{ event: 'e1', file: null, start: null, end: null }]
const verdict = (result: Verdict['result'], gate: boolean): Verdict => {
  const findings = result === 'fail' ? [{ ...finding, citations }] : []
  return { policy: 'no-hook-bypass', version: 1, result, gate, findings, doubts: [], reason: null }
}
const judged = (verdicts: Verdict[]): EvidenceVerdicts => {
  const links = {
    session: 'https://stemma.example/sessions/s1',
    pullRequests: ['https://stemma.example/pull-requests/o/w/7'],
  }
  return { state: 'judged', reason: null, contractVersion: 1, verdicts, links }
}

async function pushed(missingSession: 'success' | 'failure' = 'success', milliseconds = 60_000) {
  const said: string[] = []
  const terminal = createTerminal({ color: false, quiet: true, verbose: false })
  const { port } = server.address() as AddressInfo
  const destination = { server: `http://127.0.0.1:${port}`, enrolment: { token: 't' } }
  const sent = [{ notes: { id: 'a'.repeat(64), session: 'claude-code:s1' } }]
  const code = await platformVerdict(sent as unknown as Parameters<typeof platformVerdict>[0], {
    destination: destination as unknown as Parameters<typeof platformVerdict>[1]['destination'],
    contract: { ...defaultContract, missingSession },
    terminal: { ...terminal, say: (text: string) => said.push(text) },
    milliseconds,
  })
  return { code, said: said.join('\n') }
}

test('a required policy that fails on the server stops the push, with finding, fix and link', async () => {
  answer = judged([verdict('fail', true)])
  const { code, said } = await pushed()
  expect(code).toBe(1)
  expect(said).toContain('fail no-hook-bypass  It skips the hook.')
  expect(said).toContain('hint: Let it run.')
  expect(said).toContain('https://stemma.example/pull-requests/o/w/7')
  expect(asked).toEqual([`/v1/evidence/${'a'.repeat(64)}/verdicts?wait=5.0`])
})

test.each([verdict('fail', false), verdict('waived', true), verdict('pass', true)])(
  '$result, gate $gate: goes on',
  async (one) => {
    answer = judged([one])
    expect((await pushed()).code).toBe(0)
  },
)

test('a server that says nothing in time lets the push go on with words, unless nothing may pass unseen', async () => {
  answer = null
  const passed = await pushed('success', 200)
  expect(passed.code).toBe(0)
  expect(passed.said).toContain('has not judged 1 of 1 sessions in time; the push goes on')
  const stopped = await pushed('failure', 200)
  expect(stopped.code).toBe(1)
  expect(stopped.said).toContain('nothing pass unseen')
})

test('evidence that the server can never read stops the push', async () => {
  answer = { ...judged([]), state: 'failed', reason: 'The transcript is not UTF-8.' }
  const { code, said } = await pushed()
  expect(code).toBe(1)
  expect(said).toContain('The transcript is not UTF-8.')
})
