/** Two verifiers that share no line of code, and many bundles, good ones and bad ones: they agree about each, to the reason. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, writeBundle } from '#core/evidence/bundle.ts'
import { type Bytes, fromBase64, toBase64, utf8 } from '#core/evidence/bytes.ts'
import { readEnvelope, writeEnvelope } from '#core/evidence/envelope.ts'
import { verifyBundle } from '#core/evidence/verify-bundle.ts'
import { createDevice, createMemoryLog, memoryLog, signPayload, statementBytes } from './evidence-log.ts'

interface Case {
  readonly name: string
  readonly bundle: string
  readonly logKeys: readonly string[]
  /** The reason that both must give; null: it verifies; undefined: they need only agree. */
  readonly reason?: string | null
}

const script = join(import.meta.dirname, '../../docs/verify/verify.py')
const isThere = (program: string, argument: string) => spawnSync(program, [argument]).status === 0
const missing = [
  ...(isThere('python3', '--version') ? [] : ['python3']),
  ...(isThere('openssl', 'version') ? [] : ['openssl']),
]

const flip = (bytes: Bytes, at: number): Bytes => {
  const copy = bytes.slice()
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << (at % 8))
  return copy
}
const flipText = (text: string, at: number) => toBase64(flip(fromBase64(text) ?? new Uint8Array(), at))

type Change = (bundle: Bundle) => Bundle
const inLog =
  (change: Partial<Bundle['log']> | ((log: Bundle['log']) => Partial<Bundle['log']>)): Change =>
  (bundle) => ({ ...bundle, log: { ...bundle.log, ...(typeof change === 'function' ? change(bundle.log) : change) } })
const inFirst =
  (change: (one: Bundle['evidence'][number]) => Partial<Bundle['evidence'][number]>): Change =>
  (bundle) => ({ ...bundle, evidence: bundle.evidence.map((one, at) => (at === 0 ? { ...one, ...change(one) } : one)) })
const inEnvelope = (change: (json: Record<string, unknown>) => Record<string, unknown>) =>
  inFirst(({ envelope }) => ({ envelope: JSON.stringify(change(JSON.parse(envelope))) }))
const inReceipt = (change: (receipt: string) => string) => inFirst(({ receipt }) => ({ receipt: change(receipt) }))

