/**
 * A witness that knows the log's entries and believes no proof: it makes every root and every consistency proof itself, by
 * the recursive definitions of RFC 6962 section 2.1, and compares. Written from C2SP tlog-witness, with none of our code.
 */

type Bytes = Uint8Array<ArrayBuffer>

const decode = (text: string): Bytes => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
const encode = (bytes: Bytes): string => btoa(String.fromCharCode(...bytes))
const hash = async (...parts: readonly Bytes[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob([...parts]).arrayBuffer()))

const split = (count: number): number => {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

/** MTH(D[n]) */
export async function treeHash(leaves: readonly Bytes[]): Promise<Bytes> {
  const [only] = leaves
  if (only === undefined) return hash()
  if (leaves.length === 1) return hash(new Uint8Array([0]), only)
  const middle = split(leaves.length)
  return hash(new Uint8Array([1]), await treeHash(leaves.slice(0, middle)), await treeHash(leaves.slice(middle)))
}

/** PROOF(m, D[n]) = SUBPROOF(m, D[n], true) */
export async function proofOf(older: number, leaves: readonly Bytes[], isWhole = true): Promise<readonly Bytes[]> {
  if (older === leaves.length) return isWhole ? [] : [await treeHash(leaves)]
  const middle = split(leaves.length)
  return older <= middle
    ? [...(await proofOf(older, leaves.slice(0, middle), isWhole)), await treeHash(leaves.slice(middle))]
    : [...(await proofOf(older - middle, leaves.slice(middle), false)), await treeHash(leaves.slice(0, middle))]
}

export interface StrictWitness {
  readonly vkey: string
  readonly size: () => number
  /** Status and body of every answer. */
  readonly answers: { readonly status: number; readonly body: string }[]
  /** `entries`: what the log holds, as far as the witness read it. */
  readonly serve: (body: string, entries: readonly Bytes[]) => Promise<Response>
  /** Another witness, or a mistake of this one: what it says in the place of its cosignature. */
  lines: ((line: string) => string) | null
}

export async function createStrictWitness(name: string, logVkey: string): Promise<StrictWitness> {
  const pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair
  const raw = new Uint8Array((await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer)
  const typed = new Uint8Array([4, ...raw])
  const keyId = (await hash(new TextEncoder().encode(`${name}\n`) as Bytes, typed)).slice(0, 4)
  const [origin = '', , encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.*)$/.exec(logVkey)?.slice(1) ?? []
  const logKey = await crypto.subtle.importKey('raw', decode(encoded).slice(1), { name: 'Ed25519' }, true, ['verify'])
  let size = 0

  const answer = async (body: string, entries: readonly Bytes[]): Promise<[number, string]> => {
    const [, old = '', proofText = '', text = '', signatures = ''] =
      /^old (0|[1-9][0-9]*)\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n([^\n]+\n(?:0|[1-9][0-9]*)\n[A-Za-z0-9+/]{43}=\n(?:[^\n]+\n)*)\n((?:\u2014 \S+ [A-Za-z0-9+/=]+\n)+)$/.exec(
        body,
      ) ?? []
    const [named = '', count = '', root = ''] = text.split('\n')
    if (text === '') return [400, 'malformed']
    if (named !== origin) return [404, 'unknown log']
    const own = signatures.split('\n').find((line) => line.startsWith(`\u2014 ${origin} `))
    const signature = decode(own?.split(' ')[2] ?? '').slice(4)
    if (!(await crypto.subtle.verify({ name: 'Ed25519' }, logKey, signature, new TextEncoder().encode(text)))) {
      return [403, 'not signed']
    }
    const [older, newer] = [Number(old), Number(count)]
    if (older > newer) return [400, 'old is larger']
    if (older !== size) return [409, `${size}\n`]
    if (encode(await treeHash(entries.slice(0, newer))) !== root) return [422, 'another root than that of the entries']
    const expected = older === 0 ? [] : await proofOf(older, entries.slice(0, newer))
    if (expected.map((one) => `${encode(one)}\n`).join('') !== proofText) return [422, 'another proof']
    size = newer
    const seconds = 1_700_000_000 + newer
    const time = new Uint8Array(8)
    new DataView(time.buffer).setUint32(4, seconds)
    const message = new TextEncoder().encode(`cosignature/v1\ntime ${seconds}\n${text}`)
    const signed = new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, message))
    const line = `\u2014 ${name} ${encode(new Uint8Array([...keyId, ...time, ...signed]))}\n`
    return [200, self.lines?.(line) ?? line]
  }
  const self: StrictWitness = {
    vkey: `${name}+${[...keyId].map((byte) => byte.toString(16).padStart(2, '0')).join('')}+${encode(typed)}`,
    size: () => size,
    answers: [],
    lines: null,
    serve: async (body, entries) => {
      const [status, text] = await answer(body, entries)
      self.answers.push({ status, body: text })
      const type = status === 409 ? 'text/x.tlog.size' : 'text/plain; charset=utf-8'
      return new Response(text, { status, headers: { 'content-type': type } })
    },
  }
  return self
}
