import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FrameworkList, PostureView } from '#core/api/frameworks.ts'
import { createMachine, type Machine } from './machine.ts'

const list: FrameworkList = {
  items: [
    {
      id: 'ours',
      title: 'Our rules',
      version: '1',
      publisher: 'We',
      url: null,
      about: 'A test.',
      isOwn: true,
      controls: 2,
    },
  ],
  scopes: ['organisation', 'product:shop'],
}
const control = { group: 'G', about: 'A test.', attestable: null, missing: [], before: null, coverage: null }
const view: PostureView = {
  framework: { id: 'ours', title: 'Our rules', version: '1', publisher: 'We', url: null, about: 'A test.' },
  scope: 'product:shop',
  from: '2026-11-01',
  to: '2026-11-30',
  counts: { satisfied: 1, violated: 1, 'not-evaluated': 0 },
  controls: [
    {
      ...control,
      ...{ id: 'R1', title: 'A person approves', policies: ['human-review'], state: 'satisfied', why: 'It held.' },
      ...{ attestation: null, evidence: [] },
    },
    {
      ...control,
      ...{ id: 'R2', title: 'No \u001b[31mcurl', policies: ['no-curl'], state: 'violated', why: 'It was not.' },
      ...{ attestation: null, evidence: [] },
    },
  ],
  previous: { from: '2026-10-02', to: '2026-10-31', counts: { satisfied: 0, violated: 0, 'not-evaluated': 2 } },
}
const csv = 'framework,control\r\nours,R1\r\n'

let machine: Machine
let server: Server
let url: string
const asked: string[] = []

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
  asked.push(`${request.headers.authorization} ${request.url}`)
  const send = (status: number, body: string) => response.writeHead(status).end(body)
  if (pathname === '/v1/frameworks') return void send(200, JSON.stringify(list))
  if (pathname === '/v1/frameworks/ours/posture') return void send(200, JSON.stringify(view))
  if (pathname === '/v1/frameworks/ours/posture/export' && searchParams.get('format') === 'csv')
    return void send(200, csv)
  send(404, '{}')
}

beforeAll(async () => {
  machine = createMachine()
  server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  machine.remove()
  await new Promise((resolve) => server.close(resolve))
})

const environment = { STEMMA_TOKEN: 'secret' }
const run = (...words: readonly string[]) => machine.stemma(['posture', ...words, '--server', url], { environment })

it('lists the frameworks and the scopes that there are', async () => {
  const ran = await run()
  expect(ran).toMatchObject({ code: 0, stdout: 'ours Our rules 1, 2 controls\n' })
  expect(ran.stderr).toContain('organisation, product:shop')
})

it('says of each control why it is where it is, in plain text', async () => {
  const ran = await run('ours', '--scope', 'product:shop', '--from', '2026-11-01', '--to', '2026-11-30')
  expect(ran.code, ran.stderr).toBe(0)
  expect(ran.stdout).toMatch(/R1 A person approves: It held\.\n.*R2 No curl: It was not\.\n/)
  expect(ran.stdout).not.toContain('\u001b[31mcurl')
  expect(ran.stderr).toContain('product:shop, 2026-11-01 to 2026-11-30: 1 satisfied, 1 violated, 0 not evaluated')
  expect(asked.at(-1)).toBe(
    'Bearer secret /v1/frameworks/ours/posture?scope=product%3Ashop&from=2026-11-01&to=2026-11-30',
  )
})

it('writes a document as the server made it', async () => {
  const ran = await run('ours', '--format', 'csv', '--out', 'ours.csv')
  expect(ran.code, ran.stderr).toBe(0)
  expect(machine.read('ours.csv')).toBe(csv)
  expect((await run('ours', '--format', 'csv')).stdout).toBe(`${csv.trimEnd()}\n`)
})

it.each([
  ['a framework that is none', ['theirs', '--format', 'md'], 'stemma posture'],
  ['a file without a format', ['ours', '--out', 'ours.csv'], '--format'],
  ['a format that there is not', ['ours', '--format', 'pdf'], 'oscal'],
])('refuses %s, and says what to type', async (_, words, hint) => {
  const ran = await run(...words)
  expect(ran.code).not.toBe(0)
  expect(ran.stderr).toContain(hint)
})
