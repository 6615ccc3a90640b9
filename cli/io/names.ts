/** Names of files as git keeps them: bytes, which need not be UTF-8. */

/** A name that is no UTF-8 becomes what `git ls-files` shows of it, `"caf\351.txt"`, so that no two names become one. */
export function readName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString('utf8')
  if (Buffer.from(text, 'utf8').equals(buffer)) return text
  const quoted = [...buffer].map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte)
  })
  return `"${quoted.join('')}"`
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
}

/** The bytes of a name as git lists it: odd ones stand in C's quotes. */
export function unquoted(shown: Uint8Array): Buffer {
  const text = Buffer.from(shown).toString('latin1')
  if (!/^".*"$/s.test(text)) return Buffer.from(text, 'latin1')
  const name = text
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_: string, code: string) =>
      /^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    )
  return Buffer.from(name, 'latin1')
}

/** NUL-separated fields, as git writes them with `-z`. */
export function readNames(output: Buffer): string[] {
  const names: string[] = []
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at)
    const stop = end === -1 ? output.length : end
    names.push(readName(output.subarray(at, stop)))
    at = stop + 1
  }
  return names
}

/** Whether the name cannot be given to git as an argument or a line of input: it is looked for among all names. */
export function isOddName(name: string): boolean {
  return /^".*\\[0-7]{3}.*"$/s.test(name)
}
