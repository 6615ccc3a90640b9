/** All rules over one text: what the sweep proposes is decided here, in the text itself and in its other readings. */

import { isStandIn } from '../code-value.ts'
import { privateKeys } from '../private-keys.ts'
import { assignmentAt } from '../secret-assignment.ts'
import { BETWEEN_TEXTS, type Span } from '../secret-span.ts'
import { secretlintSpans } from '../secretlint.ts'
import { chainsOf, type Joined, joinedFrom, keyEnd } from './broken-lines.ts'
import { ALPHANUMERIC, BEFORE_BREAK, isOf, runEnd, VISIBLE } from './characters.ts'
import type { FormRule } from './form-rule.ts'
import { discordTokens, jsonWebKeys } from './neighbours.ts'
import type { Proposer, RuleSet } from './rule-set.ts'
import { sweep } from './sweep.ts'
import { viewsOf } from './views.ts'

export interface Finding extends Span {
  /** Only the name beside it gives the value away: where names of files stand, that means nothing. */
  readonly isNamed: boolean
}

/** What a scan cost, in characters looked at: never more than the text's length times a constant. */
export interface Meter {
  characters: number
}

/** base64 in a URL in JSON: what is hidden deeper than this nobody wrote by accident. */
const MAX_DEPTH = 3
/** How many tokens at one line end are tried with the next lines; more are not tokens. */
const MAX_TRIES = 8
const MAX_LINE = 300
const MAX_TOKEN = 1_000

/** In no order, and possibly over one another. */
export function scan(text: string, rules: RuleSet, meter: Meter = { characters: 0 }): Finding[] {
  return scanReading(text, { rules, meter, depth: 0, isJoined: false })
}

interface Reading {
  readonly rules: RuleSet
  readonly meter: Meter
  readonly depth: number
  /** Lines were joined already, and names of values may belong to what is gone. */
  readonly isJoined: boolean
}

function scanReading(text: string, reading: Reading): Finding[] {
  const { rules, meter, depth, isJoined } = reading
  meter.characters += text.length
  const proposals = sweep(text, rules.literals)
  const found = decide(text, proposals.hits, reading)
  found.push(...certain(discordTokens(text, proposals.runs)), ...certain(rules.others(text)))
  if (depth >= MAX_DEPTH) return found
  const deeper = { ...reading, depth: depth + 1 }
  if (!isJoined) found.push(...inChains(text, proposals.seams, deeper))
  for (const view of viewsOf(text, proposals)) {
    for (const finding of scanReading(view.text, deeper)) {
      const span = view.original(finding)
      if (span !== null) found.push({ ...span, isNamed: finding.isNamed })
    }
  }
  return found
}

function inChains(text: string, seams: readonly number[], reading: Reading): Finding[] {
  const found: Finding[] = []
  for (const { text: joined, place } of chainsOf(text, seams)) {
    for (const { start, end, rule, isNamed } of scanReading(joined, { ...reading, depth: MAX_DEPTH, isJoined: true })) {
      if (isNamed) continue
      found.push({ start: place(start), end: place(end - 1) + 1, rule, isNamed })
    }
  }
  return found
}

/** Text and hits, and what is remembered from one hit to the next so that nothing is read twice. */
interface Attempt extends Reading {
  readonly text: string
  /** Rule -> where the last match ended, meant or not: inside of it no other begins. */
  readonly done: Map<FormRule, number>
  run: { start: number; end: number }
  tries: { lineEnd: number; count: number }
}

