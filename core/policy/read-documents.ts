/** Texts -> documents, or every problem with the line that has it. JSON is YAML, so one reader takes both. */
import { isMap, isNode, isScalar, LineCounter, parseAllDocuments, visit, type Document as YamlDocument } from 'yaml'
import type { z } from 'zod'
import { checkDocuments } from './check-documents.ts'
import { MAX_REGO_CHARACTERS } from './custom-policy.ts'
import {
  type Document,
  type DocumentKind,
  type DocumentProblem,
  type DocumentSource,
  documentKinds,
  MAX_DOCUMENT_CHARACTERS,
  MAX_DOCUMENT_DEPTH,
  MAX_TEXT_CHARACTERS,
} from './document.ts'
import { API_VERSION } from './document-head.ts'
import { nearest } from './nearest.ts'
import type { Policy } from './policy.ts'
import { policies } from './registry.ts'

type Path = readonly (string | number)[]

/** A document that has the right form, and where its parts stand. */
export interface LocatedDocument {
  readonly document: Document
  readonly file: string
  /** A problem at the value of the path, or at the nearest thing around it. */
  readonly problemAt: (path: Path, message: string, hint?: string | null) => DocumentProblem
  /** A problem inside the text that stands at the path, by a line and column of that text. */
  readonly problemWithin: (
    path: Path,
    place: { readonly line: number; readonly column: number },
    message: string,
  ) => DocumentProblem
}

export interface ReadDocuments {
  readonly documents: readonly Document[]
  /** Empty: the documents can be used. Otherwise none of them may be. */
  readonly problems: readonly DocumentProblem[]
}

/** More problems than these help nobody; a set with one is refused as a whole anyway. */
const MAX_PROBLEMS = 50

/** Never throws, whatever the texts hold. Problems stand in the order of the texts. */
export function readDocuments(
  sources: readonly DocumentSource[],
  registry: readonly Policy[] = policies,
): ReadDocuments {
  const size = sources.reduce((sum, { text }) => sum + text.length, 0)
  if (size > MAX_DOCUMENT_CHARACTERS) {
    const message = `All documents together have ${size} characters; the limit is ${MAX_DOCUMENT_CHARACTERS}.`
    return {
      documents: [],
      problems: [fileProblem(sources[0]?.file ?? '-', message, 'Put what repeats into a PolicyGroup')],
    }
  }
  const rules = new Map(sources.filter(isRule).map(({ file, text }) => [file, text]))
  const written = sources.filter((source) => !isRule(source))
  if (written.length === 0) {
    return { documents: [], problems: [fileProblem(sources[0]?.file ?? '-', 'There is no document in it.', null)] }
  }
  const read = written.map(readSource)
  const filled = read.flatMap((one) => one.located).map((one) => withRule(one, rules))
  const located = filled.map(({ located: one }) => one)
  const problems = [
    ...read.flatMap((one) => one.problems),
    ...filled.flatMap(({ problems: found }) => found),
    ...checkDocuments(located, registry),
  ]
  return { documents: located.map(({ document }) => document), problems: problems.slice(0, MAX_PROBLEMS) }
}

/** Rules in Rego come beside the documents that name them. */
function isRule({ file }: DocumentSource): boolean {
  return file.endsWith('.rego')
}

interface ReadSource {
  readonly located: readonly LocatedDocument[]
  readonly problems: readonly DocumentProblem[]
}

function readSource({ file, text }: DocumentSource): ReadSource {
  if (text.length > MAX_TEXT_CHARACTERS) {
    const message = `The text has ${text.length} characters; the limit is ${MAX_TEXT_CHARACTERS}.`
    return { located: [], problems: [fileProblem(file, message, 'Split it into several files')] }
  }
  try {
    const lineCounter = new LineCounter()
    const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, uniqueKeys: true })
    const lines = text.split('\n')
    const read = [...parsed]
      .filter((document) => document.contents !== null || document.errors.length > 0)
      .map((document) => readDocument({ document, file, lineCounter, lines }))
    if (read.length === 0) return { located: [], problems: [fileProblem(file, 'There is no document in it.', null)] }
    return { located: read.flatMap(({ located }) => located), problems: read.flatMap(({ problems }) => problems) }
  } catch {
    // The parser calls itself for every level, and text that exhausts the stack cannot be a contract.
    return { located: [], problems: [fileProblem(file, 'The YAML is nested too deeply.', null)] }
  }
}

