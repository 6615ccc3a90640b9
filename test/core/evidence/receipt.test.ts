import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Bytes, toBase64, toHex, utf8 } from '#core/evidence/bytes.ts'
import { readCheckpoint, writeCheckpoint } from '#core/evidence/checkpoint.ts'
import { MAX_LEAF_BYTES, readLogLeaf, writeLogLeaf } from '#core/evidence/log-leaf.ts'
import { growTree, inclusionProof, leafHash, readThrough, treeRoot } from '#core/evidence/merkle.ts'
import {
  type NoteSigner,
  type NoteVerifier,
  noteKeyId,
  readNote,
  readVerifierKey,
  signNote,
  verifyNote,
  writeVerifierKey,
} from '#core/evidence/note.ts'
import { readTlogProof, verifyTlogProof, writeTlogProof } from '#core/evidence/tlog-proof.ts'
import { keyPair } from './key-pair.ts'

/** C2SP signed-note, "Example". */
const published = {
  vkey: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
  text: 'This is an example message.\n',
  signature:
    '\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
}

async function makeKey(name: string): Promise<{ signer: NoteSigner; verifier: NoteVerifier; vkey: string }> {
  const { spki, sign } = keyPair()
  const raw = spki.slice(12)
  const vkey = await writeVerifierKey(name, raw)
  return {
    signer: {
      name,
      keyId: await noteKeyId(name, raw),
      sign: async (bytes) => sign(bytes),
    },
    verifier: await readVerifierKey(vkey),
    vkey,
  }
}

describe('signed note', () => {
  test('the published example verifies', async () => {
    const verifier = await readVerifierKey(published.vkey)
    expect(verifier.name).toBe('example.com/foo')
    expect(toHex(verifier.keyId)).toBe('530d903a')
    const note = readNote(`${published.text}\n${published.signature}`)
    expect(note?.text).toBe(published.text)
    expect(note !== null && (await verifyNote(note, verifier))).toBe(true)
  })

  test('any other text under the published signature is refused', async () => {
    const verifier = await readVerifierKey(published.vkey)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: published.text.length - 2 }),
        fc.constantFrom('x', 'Y', '\n'),
        async (at, letter) => {
          fc.pre(published.text[at] !== letter)
          const changed = published.text.slice(0, at) + letter + published.text.slice(at + 1)
          const note = readNote(`${changed}\n${published.signature}`)
          expect(note !== null && (await verifyNote(note, verifier))).toBe(false)
        },
      ),
    )
  })

  test('signatures by others are ignored, but a false one in our name spoils the note', async () => {
    const [own, other] = [await makeKey('log.example/one'), await makeKey('witness.example')]
    const note = await signNote('text\n', own.signer)
    const witnessLine = (await signNote('text\n', other.signer)).split('\n').at(-2)
    const forgedLine = (await signNote('other\n', own.signer)).split('\n').at(-2)
    const judge = async (text: string) => {
      const read = readNote(text)
      return read !== null && (await verifyNote(read, own.verifier))
    }
    expect(await judge(note)).toBe(true)
    expect(await judge(`${note}${witnessLine}\n`)).toBe(true)
    expect(await judge(`${note}${forgedLine}\n`)).toBe(false)
    expect(await judge(await signNote('text\n', other.signer))).toBe(false)
    expect(
      await judge(await signNote('text\n', { ...other.signer, name: own.signer.name, keyId: own.signer.keyId })),
    ).toBe(false)
  })

  test('what is no note, is none', async () => {
    const { signer } = await makeKey('log.example/one')
    const note = await signNote('text\n', signer)
    for (const text of [
      '',
      'text\n',
      'text\n\n',
      note.slice(0, -1),
      note.replace('\u2014', '-'),
      note.replace(' log', '  log'),
      `\u0007${note}`,
    ]) {
      expect(readNote(text), JSON.stringify(text)).toBeNull()
    }
    expect(readNote(`text\n\n${(note.split('\n').at(-2) ?? '').concat('\n').repeat(101)}`)).toBeNull()
    await expect(signNote('no line feed', signer)).rejects.toThrow(TypeError)
  })

  test('verifier keys with another id, type, name or length are refused', async () => {
    const { vkey } = await makeKey('log.example/one')
    const [name = '', id = '', ...key] = vkey.split('+')
    const wrongType = toBase64(new Uint8Array(33).fill(2))
    for (const text of [
      `${name}+00000000+${key.join('+')}`,
      `other+${id}+${key.join('+')}`,
      `${name}+${id}+${wrongType}`,
      `${name} x+${id}+${key.join('+')}`,
      `${name}+${id}`,
      '',
    ]) {
      await expect(readVerifierKey(text), text).rejects.toMatchObject({ code: 'proof-invalid' })
    }
    await expect(writeVerifierKey('has space', new Uint8Array(32))).rejects.toThrow(TypeError)
    const lowOrder = await writeVerifierKey('weak', new Uint8Array(32))
    await expect(readVerifierKey(lowOrder)).rejects.toMatchObject({ code: 'key-weak' })
  })
})

describe('checkpoint', () => {
  const root = new Uint8Array(32).fill(7)

  test('is read as it was written, extension lines ignored', () => {
    const text = writeCheckpoint({ origin: 'log.example/log/1', size: 12, root })
    expect(text).toBe(`log.example/log/1\n12\n${toBase64(root)}\n`)
    expect(readCheckpoint(text)).toEqual({ origin: 'log.example/log/1', size: 12, root })
    expect(readCheckpoint(`${text}extension\n`)).toEqual({ origin: 'log.example/log/1', size: 12, root })
  })

  test('other forms are refused', () => {
    const hash = toBase64(root)
    for (const text of [
      `o\n01\n${hash}\n`,
      `o\n-1\n${hash}\n`,
      `o\n1e3\n${hash}\n`,
      `o\n99999999999999999999\n${hash}\n`,
      `o\n1\n${hash.slice(4)}\n`,
      `o\n1\n${hash}`,
      `\n1\n${hash}\n`,
      `o\n1\n`,
      '',
    ]) {
      expect(readCheckpoint(text), JSON.stringify(text)).toBeNull()
    }
  })
})

