/**
 * `git patch-id --stable` of a diff: by it a change is known again under another commit id, after a rebase, a cherry-pick
 * or the merge of a single commit. Follows git's builtin/patch-id.c: line numbers and white space do not count, the order
 * of the files does not either.
 */
import { type Bytes, concatBytes, toHex } from '../evidence/bytes.ts'

const LF = 0x0a
const SHA1_BYTES = 20

/**
 * `diff`: the bytes that `git diff-tree -p` or a forge gives for one commit. null where nothing in it changes.
 * It depends on how the diff was made: a rename that one program shows as such is a removal and an addition to another.
 */
export async function patchIdOf(diff: Bytes): Promise<string | null> {
  const files: Bytes[][] = [[]]
  let before = -1
  let after = -1
  let isBinary = false
  let isBegun = false
  let ids: readonly [string, string] = ['', '']
  for (const line of linesOf(diff)) {
    const text = headOf(line)
    if (text.startsWith('\\ ') && line.length > 12) continue
    if (!isBegun && !text.startsWith('diff ')) continue
    if (before === -1) {
      if (text.startsWith('GIT binary patch') || text.startsWith('Binary files')) {
        isBinary = true
        before = 0
        files.at(-1)?.push(latin1(ids[0] + ids[1]))
        files.push([])
        continue
      }
      if (text.startsWith('index ')) {
        const [, old = '', fresh = ''] = /^index (.*?)\.\.([^ \n]*)/.exec(text) ?? []
        ids = [old, fresh]
        continue
      }
      if (text.startsWith('--- ')) before = after = 1
      else if (!/^[A-Za-z]/.test(text)) break
    }
    if (isBinary) {
      if (text.startsWith('diff ')) {
        isBinary = false
        before = -1
      }
      continue
    }
    if (before === 0 && after === 0) {
      if (text.startsWith('@@ -')) {
        ;[before, after] = countsOf(text)
        continue
      }
      if (!text.startsWith('diff ')) break
      files.push([])
      before = after = -1
    }
    if (text[0] === '-' || text[0] === ' ') before -= 1
    if (text[0] === '+' || text[0] === ' ') after -= 1
    const content = withoutSpace(line)
    if (content.length > 0) isBegun = true
    files.at(-1)?.push(content)
  }
  return isBegun ? toHex(await sumOf(files)) : null
}

/** The hashes of the files as numbers, added up without regard to what overflows: their order does not matter. */
async function sumOf(files: readonly (readonly Bytes[])[]): Promise<Bytes> {
  const sum = new Uint8Array(SHA1_BYTES)
  for (const parts of files) {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-1', concatBytes(...parts)))
    let carry = 0
    hash.forEach((byte, at) => {
      carry += (sum[at] ?? 0) + byte
      sum[at] = carry & 0xff
      carry >>= 8
    })
  }
  return sum
}

/** Each line with its terminator. */
export function* linesOf(bytes: Bytes): Generator<Bytes> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LF, start)
    const end = found === -1 ? bytes.length : found + 1
    yield bytes.subarray(start, end)
    start = end
  }
}

/** Long enough for both ids of an index line, of a repository with SHA-256, and for every word that begins a header. */
const HEAD = 160

function headOf(line: Bytes): string {
  let text = ''
  for (const byte of line.subarray(0, HEAD)) text += String.fromCharCode(byte)
  return text
}

function latin1(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

/** `@@ -3,7 +3,8 @@`: 7 and 8; a count that is left out is 1. */
export function countsOf(header: string): [number, number] {
  const [, old, fresh] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))?/.exec(header) ?? []
  return [Number(old ?? 1), Number(fresh ?? 1)]
}

/** git's own white space, which is less than the C library's; a line ends for it where a zero byte stands. */
function withoutSpace(line: Bytes): Bytes {
  const end = line.indexOf(0)
  return (end === -1 ? line : line.subarray(0, end)).filter(
    (byte) => byte !== 0x20 && byte !== 0x09 && byte !== LF && byte !== 0x0d,
  )
}
