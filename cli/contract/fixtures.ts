/** Fixtures of policies: short sessions of which a rule must say the named thing. */
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { Fault } from '#core/fault.ts'
import type { Document } from '#core/policy/document.ts'
import { evaluate } from '#core/policy/evaluate.ts'
import { policiesInForce } from '#core/policy/policies-in-force.ts'
import { results, type Verdict } from '#core/policy/policy.ts'
import { customPolicyOf } from '#core/policy/policy-document.ts'
import { exampleSubject } from '#core/policy/subject.ts'
import { Event } from '#core/session/event.ts'
import { SessionHeader } from '#core/session/session.ts'

const Fixture = z.strictObject({
  title: z.string().min(1).max(200),
  policy: z.string().min(1).max(100),
  with: z.record(z.string(), z.unknown()).default({}),
  /** Shell commands of one session in order; `exit` 0 unless given. */
  commands: z.array(z.union([z.string(), z.strictObject({ command: z.string(), exit: z.int() })])).optional(),
  events: z.array(Event).optional(),
  session: SessionHeader.partial().optional(),
  expect: z.enum(results.filter((result) => result !== 'waived')),
})
export type Fixture = Readonly<z.infer<typeof Fixture>>

const Fixtures = z.array(Fixture).min(1).max(1_000)

/** Throws configuration-malformed with the first place that is wrong. */
export function readFixtures(
  file: string,
  text: string,
  documents: readonly Document[] | null = null,
): readonly Fixture[] {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const [broken] = document.errors
  if (broken !== undefined) {
    const { line, col } = lineCounter.linePos(broken.pos[0])
    throw malformed(`${file}:${line}:${col}: ${broken.message}`)
  }
  const parsed = Fixtures.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (parsed.success) {
    const known = policiesInForce(documents).map(({ id }) => id)
    const unknown = parsed.data.find(({ policy }) => !known.includes(policy))
    if (unknown === undefined) return parsed.data
    throw malformed(`${file}: ${unknown.title}: there is no policy ${JSON.stringify(unknown.policy)}`)
  }
  const [issue] = parsed.error.issues
  throw malformed(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is malformed'}`)
}

function malformed(message: string): Fault {
  return new Fault('configuration-malformed', {
    message,
    hint: 'A fixture has title, policy, commands or events, and expect: see `stemma policy test --help`.',
  })
}

export interface FixtureOutcome {
  readonly fixture: Fixture
  readonly verdict: Verdict
  readonly isExpected: boolean
}

export function runFixture(fixture: Fixture, documents: readonly Document[] | null = null): FixtureOutcome {
  const { title, policy, with: parameters, commands, events, session } = fixture
  const subject = exampleSubject({
    title,
    ...(commands === undefined ? {} : { commands }),
    ...(events === undefined ? {} : { events }),
    ...(session === undefined ? {} : { session: withoutAbsent(session) }),
  })
  const custom = (documents ?? []).flatMap((one) => (one.kind === 'Policy' ? [customPolicyOf(one)] : []))
  const contract = { name: 'fixture', version: 1, policies: [{ policy, with: parameters, gate: false }], custom }
  const [verdict] = evaluate({ ...contract, missingSession: 'success' }, subject)
  if (verdict === undefined) throw new TypeError('a contract of one policy gives one verdict')
  return { fixture, verdict, isExpected: verdict.result === fixture.expect }
}

function withoutAbsent(session: NonNullable<Fixture['session']>): Partial<SessionHeader> {
  return Object.fromEntries(Object.entries(session).filter(([, value]) => value !== undefined))
}
