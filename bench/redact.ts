/** How fast a session is redacted, beside what any reading and writing of the same text costs in JSON. */
import { redactSession } from '../core/session/redaction.ts'
import { readSession, writeSession } from '../core/session/session-text.ts'
import { cleanEvents } from '../test/conformance/redaction/clean.ts'
import { randomFrom } from '../test/conformance/redaction/random.ts'
import { sessionOf } from '../test/core/session/sample-session.ts'
import { compared, type Emit } from './measurement.ts'

const MEGABYTE = 1_000_000
/** A day's work of one agent; large enough that the start of the scanners vanishes. */
const SESSION_BYTES = 20 * MEGABYTE
/** Taken in turns, so that a neighbour's load falls on both. */
const ROUNDS = 5

/** Code, hashes, lock files and images as real sessions have them, and now and then a secret. */
function sessionText(): string {
  const random = randomFrom(20)
  const sample = cleanEvents(random, 2_000)
  const perEvent = writeSession(sessionOf(sample)).length / sample.length
  const events = cleanEvents(random, Math.ceil(SESSION_BYTES / perEvent)).map((event, index) =>
    event.kind === 'prompt' && index % 400 === 0 ? { ...event, text: `${event.text}\nghp_${random.text(36)}` } : event,
  )
  return writeSession(sessionOf(events))
}

export async function run(emit: Emit): Promise<void> {
  const text = sessionText()
  const session = readSession(text)
  const lines = text.trimEnd().split('\n')
  const [redacting, reading]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    reading.push(await seconds(() => lines.map((line) => JSON.stringify(JSON.parse(line)))))
    redacting.push(
      await seconds(async () => {
        const { redacted } = await redactSession(session)
        if ((redacted['github-token'] ?? 0) === 0) throw new Error('no secret was found in a session that has some')
      }),
    )
  }
  const rate = (times: readonly number[]): number => text.length / MEGABYTE / Math.min(...times)
  emit(
    compared(
      { name: 'redaction of a 20 MB session', value: rate(redacting), unit: 'MB/s', better: 'higher' },
      { name: 'JSON.parse and stringify of the same text', value: rate(reading) },
    ),
  )
}

async function seconds(work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1_000
}
