import { describe, test } from 'vitest'
import { type Bundle, type BundledConclusion, writeBundle } from '#core/evidence/bundle.ts'
import { toBase64, utf8 } from '#core/evidence/bytes.ts'
import { cosign } from '#core/evidence/cosignature.ts'
import { writeEnvelope } from '#core/evidence/envelope.ts'
import { KEY_REVOCATION_PREDICATE, writeKeyRevocation } from '#core/evidence/key-revocation.ts'
import { cosignerKeyId, readNote, writeCosignerKey } from '#core/evidence/note.ts'
import { WAIVER_PREDICATE, waiverStatement } from '#core/policy/waiver-statement.ts'
import {
  createDevice,
  createMemoryLog,
  type Device,
  type MemoryLog,
  RECEIVED_AT,
  signPayload,
  statementBytes,
} from './evidence-log.ts'
import { agree, type Case, lacking } from './verifiers.ts'

const ORIGIN = 'stemma.test/log/one'
const LATER = '2026-11-22T10:00:01.000Z'

interface Platform {
  readonly log: MemoryLog
  readonly device: Device
  readonly server: Device
  /** Leaves: evidence, waiver, end of the device's key, and evidence that comes too late. */
  readonly bundle: Bundle
  readonly conclusion: (at: number, by?: Device) => Promise<BundledConclusion>
}

const AFTER = 3

async function platform({ firstAt = RECEIVED_AT }: { readonly firstAt?: string } = {}): Promise<Platform> {
  const [device, server, logKey] = [await createDevice(), await createDevice(), await createDevice()]
  const scope = { kind: 'repository', repository: 'acme/shop' } as const
  const waiver = { id: 'w1', policy: 'human-review', scope, reason: 'Hotfix.', expiresAt: LATER, requestedBy: 'p1' }
  const decided = utf8(await waiverStatement({ waiver, decision: 'approved', by: 'p2', at: RECEIVED_AT }))
  const ended = writeKeyRevocation({ keyId: device.signer.keyid, revokedAt: LATER })
  const signed = [
    await signPayload(device, statementBytes(1)),
    await signPayload(server, decided),
    await signPayload(server, ended),
    await signPayload(device, statementBytes(2)),
  ]
  const byServer = (predicateType: string) => ({ keyId: server.signer.keyid, predicateType })
  const leaves = [{ receivedAt: firstAt }, byServer(WAIVER_PREDICATE), byServer(KEY_REVOCATION_PREDICATE), {}]
  const log = await createMemoryLog(ORIGIN, device, signed, logKey, (at) => leaves[at] ?? {})
  const conclusion = async (at: number, by = server): Promise<BundledConclusion> => {
    const payload = signed[at]?.payload ?? new Uint8Array()
    const envelope = writeEnvelope(await signPayload(by, payload))
    return {
      envelope,
      publicKey: toBase64(by.spki),
      index: at,
      receivedAt: RECEIVED_AT,
      receipt: await log.receipt(at),
    }
  }
  const conclusions = [await conclusion(1), await conclusion(2)]
  return { log, device, server, conclusion, bundle: { ...(await log.bundle([0])), conclusions } }
}

/** Everything up to the end of the key, as it is exported when nothing came after it. */
async function upToTheEnd({ log, bundle }: Platform, change: Partial<Bundle> = {}): Promise<Bundle> {
  const entries = log.entries.slice(0, AFTER).flatMap((entry) => [entry.length >> 8, entry.length & 255, ...entry])
  const conclusions = await Promise.all(
    (bundle.conclusions ?? []).map(async (one) => ({ ...one, receipt: await log.receipt(one.index, AFTER) })),
  )
  const evidence = await Promise.all(
    bundle.evidence.map(async (one) => ({ ...one, receipt: await log.receipt(one.index, AFTER) })),
  )
  return {
    ...bundle,
    log: {
      ...bundle.log,
      checkpoint: await log.checkpoint(AFTER),
      checkpoints: [await log.checkpoint(1)],
      entries: [toBase64(new Uint8Array(entries))],
    },
    conclusions,
    evidence,
    ...change,
  }
}

