/** Whether a text fits one of some globs, as picomatch reads them. */
import picomatch from 'picomatch'

interface GlobOptions {
  /** A leading dot needs no dot in the glob. */
  readonly dot?: boolean
  readonly nocase?: boolean
  /** `*` takes slashes as well, as in names that are no paths. */
  readonly bash?: boolean
  /** Globs of what does not fit after all. */
  readonly ignore?: readonly string[]
}

type Matcher = (text: string) => boolean

/** Every rule asks for its own at every evaluation; these are the lists of some organisations. */
const MAX_KNOWN = 500
const known = new Map<string, Matcher>()

/**
 * One expression for all of them: a matcher for each costs a call, an object and an attempt for every glob and text,
 * which is most of what judging paths costs. Throws a TypeError for a glob without a letter, as picomatch does.
 */
export function globMatcher(globs: readonly string[], { ignore = [], ...options }: GlobOptions = {}): Matcher {
  const key = JSON.stringify([globs, ignore, options])
  const present = known.get(key)
  if (present !== undefined) return present
  const fits = oneOf(globs, options)
  const isIgnored = oneOf(ignore, options)
  const matcher: Matcher = (text) => fits(text) && !isIgnored(text)
  const [oldest] = known.keys()
  if (known.size >= MAX_KNOWN && oldest !== undefined) known.delete(oldest)
  known.set(key, matcher)
  return matcher
}

function oneOf(globs: readonly string[], options: Omit<GlobOptions, 'ignore'>): Matcher {
  if (globs.length === 0) return () => false
  // A glob fits its own letters, whatever its signs mean.
  const literally = new Set(globs)
  const sources = globs.map((glob) => `(?:${picomatch.makeRe(glob, options).source})`)
  const expression = new RegExp(sources.join('|'), options.nocase === true ? 'i' : '')
  return (text) => text !== '' && (literally.has(text) || expression.test(text))
}
