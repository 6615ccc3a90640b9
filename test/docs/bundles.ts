/** Bundles, good ones and bad ones, each with the reason for which it is refused. */
import { type Bundle, writeBundle } from '#core/evidence/bundle.ts'
import { fromBase64, toBase64, utf8 } from '#core/evidence/bytes.ts'
import {
  bundleOf,
  type Change,
  flipLine,
  flipSignature,
  flipText,
  inEnvelope,
  inFirst,
  inLog,
  inReceipt,
  swapEnvelopes,
  twice,
  urlSafe,
  weakKey,
  withHint,
} from './changes.ts'
import { createDevice, createMemoryLog, memoryLog, signPayload } from './evidence-log.ts'
import { signedPayloads } from './payloads.ts'
import type { Case } from './verifiers.ts'

export async function allCases(): Promise<readonly Case[]> {
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
