/** A rule that knows a secret by its form: proposed by a literal, decided by a pattern at that very place. */
export interface FormRule {
  readonly id: string
  /** Where none of these stands, the rule is not tried. Found without case; the pattern decides about case. */
  readonly literals: readonly string[]
  /**
   * Sticky, and begins with the literal. The group `secret`, or else the whole match, is taken out, with the group
   * `head` that stands before the literal. Every repetition is bounded, or ends the match, or cannot begin inside of
   * itself: then a text costs no more than its length, times a constant.
   */
  readonly pattern: RegExp
  /** What may not stand right before the literal: a letter or digit, or a dash and an underscore as well. */
  readonly boundary: 'none' | 'word' | 'token'
  /**
   * Where a line end is seen through: inside of the token, if what follows looks like a key (`in-key`) or even if not
   * (`in-token`, where length or letters are fixed), or anywhere on the line after the literal.
   */
  readonly breaks: 'in-token' | 'in-key' | 'in-line'
  /** How many characters before the literal the pattern looks at. */
  readonly back?: number
  /** A window around the literal is shown to secretlint's rules too. */
  readonly isLinted?: boolean
  /** Whether what was found is meant; without it, always. */
  readonly accept?: (secret: string) => boolean
}

/** Exactly one placeholder and nothing else: one with a tail would be a way to hide the tail. */
export function isPlaceholder(text: string): boolean {
  return /^\[(?:REDACTED|WITHHELD):[a-z0-9-]{1,60}\]$/.test(text)
}