function decide(text: string, hits: readonly number[], reading: Reading): Finding[] {
  const found: Finding[] = []
  const attempt: Attempt = {
    ...reading,
    text,
    done: new Map(),
    run: { start: 0, end: 0 },
    tries: { lineEnd: -1, count: 0 },
  }
  const windows: number[] = []
  let valueEnd = 0
  let hasPrivateKey = false
  let hasJsonWebKey = false
  for (let index = 0; index < hits.length; index += 3) {
    const proposer = reading.rules.proposers[hits[index] ?? 0]
    const start = hits[index + 1] ?? 0
    const end = hits[index + 2] ?? 0
    if (proposer === undefined) continue
    switch (proposer.kind) {
      case 'form': {
        if (proposer.rule.isLinted === true && isWorthLinting(text, end)) windows.push(start)
        const span = formAt(start, end, { rule: proposer.rule, attempt })
        if (span !== null) found.push({ ...span, isNamed: false })
        break
      }
      case 'name': {
        if (reading.isJoined || start < valueEnd) break
        const span = assignmentAt(text, start, { literalEnd: end, isStrong: proposer.isStrong })
        reading.meter.characters += span === null ? 8 : span.end - start
        if (span === null) break
        found.push({ ...span, isNamed: true })
        valueEnd = span.end
        break
      }
      case 'known': {
        const span = knownAt(start, { proposer, attempt })
        if (span !== null) found.push({ ...span, isNamed: false })
        break
      }
      case 'linted-name':
        windows.push(start)
        break
      case 'private-key':
        hasPrivateKey = true
        break
      case 'json-web-key':
        hasJsonWebKey = true
        break
    }
  }
  if (hasPrivateKey) found.push(...certain(privateKeys(text)))
  if (hasJsonWebKey) found.push(...certain(jsonWebKeys(text)))
  if (reading.rules.isLinted && windows.length > 0) found.push(...certain(linted(text, windows, reading)))
  return found
}

function certain(spans: readonly Span[]): Finding[] {
  return spans.map((span) => ({ ...span, isNamed: false }))
}

interface FormAttempt {
  readonly rule: FormRule
  readonly attempt: Attempt
}

function formAt(start: number, literalEnd: number, { rule, attempt }: FormAttempt): Span | null {
  const { text, done, meter } = attempt
  if (start < (done.get(rule) ?? 0) || !isAtBoundary(text, start, rule.boundary)) return null
  rule.pattern.lastIndex = start
  const match = rule.pattern.exec(text)
  meter.characters += match === null ? 16 : match[0].length
  if (match !== null) {
    done.set(rule, start + match[0].length)
    const span = spanOf(match, rule)
    const end = start + match[0].length
    if (span !== null) return { ...span, end: keyEnd(text, span.end) }
    // The part before a break may have too little of a key: the whole may have enough.
    if (keyEnd(text, end) === end) return null
  }
  const joined = joinedAt(start, literalEnd, { rule, attempt })
  if (joined === null) return null
  const back = start - Math.max(0, start - (rule.back ?? 0))
  rule.pattern.lastIndex = back
  const broken = rule.pattern.exec(joined.text)
  const span = broken === null ? null : spanOf(broken, rule)
  if (span === null) return null
  const [first, last] = [joined.place(span.start), joined.place(span.end - 1) + 1]
  done.set(rule, last)
  return { start: first, end: last, rule: rule.id }
}

function spanOf(match: RegExpExecArray, rule: FormRule): Span | null {
  const secret = match.groups?.['secret'] ?? match[0]
  if (rule.accept !== undefined && !rule.accept(secret)) return null
  // The secret ends the match in every rule but those that ask for what follows.
  const start = match.index + match[0].lastIndexOf(secret)
  return { start: start - (match.groups?.['head']?.length ?? 0), end: start + secret.length, rule: rule.id }
}