async function allCases(): Promise<readonly Case[]> {
  const [device, stranger] = [await createDevice(), await createDevice()]
  const origin = 'stemma.test/log/one'
  const [log, other, impostor] = [
    await memoryLog(origin, device, 11),
    await memoryLog('stemma.test/log/two', device, 11),
    // The same name and the same evidence under another key, and other evidence under the same size.
    await memoryLog(origin, device, 11, 50),
  ]
  const long = await memoryLog(origin, device, 300)
  const good = await log.bundle([0, 6, 10])
  const cases: Case[] = []
  const add = (name: string, bundle: Bundle | string, reason?: string | null, logKeys = [log.vkey]) => {
    cases.push({
      name,
      bundle: typeof bundle === 'string' ? bundle : writeBundle(bundle),
      logKeys,
      ...(reason === undefined ? {} : { reason }),
    })
  }
  const changed = (name: string, reason: string | null, change: Change) => add(name, change(good), reason)

  add('as it was exported', good, null)
  add('two trusted logs', good, null, [other.vkey, log.vkey])
  add('receipts alone', await log.bundle([0, 6], { entries: false }), null)
  add('nothing but the log', await log.bundle([]), null)
  add('more than one tile', await long.bundle([0, 255, 256, 299]), null, [long.vkey])
  add('another organisation’s, whole', await other.bundle([1]), null, [other.vkey])
  changed('members that nobody knows yet', null, (bundle) => ({ ...bundle, later: { x: 1 } }))
  changed(
    'an unauthenticated extra line',
    null,
    inReceipt((text) => text.replace('\nindex', '\nextra AAAA\nindex')),
  )
  changed(
    'a URL-safe envelope',
    null,
    inEnvelope((json) => ({ ...json, payload: urlSafe(String(json['payload'])) })),
  )
  changed(
    'the same signature twice',
    null,
    inEnvelope((json) => ({ ...json, signatures: twice(json['signatures']) })),
  )
  changed(
    'a wrong hint',
    null,
    inEnvelope((json) => ({ ...json, signatures: withHint(json['signatures'], 'nobody') })),
  )
  changed(
    'no hint',
    null,
    inEnvelope((json) => ({ ...json, signatures: withHint(json['signatures'], undefined) })),
  )

  add('no trusted log', good, 'log-key-untrusted', [])
  add('another log is trusted', good, 'log-key-untrusted', [other.vkey])
  add('the same name, another key', good, 'log-key-untrusted', [impostor.vkey])
  add('replayed to another organisation', inLog({ key: other.vkey })(good), 'other-log', [other.vkey])
  add('no JSON', 'nothing', 'bundle-malformed')
  add('an empty text', '', 'bundle-malformed')
  add('cut off', writeBundle(good).slice(0, -10), 'bundle-malformed')
  add('another format', writeBundle(good).replace('bundle/v1', 'bundle/v9'), 'bundle-malformed')
  add('a key twice', writeBundle(good).replace('"keys"', '"keys": [], "keys"'), 'bundle-malformed')
  add('not a number', writeBundle(good).replace('"index": 6', '"index": NaN'), 'bundle-malformed')
  add('too deep', `${'['.repeat(70)}${']'.repeat(70)}`, 'bundle-malformed')
  for (const index of [-1, 0.5, 2 ** 53, '6', true, null]) {
    add(
      `index ${index}`,
      writeBundle(good).replace('"index": 6', `"index": ${JSON.stringify(index)}`),
      'bundle-malformed',
    )
  }
  for (const part of ['log', 'keys', 'evidence', 'format', 'exportedAt']) {
    const { [part as 'log']: _, ...rest } = good
    add(`without ${part}`, JSON.stringify(rest), 'bundle-malformed')
  }

  changed('no key of the signer', 'key-unknown', (bundle) => ({
    ...bundle,
    keys: [{ publicKey: toBase64(stranger.spki) }],
  }))
  changed('no keys', 'key-unknown', (bundle) => ({ ...bundle, keys: [] }))
  changed('a key of low order', 'key-malformed', (bundle) => ({ ...bundle, keys: [{ publicKey: weakKey() }] }))
  changed('a key that is none', 'key-malformed', (bundle) => ({ ...bundle, keys: [{ publicKey: 'AAAA' }] }))
  changed(
    'an envelope that is none',
    'envelope-malformed',
    inFirst(() => ({ envelope: '{}' })),
  )
  changed(
    'an envelope with a key twice',
    'envelope-malformed',
    inFirst(({ envelope }) => ({ envelope: envelope.replace('{', '{"payload":"",') })),
  )
  changed(
    'no signature',
    'envelope-malformed',
    inEnvelope((json) => ({ ...json, signatures: [] })),
  )
  changed(
    'another payload type',
    'payload-type',
    inEnvelope((json) => ({ ...json, payloadType: 'text/plain' })),
  )
  changed(
    'another envelope’s receipt',
    'not-included',
    inFirst(() => ({ receipt: good.evidence[1]?.receipt ?? '' })),
  )
  changed(
    'another time',
    'not-included',
    inFirst(() => ({ receivedAt: '2026-11-22T10:00:00.001Z' })),
  )
  changed(
    'no time',
    'receipt-malformed',
    inFirst(() => ({ receivedAt: 'yesterday' })),
  )
  changed(
    'another index than proven',
    'index-mismatch',
    inFirst(() => ({ index: 3 })),
  )
  changed(
    'a transcript that none names',
    'transcript-mismatch',
    inFirst(() => ({ transcript: toBase64(utf8('hello')) })),
  )
  changed('evidence of one swapped with another', 'not-included', (bundle) => swapEnvelopes(bundle))
  changed(
    'a receipt that is none',
    'receipt-malformed',
    inReceipt(() => 'c2sp.org/tlog-proof@v1'),
  )
  changed(
    'a receipt of another version',
    'receipt-malformed',
    inReceipt((text) => text.replace('@v1', '@v2')),
  )
  changed(
    'index with a zero before it',
    'receipt-malformed',
    inReceipt((text) => text.replace('index 0', 'index 00')),
  )
  changed(
    'a proof that is cut off',
    'not-included',
    inReceipt((text) => text.replace(/\n[A-Za-z0-9+/]{43}=\n\n/, '\n\n')),
  )
  changed(
    'a proof that is longer',
    'not-included',
    inReceipt((text) => text.replace(/(\n[A-Za-z0-9+/]{43}=)\n\n/, '$1$1\n\n')),
  )
  changed(
    'another size in the receipt',
    'checkpoint-signature',
    inReceipt((text) => text.replace('\n10\n', '\n11\n')),
  )
  changed(
    'another origin in the receipt',
    'other-log',
    inReceipt((text) => text.replaceAll(origin, 'stemma.test/log/two')),
  )
  const [otherReceipt, impostorReceipt] = [await other.receipt(0), await impostor.receipt(0)]
  changed(
    'a receipt of another log',
    'other-log',
    inFirst(() => ({ receipt: otherReceipt })),
  )
  changed(
    'a receipt by an impostor',
    'checkpoint-signature',
    inFirst(() => ({ receipt: impostorReceipt })),
  )

  changed(
    'another checkpoint of the same log',
    'rolled-back',
    inLog({ checkpoint: await log.checkpoint(5), entries: [toBase64(bundleOf(log.entries.slice(0, 5)))] }),
  )
  changed('a checkpoint of another log', 'other-log', inLog({ checkpoint: await other.checkpoint() }))
  changed('a checkpoint that is none', 'checkpoint-malformed', inLog({ checkpoint: 'x' }))
  changed('a checkpoint by an impostor', 'checkpoint-signature', inLog({ checkpoint: await impostor.checkpoint() }))
  changed(
    'another size in the checkpoint',
    'checkpoint-signature',
    inLog(({ checkpoint }) => ({ checkpoint: (checkpoint ?? '').replace('\n11\n', '\n12\n') })),
  )
  changed('seen: one by an impostor', 'checkpoint-signature', inLog({ checkpoints: [await impostor.checkpoint()] }))
  const forged = new Uint8Array(32).fill(7)
  changed('seen: another root for a size', 'forked', inLog({ checkpoints: [await log.sign(origin, 4, forged)] }))
  changed('seen: a larger tree', 'rolled-back', inLog({ checkpoints: [await log.sign(origin, 12, forged)] }))
  changed(
    'signed: a root that is not that of the entries',
    'root-mismatch',
    inLog({ checkpoint: await log.sign(origin, 11, forged), checkpoints: [] }),
  )
  add(
    'two roots for a size, without entries',
    inLog({ entries: null, checkpoints: [await log.sign(origin, 11, forged)] })(good),
    'forked',
  )
  changed('entries without a checkpoint', 'bundle-malformed', inLog({ checkpoint: null, checkpoints: [] }))
  changed('no entries', 'tile-missing', inLog({ entries: [] }))
  changed(
    'entries twice',
    'tile-malformed',
    inLog(({ entries }) => ({ entries: [...(entries ?? []), ...(entries ?? [])] })),
  )
  changed('one entry less', 'tile-malformed', inLog({ entries: [toBase64(bundleOf(log.entries.slice(0, 10)))] }))
  changed(
    'an entry cut off',
    'tile-malformed',
    inLog(({ entries }) => ({
      entries: [toBase64((fromBase64(entries?.[0] ?? '') ?? new Uint8Array()).slice(0, -1))],
    })),
  )
  changed(
    'entries in another order',
    'root-mismatch',
    inLog({ entries: [toBase64(bundleOf(log.entries.toReversed()))] }),
  )
  const repeated = [...log.entries.slice(0, 10), log.entries[0] ?? new Uint8Array()]
  changed('an entry twice', 'duplicate-entry', inLog({ entries: [toBase64(bundleOf(repeated))] }))
  const broken = [...log.entries.slice(0, 10), utf8('{}')]
  changed('an entry that is no leaf', 'entry-malformed', inLog({ entries: [toBase64(bundleOf(broken))] }))

  for (const [name, payload, reason] of await signedPayloads()) {
    const envelope = await signPayload(device, payload)
    const own = await createMemoryLog(origin, device, [envelope])
    add(`signed and logged: ${name}`, await own.bundle([0]), reason, [own.vkey])
  }
  for (let bit = 0; bit < 40; bit++) {
    changed(
      `a bit of the payload (${bit})`,
      'signature-invalid',
      inEnvelope((json) => ({ ...json, payload: flipText(String(json['payload']), bit * 37) })),
    )
    changed(
      `a bit of the signature (${bit})`,
      'signature-invalid',
      inFirst(({ envelope }) => ({ envelope: flipSignature(envelope, bit) })),
    )
    changed(
      `a bit of a receipt’s proof (${bit})`,
      'not-included',
      inReceipt((text) => flipLine(text, 2 + (bit % 3), bit)),
    )
    add(
      `a bit of the entries (${bit})`,
      inLog(({ entries }) => ({ entries: [flipText(entries?.[0] ?? '', bit * 53)] }))(good),
    )
    add(`a bit of the signer’s key (${bit})`, {
      ...good,
      keys: [{ publicKey: flipText(good.keys[0]?.publicKey ?? '', bit) }],
    })
    const text = writeBundle(good)
    const at = (bit * 997) % text.length
    add(
      `a character of the file (${at})`,
      text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1),
    )
    add(`the file cut off (${at})`, text.slice(0, at), 'bundle-malformed')
  }
  return cases
}