interface Place {
  readonly document: YamlDocument
  readonly file: string
  readonly lineCounter: LineCounter
  /** Of the text that the document stands in. */
  readonly lines: readonly string[]
}

function readDocument(place: Place): ReadSource {
  const { document } = place
  const refused = (problems: readonly DocumentProblem[]): ReadSource => ({ located: [], problems })
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0)
    return refused(broken.map(({ pos, message }) => offsetProblem(place, pos[0], firstLine(message), null)))
  const foreign = foreignProblems(place)
  if (foreign.length > 0) return refused(foreign)

  const value: unknown = document.toJS()
  if (isDeeperThan(value, MAX_DOCUMENT_DEPTH)) {
    return refused([problemAt(place, [], `The document is nested more than ${MAX_DOCUMENT_DEPTH} levels deep.`, null)])
  }
  const kind = isMap(document.contents) ? document.get('kind') : null
  const schema = isDocumentKind(kind) ? documentKinds[kind] : null
  if (schema === null) return refused([kindProblem(place, kind)])
  const parsed = schema.safeParse(value)
  if (!parsed.success) return refused(parsed.error.issues.flatMap((issue) => issueProblems(place, issue)))
  const at: LocatedDocument['problemAt'] = (path, message, hint = null) => problemAt(place, path, message, hint)
  const within: LocatedDocument['problemWithin'] = (path, inside, message) =>
    problemWithin(place, path, inside, message)
  return { located: [{ document: parsed.data, file: place.file, problemAt: at, problemWithin: within }], problems: [] }
}

/** The text of the file that a policy names is put in its place. */
function withRule(
  located: LocatedDocument,
  rules: ReadonlyMap<string, string>,
): { readonly located: LocatedDocument; readonly problems: readonly DocumentProblem[] } {
  const { document, file: source, problemAt: at } = located
  if (document.kind !== 'Policy') return { located, problems: [] }
  const { rego, file } = document.spec
  if ((rego === undefined) === (file === undefined)) {
    const message = 'A policy has its rule either in `rego` or in a `file`.'
    return { located, problems: [at(['spec'], message, 'Write it under `rego: |`, or name a file beside this one')] }
  }
  if (file === undefined) return { located, problems: [] }
  const path = besides(source, file)
  const text = path === null ? undefined : rules.get(path)
  if (path === null || text === undefined) {
    const message = `There is no file ${quoted(file)} beside this document.`
    return { located, problems: [at(['spec', 'file'], message, 'Send it too; its name ends in `.rego`')] }
  }
  if (text.length > MAX_REGO_CHARACTERS) {
    const message = `The rule has ${text.length} characters; the limit is ${MAX_REGO_CHARACTERS}.`
    return { located, problems: [fileProblem(path, message, 'Make several policies of it')] }
  }
  const whole = { ...document, spec: { ...document.spec, file: path, rego: text } }
  return { located: { ...located, document: whole }, problems: [] }
}

/** `rules/a.rego` beside `contracts/b.yaml` is `contracts/rules/a.rego`; null where it leads out of all folders. */
function besides(source: string, file: string): string | null {
  const parts = source.split('/').slice(0, -1)
  for (const part of file.split('/')) {
    if (part === '..' && parts.length === 0) return null
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

function isDocumentKind(kind: unknown): kind is DocumentKind {
  return typeof kind === 'string' && Object.hasOwn(documentKinds, kind)
}

function kindProblem(place: Place, kind: unknown): DocumentProblem {
  const kinds = Object.keys(documentKinds)
  if (kind === null || kind === undefined) {
    const hint = `Begin it with \`apiVersion: ${API_VERSION}\` and \`kind: Contract\``
    return problemAt(place, [], `The document has no \`kind\`; it must be one of ${kinds.join(', ')}.`, hint)
  }
  const meant = nearest(String(kind), kinds)
  const message = `There is no kind ${quoted(kind)}; it must be one of ${kinds.join(', ')}.`
  return problemAt(place, ['kind'], message, meant === null ? null : `Did you mean \`${meant}\`?`)
}

/** An unknown key is reported where it stands, with the known one that it is nearest to. */
function issueProblems(place: Place, issue: z.core.$ZodIssue): readonly DocumentProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(place, path, key))
  const name = path.length === 0 ? 'The document' : `\`${path.join('.')}\``
  return [problemAt(place, path, `${name}: ${issue.message}`, null)]
}

