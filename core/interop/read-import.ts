/** The text of a file of unknown origin -> what it claims. All of it is read, or none. */
import { asObject, textIn } from '../agents/json-value.ts'
import { isFault } from '../fault.ts'
import { readTraceRecord } from './agent-trace.ts'
import { chainloopKinds, readChainloopConfiguration, readChainloopSession } from './chainloop.ts'
import { readGitAiNote } from './git-ai-read.ts'
import type { ImportedRecord } from './imported.ts'
import { malformed, unsupported } from './refusal.ts'

/** Records in one file: a project's trace store has one a change. */
const MAX_RECORDS = 100_000

/** One JSON document, JSON lines, or an authorship log. Throws import-malformed or import-unsupported. */
export async function readImport(text: string): Promise<readonly ImportedRecord[]> {
  const plain = text.replace(/^\uFEFF/, '')
  if (!/^\s*[{[]/.test(plain)) {
    if (/(?:^|\n)---\r?\n/.test(plain)) return [readGitAiNote(plain, null)]
    throw unsupported('this file', 'unrecognised', 'Agent Trace, git-ai authorship logs and Chainloop evidence 0.1')
  }
  const whole = parse(plain)
  if (whole !== undefined) return readAll(Array.isArray(whole) ? whole : [whole], 'record')
  const lines = plain.split('\n').filter((line) => line.trim() !== '')
  const values = lines.map((line, index) => {
    const value = parse(line)
    if (value === undefined) throw malformed('JSON', `line ${index + 1} cannot be parsed`)
    return value
  })
  return readAll(values, 'line')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function readAll(values: readonly unknown[], unit: string): Promise<readonly ImportedRecord[]> {
  if (values.length === 0 || values.length > MAX_RECORDS) {
    throw malformed('import', `it holds ${values.length} records, and between 1 and ${MAX_RECORDS} are taken`)
  }
  const records: ImportedRecord[] = []
  for (const [index, value] of values.entries()) {
    try {
      records.push(await readOne(value))
    } catch (problem) {
      if (!isFault(problem) || values.length === 1) throw problem
      throw malformed('import', `${unit} ${index + 1}: ${problem.message}`)
    }
  }
  return records
}

async function readOne(value: unknown): Promise<ImportedRecord> {
  const json = asObject(value)
  if (json === null) throw malformed('import', 'it is not a JSON object')
  const kind = textIn(json, 'chainloop.material.evidence.id')
  const data = kind === null ? json : json['data']
  if (kind === 'CHAINLOOP_AI_CODING_SESSION') return readChainloopSession(data)
  if (kind === 'CHAINLOOP_AI_AGENT_CONFIG') return readChainloopConfiguration(data)
  if (kind !== null) throw unsupported('Chainloop evidence', kind, Object.keys(chainloopKinds).join(' and '))
  const note = textIn(json, 'note')
  if (note !== null) return readGitAiNote(note, textIn(json, 'commit'))
  if (Object.hasOwn(json, 'schema_version')) {
    return Object.hasOwn(json, 'config_files') ? readChainloopConfiguration(json) : readChainloopSession(json)
  }
  if (Object.hasOwn(json, 'version') && ['files', 'timestamp'].some((key) => Object.hasOwn(json, key)))
    return readTraceRecord(json)
  throw unsupported('this file', 'unrecognised', 'Agent Trace, git-ai authorship logs and Chainloop evidence 0.1')
}