describe('log leaf', () => {
  const leaf = {
    evidenceId: 'a'.repeat(64),
    predicateType: 'https://stemma.dev/x',
    keyId: 'b'.repeat(64),
    receivedAt: '2026-11-22T10:00:00.000Z',
  }

  test('is canonical JSON of less than 1 KiB and is read back', () => {
    const bytes = writeLogLeaf(leaf)
    expect(new TextDecoder().decode(bytes)).toBe(
      `{"evidenceId":"${leaf.evidenceId}","keyId":"${leaf.keyId}","predicateType":"https://stemma.dev/x","receivedAt":"2026-11-22T10:00:00.000Z","v":1}`,
    )
    expect(readLogLeaf(bytes)).toEqual(leaf)
  })

  test('personal data and other surplus fields do not enter', () => {
    const surplus = { ...leaf, person: 'ada' }
    expect(writeLogLeaf(surplus)).toEqual(writeLogLeaf(leaf))
  })

  test('what is no leaf or too large is refused', () => {
    expect(() => writeLogLeaf({ ...leaf, evidenceId: 'x' })).toThrow('does not take this leaf')
    expect(() => writeLogLeaf({ ...leaf, receivedAt: 'yesterday' })).toThrow('does not take this leaf')
    expect(() => writeLogLeaf({ ...leaf, predicateType: 'x'.repeat(MAX_LEAF_BYTES) })).toThrow('bytes of at most 1024')
    expect(readLogLeaf(utf8('{"v":2}'))).toBeNull()
    expect(readLogLeaf(new Uint8Array([0xff]))).toBeNull()
  })
})

describe('receipt', () => {
  const leaves = Array.from({ length: 11 }, (_, index) => utf8(`leaf ${index}`))
  let own: Awaited<ReturnType<typeof makeKey>>
  let receipt: (index: number, size?: number) => Promise<string>

  beforeAll(async () => {
    own = await makeKey('log.example/log/1')
    const nodes = await growTree(0, await Promise.all(leaves.map(leafHash)), () => new Uint8Array())
    const read = readThrough(nodes, () => {
      throw new Error('not stored')
    })
    receipt = async (index, size = leaves.length) =>
      writeTlogProof({
        index,
        proof: await inclusionProof(index, size, read),
        checkpoint: await signNote(
          writeCheckpoint({ origin: own.signer.name, size, root: await treeRoot(size, read) }),
          own.signer,
        ),
      })
  })

  const leafAt = (index: number): Bytes => leaves[index] ?? new Uint8Array()

  test('proves its leaf at every index', async () => {
    for (let index = 0; index < leaves.length; index++) {
      const verdict = await verifyTlogProof(await receipt(index), leafAt(index), own.verifier)
      expect(verdict).toMatchObject({ verified: true, index, checkpoint: { size: 11 } })
    }
  })

  test('has the published layout', async () => {
    const text = await receipt(2)
    const lines = text.split('\n')
    expect(lines[0]).toBe('c2sp.org/tlog-proof@v1')
    expect(lines[1]).toBe('index 2')
    expect(lines.indexOf('')).toBe(6)
    expect(lines[7]).toBe('log.example/log/1')
  })

  test('an extra line is allowed and trusted for nothing', async () => {
    const text = (await receipt(2)).replace('index 2', `extra ${toBase64(utf8('anything'))}\nindex 2`)
    expect(await verifyTlogProof(text, leafAt(2), own.verifier)).toMatchObject({ verified: true, index: 2 })
  })

  test('another leaf, log, signer or tree is refused, each with its own problem', async () => {
    const text = await receipt(3)
    const other = await makeKey('other.example')
    const impostor = await makeKey(own.signer.name)
    expect(await verifyTlogProof(text, leafAt(4), own.verifier)).toMatchObject({
      verified: false,
      problem: 'not-included',
    })
    expect(await verifyTlogProof(text, leafAt(3), other.verifier)).toMatchObject({ problem: 'other-log' })
    expect(await verifyTlogProof(text, leafAt(3), impostor.verifier)).toMatchObject({ problem: 'checkpoint-signature' })
    expect(await verifyTlogProof(text.replace('\n11\n', '\n12\n'), leafAt(3), own.verifier)).toMatchObject({
      problem: 'checkpoint-signature',
    })
    expect(await verifyTlogProof(text.replace('index 3', 'index 4'), leafAt(3), own.verifier)).toMatchObject({
      problem: 'not-included',
    })
    expect(await verifyTlogProof(text.replace('@v1', '@v2'), leafAt(3), own.verifier)).toMatchObject({
      problem: 'malformed',
    })
  })

  test('no text makes the reader throw', async () => {
    const valid = await receipt(5)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: valid.length }), fc.string({ maxLength: 4 }), async (at, insert) => {
        const text = valid.slice(0, at) + insert + valid.slice(at + insert.length)
        const verdict = await verifyTlogProof(text, leafAt(5), own.verifier)
        if (verdict.verified) expect(text.includes('index 5')).toBe(true)
      }),
    )
    expect(readTlogProof('')).toBeNull()
    expect(readTlogProof(valid.replace('index 5', 'index 05'))).toBeNull()
  })
})