const bundleOf = (entries: readonly Bytes[]): Bytes => {
  const parts = entries.flatMap((entry) => [entry.length >> 8, entry.length & 255, ...entry])
  return new Uint8Array(parts)
}
const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const twice = (signatures: unknown) => (Array.isArray(signatures) ? [...signatures, ...signatures] : [])
const withHint = (signatures: unknown, keyid: string | undefined) =>
  (Array.isArray(signatures) ? signatures : []).map((one: object) => ({ ...one, keyid }))
const weakKey = () => toBase64(new Uint8Array([...hexBytes('302a300506032b6570032100'), ...new Uint8Array(32)]))
const hexBytes = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const flipSignature = (text: string, bit: number) => {
  const envelope = readEnvelope(text)
  const signatures = envelope.signatures.map((one) => ({ ...one, bytes: flip(one.bytes, bit * 13) }))
  return writeEnvelope({ ...envelope, signatures })
}
const flipLine = (text: string, line: number, bit: number) =>
  text
    .split('\n')
    .map((one, at) => (at === line ? flipText(one, bit * 7) : one))
    .join('\n')
const swapEnvelopes = (bundle: Bundle): Bundle => {
  const [first, second, ...rest] = bundle.evidence
  if (first === undefined || second === undefined) return bundle
  const swapped = [
    { ...first, envelope: second.envelope },
    { ...second, envelope: first.envelope },
  ]
  return { ...bundle, evidence: [...swapped, ...rest] }
}