/** The end of an escape (`\n`, `%3D`, `\u003d`) is no letter: tool output is full of text that was written as JSON first. */
function isAtBoundary(text: string, start: number, boundary: FormRule['boundary']): boolean {
  if (boundary === 'none' || start === 0) return true
  const code = text.charCodeAt(start - 1)
  if (!isOf(code, ALPHANUMERIC)) return boundary === 'word' || (code !== 45 && code !== 95)
  // Nearly always it is a letter of a word: then nothing of this stands before it.
  if (
    code !== 109 &&
    text.charCodeAt(start - 2) !== 92 &&
    text.charCodeAt(start - 3) !== 37 &&
    text.charCodeAt(start - 6) !== 92
  ) {
    return false
  }
  return /(?:\\[nrtbf]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\[[0-9;]{1,8}m)$/.test(
    text.slice(Math.max(0, start - 10), start),
  )
}

/** From the literal over the line ends that may break what follows; null where none does, or where it was tried enough. */
function joinedAt(start: number, literalEnd: number, { rule, attempt }: FormAttempt): Joined | null {
  const { text, meter } = attempt
  let end: number
  if (rule.breaks !== 'in-line') {
    if (start >= attempt.run.end || start < attempt.run.start) {
      attempt.run = { start, end: runEnd(text, start, { kind: VISIBLE, limit: text.length }) }
      meter.characters += attempt.run.end - start
    }
    end = attempt.run.end
    if (end - start > MAX_TOKEN) return null
  } else {
    const line = text.slice(start, start + MAX_LINE)
    const length = line.indexOf('\n')
    if (length < 0) return null
    end = start + length
  }
  while (end > start && isOf(text.charCodeAt(end - 1), BEFORE_BREAK)) end--
  // A literal that is broken itself ends on the line after.
  if (end < literalEnd && !text.slice(start, literalEnd).includes('\n')) return null
  if (attempt.tries.lineEnd !== end) attempt.tries = { lineEnd: end, count: 0 }
  if (attempt.tries.count++ >= MAX_TRIES) return null
  const joined = joinedFrom(text, { start: Math.max(0, start - (rule.back ?? 0)), end }, rule.breaks === 'in-key')
  meter.characters += joined?.text.length ?? 16
  return joined
}

interface KnownAttempt {
  readonly proposer: Extract<Proposer, { kind: 'known' }>
  readonly attempt: Attempt
}

function knownAt(at: number, { proposer: { form, offset }, attempt }: KnownAttempt): Span | null {
  const { text } = attempt
  const start = at - offset
  if (start < 0) return null
  if (text.startsWith(form, start)) return { start, end: start + form.length, rule: 'known-secret' }
  const lineEnd = text.slice(start, start + form.length).indexOf('\n')
  if (lineEnd < 0) return null
  let end = start + lineEnd
  while (end > start && isOf(text.charCodeAt(end - 1), BEFORE_BREAK)) end--
  const joined = joinedFrom(text, { start, end }, false)
  if (joined === null || !joined.text.startsWith(form)) return null
  return { start, end: joined.place(form.length - 1) + 1, rule: 'known-secret' }
}

/** secretlint's longest token, a 1Password service account's, has fewer characters; longer ones have rules of our own. */
const WINDOW = 1_500
const BEFORE_WINDOW = 300

/** A token follows, or what a password stands before. */
function isWorthLinting(text: string, literalEnd: number): boolean {
  const end = runEnd(text, literalEnd, { kind: VISIBLE, limit: 400 })
  return (
    end - literalEnd >= 16 &&
    (text.charCodeAt(literalEnd - 1) !== 47 || /@|^(?:services|T)/.test(text.slice(literalEnd, end)))
  )
}

/** secretlint's rules, on windows around what proposes one of them: on whole texts they would cost more than all the rest. */
function linted(text: string, places: readonly number[], { meter }: Reading): Span[] {
  const windows: { start: number; end: number }[] = []
  for (const place of places) {
    const last = windows.at(-1)
    const start = Math.max(0, place - BEFORE_WINDOW)
    const end = Math.min(text.length, place + WINDOW)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else windows.push({ start, end })
  }
  // In one text: what a call costs by itself is more than what the rules cost on a window.
  const joined = windows.map(({ start, end }) => text.slice(start, end)).join(BETWEEN_TEXTS)
  meter.characters += joined.length
  const spans = secretlintSpans(joined)
  let offset = 0
  return windows.flatMap(({ start, end }) => {
    const [first, last] = [offset, offset + end - start]
    offset = last + BETWEEN_TEXTS.length
    return spans
      .filter((span) => span.start >= first && span.end <= last)
      .map((span) => ({ ...span, start: span.start - first + start, end: span.end - first + start }))
      .filter((span) => !isExample(text.slice(span.start, span.end)))
  })
}

/** An address whose password says that it is one, or that is the user's name over again. */
function isExample(address: string): boolean {
  const [, user, password = ''] = /:\/\/([^:@/%]{0,256})(?::|%3A)([^:@/%]{1,256})(?:@|%40)/.exec(address) ?? []
  return isStandIn(password) || (password === user && /^[a-z]+$/.test(password))
}