const knownKeys = [
  ...['apiVersion', 'kind', 'metadata', 'spec', 'name', 'policies', 'policy', 'with', 'gate', 'groups', 'group'],
  ...['attach', 'repositories', 'projects', 'products', 'skip', 'missingSession', 'guard', 'unsure', 'failure'],
  ...['title', 'why', 'fix', 'severity', 'frameworks', 'rego', 'file', 'language', 'evidence', 'parameters', 'type'],
  ...['description', 'items', 'enum', 'minimum', 'maximum', 'default', 'required', 'version', 'publisher', 'url'],
  ...['about', 'controls', 'id', 'attestation', 'redaction', 'privacy', 'retention', 'tier', 'checks'],
]

function unknownKey(place: Place, path: Path, key: string): DocumentProblem {
  const meant = nearest(key, knownKeys)
  const where = path.length === 0 ? 'a document' : `\`${path.join('.')}\``
  const hint = meant === null || meant === key ? 'Take it out' : `Did you mean \`${meant}\`?`
  return problemAt(place, [...path, key], `${quoted(key)} is no key of ${where}.`, hint)
}

/** An alias can make a small text huge, and hides what a reviewer should see; a key of several parts names nothing. */
function foreignProblems(place: Place): readonly DocumentProblem[] {
  const found: DocumentProblem[] = []
  const refuse = (offset: number | undefined, message: string, hint: string) =>
    found.push(offsetProblem(place, offset ?? 0, message, hint))
  visit(place.document, {
    Alias: (_, { range }) => {
      refuse(range?.[0], 'Aliases are not taken.', 'Write it out, or share a PolicyGroup')
    },
    Pair: (_, { key }) => {
      if (isNode(key) && !isScalar(key)) refuse(key.range?.[0], 'A key must be a name.', 'Write it as plain text')
    },
  })
  return found.slice(0, MAX_PROBLEMS)
}

/** Keys of maps stand where the key stands; what is missing stands where it should have been. */
function problemAt(place: Place, path: Path, message: string, hint: string | null): DocumentProblem {
  return offsetProblem(place, offsetOf(place.document, path), message, hint)
}

/** Only a literal block keeps the lines of its text; elsewhere the message has to say the line. */
function problemWithin(
  place: Place,
  path: Path,
  { line, column }: { readonly line: number; readonly column: number },
  message: string,
): DocumentProblem {
  const node = place.document.getIn(path, true)
  if (!isScalar(node) || node.type !== 'BLOCK_LITERAL' || !node.range) {
    return problemAt(place, path, `line ${line} of it: ${message}`, null)
  }
  const header = place.lineCounter.linePos(node.range[0]).line
  const first = place.lines.slice(header).find((text) => text.trim() !== '') ?? ''
  const indent = first.length - first.trimStart().length
  return { file: place.file, line: header + line, column: indent + column, message, hint: null }
}

function offsetOf(document: YamlDocument, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    if (isMap(parent)) {
      const key = parent.items
        .map((pair) => pair.key)
        .find((one) => isScalar(one) && String(one.value) === String(last))
      if (isNode(key) && key.range) return key.range[0]
    }
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range?.[0] ?? 0
}

function offsetProblem(
  { file, lineCounter }: Place,
  offset: number,
  message: string,
  hint: string | null,
): DocumentProblem {
  const { line, col } = lineCounter.linePos(offset)
  return { file, line: Math.max(1, line), column: Math.max(1, col), message, hint }
}

function fileProblem(file: string, message: string, hint: string | null): DocumentProblem {
  return { file, line: 1, column: 1, message, hint }
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? text).slice(0, 300)
}

function quoted(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 60))
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1))
}