/** What an enrolled device may sign although it should not: the signature is good, and what is signed is not. */
async function signedPayloads(): Promise<readonly (readonly [string, Bytes, string])[]> {
  const statement = JSON.parse(new TextDecoder().decode(statementBytes(1)))
  const json = (value: unknown) => utf8(JSON.stringify(value))
  return [
    ['no JSON', utf8('hello'), 'statement-malformed'],
    ['no UTF-8', new Uint8Array([0xff, 0xfe]), 'statement-malformed'],
    ['another type', json({ ...statement, _type: 'x' }), 'statement-malformed'],
    ['another predicate', json({ ...statement, predicateType: 'https://example.com/x' }), 'statement-malformed'],
    ['no subject', json({ ...statement, subject: [] }), 'statement-malformed'],
    ['no digest', json({ ...statement, subject: [{ name: 'x' }] }), 'statement-malformed'],
    ['a key twice', utf8(JSON.stringify(statement).replace('{', '{"_type":"x",')), 'statement-malformed'],
    [
      'about another commit',
      json({ ...statement, subject: [{ digest: { gitCommit: 'f'.repeat(40) } }] }),
      'subject-mismatch',
    ],
    [
      'about a commit more',
      json({ ...statement, subject: [...statement.subject, { digest: { gitCommit: 'f'.repeat(40) } }] }),
      'subject-mismatch',
    ],
  ]
}

