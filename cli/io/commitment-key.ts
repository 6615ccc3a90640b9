/** The key of this machine's commitments: 32 random bytes, made once, readable by their owner alone, never sent. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Bytes, fromHex } from '#core/evidence/bytes.ts'
import { Fault } from '#core/fault.ts'
import { readText, writeDurably } from './files.ts'

const KEY_BYTES = 32

export function commitmentKeyPath(configurationFolder: string): string {
  return join(configurationFolder, 'commitment.key')
}

/** Throws configuration-malformed for a file that is no key: another one could prove nothing of what was sent. */
export async function commitmentKey(configurationFolder: string): Promise<Bytes> {
  const path = commitmentKeyPath(configurationFolder)
  const text = await readText(path)
  if (text === null) {
    await writeDurably(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`, 0o600)
    // Another process may have been first: what stands there now is the key.
    return commitmentKeyIn(path, (await readText(path)) ?? '')
  }
  return commitmentKeyIn(path, text)
}

function commitmentKeyIn(path: string, text: string): Bytes {
  const key = fromHex(text.trim())
  if (key?.length === KEY_BYTES) return key
  throw new Fault('configuration-malformed', {
    message: `${path} is not a commitment key.`,
    hint: `Put the file back from a copy, or move it away and make a new one: \`mv ${path} ${path}.old && stemma push\`.`,
  })
}
