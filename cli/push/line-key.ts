/** The organisation's key for digests of lines: asked for once, kept beside the device key, renewed now and then. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LineKey } from '#core/attribution/line-digests.ts'
import { type Bytes, fromBase64 } from '#core/evidence/bytes.ts'
import { isFault } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { readText, writeDurably } from '../io/files.ts'
import { callApi } from '../io/http.ts'
import { readDeviceKey } from '../io/keys.ts'

export interface UsableLineKey {
  readonly id: string
  readonly bytes: Bytes
}

const DAY = 24 * 60 * 60 * 1000
/** A key that was replaced is still good for what the server has; a week's delay costs nothing. */
const RENEW_AFTER = 7 * DAY
/** It is not worth waiting for: without it the evidence goes without digests. */
const PATIENCE_MILLISECONDS = 3_000

/** null: no server, not enrolled, or the server has never been reached. Says so in the talk of `--verbose`. */
export async function lineKeyFor(context: Context, server: string | null): Promise<UsableLineKey | null> {
  const without = (reason: string): null => {
    context.terminal.detail(`without digests of lines: ${reason}`)
    return null
  }
  if (server === null) return without('no server is configured')
  const key = await readDeviceKey(context.configurationFolder, server)
  if (key === null || key.enrolment === null) return without('this machine is not enrolled')
  const path = join(context.configurationFolder, 'line-keys', `${key.keyId}.json`)
  const kept = readKey(await readText(path))
  const age = await stat(path).then(
    ({ mtimeMs }) => context.now().getTime() - mtimeMs,
    () => Number.POSITIVE_INFINITY,
  )
  if (kept !== null && age < RENEW_AFTER) return kept
  try {
    const answer = await callApi(server, {
      method: 'GET',
      path: '/v1/line-key',
      token: key.enrolment.token,
      answer: LineKey,
      milliseconds: PATIENCE_MILLISECONDS,
    })
    const text = `${JSON.stringify(answer)}\n`
    await writeDurably(path, text, 0o600)
    return readKey(text)
  } catch (problem) {
    if (!isFault(problem)) throw problem
    return kept ?? without(problem.message)
  }
}

function readKey(text: string | null): UsableLineKey | null {
  if (text === null) return null
  try {
    const parsed = LineKey.safeParse(JSON.parse(text))
    const bytes = parsed.success ? fromBase64(parsed.data.key) : null
    return parsed.success && bytes !== null ? { id: parsed.data.id, bytes } : null
  } catch {
    return null // cut off by a crash of the disk: asked for again
  }
}
