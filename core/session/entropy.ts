/** How random a text looks: what tells a key from a word. */

/** Shannon entropy in bits a character; 0 for an empty text. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/**
 * Words have less than 3.5 bits a character at this length, random base64 of 20 characters about 4. Digits and both
 * cases are asked for too, since long names of things reach 3.5 by their variety of letters.
 */
export function looksRandom(text: string): boolean {
  return text.length >= 20 && /\d/.test(text) && /[A-Za-z]/.test(text) && entropyOf(text.slice(0, 200)) >= 3.5
}
