import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { basket, freshForEachTest, machine, server, session, setUp } from './enrolled.ts'

freshForEachTest()

describe('stemma verify', () => {
  async function sent() {
    await setUp()
    session('s1')
    machine.commit({ 'basket.ts': basket }, 'Add a basket')
    await machine.stemma(['push'])
    const id = server.evidence[0]?.id ?? ''
    return join(machine.state, 'receipts', id)
  }

  it('ends with 4 for an envelope of which one byte differs', async () => {
    const path = await sent()
    const envelope = JSON.parse(readFileSync(`${path}.envelope.json`, 'utf8'))
    const payload = Buffer.from(envelope.payload, 'base64')
    payload[payload.indexOf('claude-code')] = 'k'.charCodeAt(0)
    writeFileSync(`${path}.envelope.json`, JSON.stringify({ ...envelope, payload: payload.toString('base64') }))
    const ran = await machine.stemma(['verify', 'HEAD', '--json'])
    expect(ran.code).toBe(4)
    const [checked] = JSON.parse(ran.stdout).evidence
    expect(checked.verified).toBe(false)
    expect(checked.checks).toContainEqual(expect.objectContaining({ name: 'signature', result: 'failed' }))
    expect(checked.checks).toContainEqual(expect.objectContaining({ name: 'inclusion', result: 'failed' }))
  })

  it('ends with 4 for a receipt of another log, for other bytes as transcript, and for a file that is no envelope', async () => {
    const path = await sent()
    const [transcript = ''] = server.transcripts.values()
    writeFileSync(join(machine.home, 'transcript.jsonl'), transcript)
    expect(
      (await machine.stemma(['verify', 'HEAD', '--transcript', join(machine.home, 'transcript.jsonl')])).code,
    ).toBe(0)
    writeFileSync(join(machine.home, 'transcript.jsonl'), `${transcript}\n`)
    expect(
      (await machine.stemma(['verify', 'HEAD', '--transcript', join(machine.home, 'transcript.jsonl')])).code,
    ).toBe(4)

    const receipt = JSON.parse(readFileSync(`${path}.json`, 'utf8'))
    writeFileSync(
      `${path}.json`,
      JSON.stringify({ ...receipt, receipt: receipt.receipt.replace('example.com', 'example.org') }),
    )
    const other = await machine.stemma(['verify', 'HEAD'])
    expect(other.code).toBe(4)
    expect(other.stdout).toMatch(/✗ failed\s+checkpoint/)

    writeFileSync(join(machine.home, 'no-envelope.json'), '{}')
    expect((await machine.stemma(['verify', join(machine.home, 'no-envelope.json')])).code).toBe(4)
    expect((await machine.stemma(['verify', 'f00dfeedf00d'])).code).toBe(2)
  })
})