describe(`what the platform signed${lacking}`, () => {
  test('is judged alike, and so is evidence of a key that ended', async () => {
    const own = await platform()
    const { log, server, device, conclusion, bundle } = own
    const stranger = await createDevice()
    const cases: Case[] = []
    const add = (name: string, reason: string | null, value: Bundle) =>
      cases.push({ name, reason, bundle: writeBundle(value), logKeys: [log.vkey] })
    const good = await upToTheEnd(own)
    add('before the end of the key', null, good)
    add('without the entries', null, { ...good, log: { ...good.log, entries: null } })
    add('a bundle of before, and a log without ends', null, {
      ...(await log.bundle([0], { entries: false })),
      log: { ...good.log, entries: null },
    })
    add('an end that is left out', 'revocation-missing', { ...good, conclusions: good.conclusions?.slice(0, 1) })
    add('all of them left out', 'revocation-missing', { ...good, conclusions: [] })
    add('evidence after the end, in the log', 'key-revoked', bundle)
    const receipt = await log.receipt(3)
    const late = {
      ...(await log.bundle([3])).evidence[0],
      receipt,
      index: 3,
      receivedAt: RECEIVED_AT,
      transcript: null,
    }
    const lateOne = { ...late, envelope: late.envelope ?? '' }
    add('evidence after the end, by order alone', 'key-revoked', {
      ...bundle,
      log: { ...bundle.log, entries: null },
      evidence: [lateOne],
    })
    const change = (name: string, reason: string, one: Partial<BundledConclusion>) =>
      add(name, reason, {
        ...good,
        conclusions: (good.conclusions ?? []).map((as, at) => (at === 0 ? { ...as, ...one } : as)),
      })
    change('signed by somebody else', 'not-included', await conclusion(1, stranger))
    change('signed by the machine', 'not-included', await conclusion(1, device))
    change('with another key beside it', 'signature-invalid', { publicKey: toBase64(stranger.spki) })
    change('with no key beside it', 'key-malformed', { publicKey: 'AAAA' })
    change('with another index', 'index-mismatch', { index: 0 })
    change('with another time', 'not-included', { receivedAt: LATER })
    change('with a time without seconds', 'receipt-malformed', { receivedAt: '2026-11-22T10:00Z' })
    change('with no time', 'receipt-malformed', { receivedAt: 'now' })
    change('with another receipt', 'not-included', { receipt: await log.receipt(0, AFTER) })
    change('no envelope', 'envelope-malformed', { envelope: '{}' })
    const { envelope: machine } = bundle.evidence[0] ?? { envelope: '' }
    change('what a machine states', 'signature-invalid', { envelope: machine })
    change('what a machine states, signed by the server', 'statement-malformed', {
      envelope: writeEnvelope(await signPayload(server, statementBytes(1))),
    })
    change('another payload type', 'payload-type', {
      envelope: writeEnvelope(await signPayload(server, utf8('{}'), 'text/plain')),
    })
    const foreign = await platform()
    change('of another organisation', 'checkpoint-signature', await foreign.conclusion(1))
    const ended = (about: string) =>
      utf8(
        JSON.stringify({
          ...JSON.parse(new TextDecoder().decode(writeKeyRevocation({ keyId: device.signer.keyid, revokedAt: LATER }))),
          subject: [{ digest: { sha256: about } }],
        }),
      )
    change('the end of another key than its subject', 'statement-malformed', {
      envelope: writeEnvelope(await signPayload(server, ended('0'.repeat(64)))),
    })
    const shapes = { envelope: 1, publicKey: null, index: -1, receivedAt: 5, receipt: {} }
    for (const [name, value] of Object.entries(shapes)) {
      const spoilt = { ...good, conclusions: [{ ...good.conclusions?.[0], [name]: value }] }
      cases.push({
        name: `no ${name}`,
        reason: 'bundle-malformed',
        bundle: JSON.stringify(spoilt),
        logKeys: [log.vkey],
      })
    }

    // The log took it in before it was told of the end, and says itself that it was too late.
    for (const [firstAt, reason] of [
      ['2026-11-22T10:00:00.999Z', null],
      ['2026-11-22T10:00:01.0009Z', 'key-revoked'],
    ] as const) {
      const dated = await platform({ firstAt })
      const value = await upToTheEnd(dated)
      const evidence = value.evidence.map((one) => ({ ...one, receivedAt: firstAt }))
      const bundle = writeBundle({ ...value, evidence })
      cases.push({ name: `logged at ${firstAt}`, reason, bundle, logKeys: [dated.log.vkey] })
    }
    await agree(cases)
  })
})