interface Verdict {
  readonly verified: boolean
  readonly problems: readonly string[]
  readonly evidence: readonly (string | null)[]
}

async function ours({ bundle, logKeys }: Case): Promise<Verdict> {
  const { verified, problems, evidence } = await verifyBundle(bundle, logKeys)
  return {
    verified,
    problems: [...new Set(problems.map(({ code }) => code))].sort(),
    evidence: evidence.map(({ problem }) => problem?.code ?? null),
  }
}

let cases: readonly Case[]
let verdicts: readonly Verdict[]
beforeAll(async () => {
  cases = await allCases()
  verdicts = await Promise.all(cases.map(ours))
})

describe('the verifier of the program', () => {
  test('accepts what is good, and refuses everything else for the reason that it has', () => {
    const told = cases.map(({ name, reason }, at) => {
      const verdict = verdicts[at]
      const reasons = [...(verdict?.problems ?? []), ...(verdict?.evidence ?? []).filter((code) => code !== null)]
      if (reason === undefined) return { name, isRight: true, reasons }
      const isRight =
        reason === null ? verdict?.verified === true : verdict?.verified === false && reasons.includes(reason)
      return { name, isRight, reasons, reason }
    })
    expect(told.filter(({ isRight }) => !isRight)).toEqual([])
    expect(cases.length).toBeGreaterThan(300)
  })

  test('refuses every file with one character or bit changed, but for what nobody signed', () => {
    const accepted = cases.filter(({ reason }, at) => reason === undefined && verdicts[at]?.verified === true)
    // When it was exported, and what base64 and JSON leave open: no claim hangs on these.
    expect(accepted.length).toBeLessThan(20)
  })
})

test.skipIf(missing.length > 0)(
  `the verifier in Python says the same of each${missing.length > 0 ? ` (skipped: no ${missing.join(', no ')} here)` : ''}`,
  () => {
    const input = cases.map(({ bundle, logKeys }) => JSON.stringify({ bundle, logKeys })).join('\n')
    const ran = spawnSync('python3', [script, '--batch'], {
      input: `${input}\n`,
      encoding: 'utf8',
      maxBuffer: 100_000_000,
    })
    expect(ran.status, ran.stderr).toBe(0)
    const theirs = ran.stdout
      .trim()
      .split('\n')
      .map((line): Verdict => {
        const verdict = JSON.parse(line)
        return { ...verdict, evidence: verdict.evidence.map((one: { problem: string | null }) => one.problem) }
      })
    const differences = cases.flatMap(({ name }, at) => {
      const [own, other] = [JSON.stringify(verdicts[at]), JSON.stringify(theirs[at])]
      return own === other ? [] : [{ name, own, other }]
    })
    expect(differences).toEqual([])
  },
)
