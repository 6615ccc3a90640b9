/** A long transcript on a machine of the tests, whose session in the end writes the given files: evidence is made of it. */

import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Machine } from '../../test/cli/machine.ts'
import { claudeCodeLines } from './claude-code.ts'

export interface LongSession {
  readonly id: string
  /** About; a sample of 20 MB is repeated, under other ids, to make longer ones. */
  readonly bytes: number
  /** Path below the work tree -> content. */
  readonly files: Readonly<Record<string, string>>
}

const SAMPLE_BYTES = 20_000_000

/** Resolves to the file's path. */
export async function writeLongTranscript({ home, root }: Machine, { id, bytes, files }: LongSession): Promise<string> {
  const path = join(home, '.claude/projects', root.replace(/[^A-Za-z0-9]/g, '-'), `${id}.jsonl`)
  mkdirSync(dirname(path), { recursive: true })
  const file = createWriteStream(path)
  const sample: string[] = []
  let length = 0
  for (const line of claudeCodeLines(root, id)) {
    sample.push(line)
    length += Buffer.byteLength(line) + 1
    if (length >= Math.min(bytes, SAMPLE_BYTES)) break
  }
  for (let written = 0, round = 0; written < bytes; round++) {
    const lines: string[] = []
    for (const line of sample) {
      if (written >= bytes) break
      lines.push(`${line.replaceAll(/"(uuid|id)":"(msg_|toolu_)?/g, `$&${id.slice(-1)}${round}x`)}\n`)
      written += Buffer.byteLength(line) + 1
    }
    if (!file.write(lines.join(''))) await once(file, 'drain')
  }
  file.end(
    Object.entries(files)
      .map(([name, content], at) => write(root, id, { name, content, at }))
      .join(''),
  )
  await once(file, 'close')
  return path
}

function write(root: string, id: string, { name, content, at }: { name: string; content: string; at: number }): string {
  const filePath = join(root, name)
  const common = { sessionId: id, cwd: root, timestamp: new Date().toISOString(), version: '2.1.328' }
  const call = [{ type: 'tool_use', id: `toolu_last${at}`, name: 'Write', input: { file_path: filePath, content } }]
  const answer = { id: `msg_last${at}`, role: 'assistant', model: 'claude-sonnet-4-5-20250929', content: call }
  const said = [
    { type: 'tool_result', tool_use_id: `toolu_last${at}`, content: 'File created successfully', is_error: false },
  ]
  const toolUseResult = { type: 'create', filePath, content }
  const records = [
    { ...common, type: 'assistant', uuid: `last-${at}a`, message: answer },
    { ...common, type: 'user', uuid: `last-${at}b`, message: { role: 'user', content: said }, toolUseResult },
  ]
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}