describe(`witnesses${lacking}`, () => {
  test('count where they cosigned the tree of the receipt, or a larger one of a log that is here whole', async () => {
    const own = await platform()
    const { log } = own
    const [first, second, nobody] = [
      await witness('w1.example'),
      await witness('w2.example'),
      await witness('w3.example'),
    ]
    const good = await upToTheEnd(own)
    const cosigned = async (note: string, ...by: readonly Witness[]) =>
      note + (await Promise.all(by.map((one) => one.line(note)))).join('')
    const cases: Case[] = []
    const add = (name: string, reason: string | null, value: Bundle, witnesses: readonly string[]) =>
      cases.push({ name, reason, bundle: writeBundle(value), logKeys: [log.vkey], witnesses })
    const present = await log.checkpoint(AFTER)
    const both = { ...good, log: { ...good.log, checkpoint: await cosigned(present, first, second) } }
    add('the present tree', null, both, [first.key, second.key])
    add('nobody asked', null, both, [])
    add('one of two', null, both, [second.key])
    add('one that is not there', 'not-cosigned', both, [first.key, nobody.key])
    add('not cosigned', 'not-cosigned', good, [first.key])
    const bare = { ...both, log: { ...both.log, entries: null } }
    add('without entries, the very tree', null, bare, [first.key])
    const small = await cosigned(await log.checkpoint(1), first)
    const older = { ...good, log: { ...good.log, checkpoints: [small] } }
    add('an older tree that does not hold all', 'not-cosigned', older, [first.key])
    const only = { ...older, conclusions: good.conclusions?.slice(1), evidence: good.evidence }
    add('an older tree without entries', 'not-cosigned', { ...only, log: { ...older.log, entries: null } }, [first.key])
    const earlier = await Promise.all(good.evidence.map(async (one) => ({ ...one, receipt: await log.receipt(0, 1) })))
    const larger = { ...both, evidence: earlier }
    add('a larger tree of a whole log', null, larger, [first.key])
    add('a larger tree, and no entries', 'not-cosigned', { ...larger, log: { ...larger.log, entries: null } }, [
      first.key,
    ])
    const line = await first.line(present)
    const forged = `${present}${line.slice(0, -20)}${line.at(-20) === 'A' ? 'B' : 'A'}${line.slice(-19)}`
    add('a false line', 'cosignature-invalid', { ...both, log: { ...both.log, checkpoint: forged } }, [first.key])
    const moved = present + (await first.line(await log.checkpoint(2)))
    add('a line of another tree', 'cosignature-invalid', { ...both, log: { ...both.log, checkpoint: moved } }, [
      first.key,
    ])
    const logLike = { ...both, log: { ...both.log, checkpoint: present + asIfLog(line) } }
    add('too short a line', 'cosignature-invalid', logLike, [first.key])
    add('a false line of nobody asked for', null, logLike, [])
    await agree(cases)
  })
})

interface Witness {
  readonly key: string
  readonly line: (note: string) => Promise<string>
}

async function witness(name: string): Promise<Witness> {
  const { spki, signer } = await createDevice()
  const raw = spki.slice(12)
  const own = { name, keyId: await cosignerKeyId(name, raw), sign: signer.sign }
  return {
    key: await writeCosignerKey(name, raw),
    line: (note) => cosign(readNote(note)?.text ?? '', own, 1_763_800_000),
  }
}

/** The same without its time. */
function asIfLog(line: string): string {
  const [dash, name, text = ''] = line.trim().split(' ')
  const bytes = Buffer.from(text, 'base64')
  return `${dash} ${name} ${Buffer.concat([bytes.subarray(0, 4), bytes.subarray(12)]).toString('base64')}\n`
}
