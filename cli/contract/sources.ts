/** Files of documents -> their texts, named as the person named them. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { Fault } from '#core/fault.ts'
import { type Document, type DocumentProblem, type DocumentSource, problemLine } from '#core/policy/document.ts'
import { readDocuments } from '#core/policy/read-documents.ts'
import type { Context } from '../context.ts'
import { plain } from '../io/terminal.ts'

/** As many as the server takes. */
const MAX_FILES = 100
/** Larger than every document may be, so that the reader itself says that one is too large. */
const MAX_BYTES = 1_000_000

/** `path`: a file, or a folder of which every `.yaml`, `.yml`, `.json` and `.rego` counts, hidden ones left out. */
export async function readSources(path: string, { workingDirectory }: Context): Promise<readonly DocumentSource[]> {
  const start = resolve(workingDirectory, path)
  const files = await listFiles(start, path)
  if (files.length === 0 || files.length > MAX_FILES) {
    throw new Fault('request-malformed', {
      message: `${path} holds ${files.length} documents; between 1 and ${MAX_FILES} files are taken.`,
      hint: 'Name a file, or a folder with `.yaml` files: `stemma apply -f contracts/`.',
    })
  }
  return Promise.all(
    files.map(async (file) => {
      const name = relative(workingDirectory, file).split(sep).join('/')
      return { file: name === '' ? path : name, text: await readBounded(file) }
    }),
  )
}

async function listFiles(start: string, named: string): Promise<readonly string[]> {
  try {
    if (!(await stat(start)).isDirectory()) return [start]
    const entries = await readdir(start, { recursive: true, withFileTypes: true })
    return entries
      .filter(
        (entry) =>
          entry.isFile() && /^[^.].*\.(ya?ml|json|rego)$/.test(entry.name) && !entry.name.endsWith('_test.rego'),
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(
        (file) =>
          !relative(start, file)
            .split(sep)
            .some((part) => part.startsWith('.')),
      )
      .sort()
  } catch (cause) {
    throw new Fault('request-malformed', {
      message: `${named} cannot be read.`,
      hint: 'Name a file or a folder that is there: `stemma apply -f FILE`.',
      cause,
    })
  }
}

async function readBounded(file: string): Promise<string> {
  const { size } = await stat(file)
  return size > MAX_BYTES ? ' '.repeat(MAX_BYTES) : readFile(file, 'utf8')
}

/** null where the documents cannot be used; every problem is then said, with its line. */
export function readOrSay(sources: readonly DocumentSource[], context: Context): readonly Document[] | null {
  const { documents, problems } = readDocuments(sources)
  if (problems.length === 0) return documents
  sayProblems(problems, context)
  return null
}

function sayProblems(problems: readonly DocumentProblem[], { terminal, json }: Context): void {
  if (json) terminal.print(JSON.stringify({ problems }, null, 2))
  else for (const problem of problems) terminal.say(`${terminal.mark('failed')} ${plain(problemLine(problem))}`)
}
