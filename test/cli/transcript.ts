/** Claude Code transcripts as that agent writes them, for sessions that a test makes up. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Turn {
  readonly messageId: string
  /** Writes the file whole. */
  readonly write?: { readonly path: string; readonly content: string }
  readonly run?: { readonly command: string; readonly output: string }
  readonly say?: string
  readonly usage: {
    readonly input: number
    readonly cacheRead: number
    readonly cacheWrite: number
    readonly output: number
  }
  /** How many records repeat the message's usage. */
  readonly blocks?: number
}

export interface Told {
  readonly id: string
  readonly prompt: string
  /** RFC 3339; each record is a second later. */
  readonly startedAt: string
  readonly model?: string
  readonly turns: readonly Turn[]
}

/** Resolves to the file's path. */
export function writeTranscript(home: string, workingDirectory: string, session: Told): string {
  const folder = join(home, '.claude/projects', workingDirectory.replace(/[^A-Za-z0-9]/g, '-'))
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${session.id}.jsonl`)
  const text = recordsOf(workingDirectory, session).map((record) => `${JSON.stringify(record)}\n`)
  writeFileSync(path, text.join(''))
  return path
}

function recordsOf(workingDirectory: string, session: Told): readonly unknown[] {
  const records: unknown[] = []
  let parent: string | null = null
  const add = (record: Readonly<Record<string, unknown>>) => {
    const uuid = `${session.id}-${String(records.length + 1).padStart(3, '0')}`
    records.push({
      parentUuid: parent,
      isSidechain: false,
      ...record,
      uuid,
      timestamp: new Date(Date.parse(session.startedAt) + records.length * 1_000).toISOString(),
      userType: 'external',
      entrypoint: 'cli',
      cwd: workingDirectory,
      sessionId: session.id,
      version: '2.1.328',
      gitBranch: 'main',
    })
    parent = uuid
  }
  add({ type: 'user', message: { role: 'user', content: session.prompt }, permissionMode: 'acceptEdits' })
  for (const turn of session.turns) addTurn(turn, workingDirectory, session, add)
  return records
}

function addTurn(
  turn: Turn,
  workingDirectory: string,
  session: Told,
  add: (record: Readonly<Record<string, unknown>>) => void,
): void {
  const answer = (content: unknown, isLast: boolean) =>
    add({
      type: 'assistant',
      requestId: `req-${turn.messageId}`,
      message: {
        id: turn.messageId,
        type: 'message',
        role: 'assistant',
        model: session.model ?? 'claude-sonnet-4-5-20250929',
        content: [content],
        stop_reason: isLast ? 'tool_use' : null,
        usage: {
          input_tokens: turn.usage.input,
          cache_creation_input_tokens: turn.usage.cacheWrite,
          cache_read_input_tokens: turn.usage.cacheRead,
          cache_creation: { ephemeral_5m_input_tokens: turn.usage.cacheWrite, ephemeral_1h_input_tokens: 0 },
          output_tokens: turn.usage.output,
        },
      },
    })
  const result = (callId: string, text: string, toolUseResult: unknown) =>
    add({
      type: 'user',
      message: {
        role: 'user',
        content: [{ tool_use_id: callId, type: 'tool_result', content: text, is_error: false }],
      },
      toolUseResult,
    })
  for (let block = 0; block < (turn.blocks ?? 1); block++) {
    answer({ type: 'text', text: turn.say ?? 'I will do that.' }, false)
  }
  if (turn.write !== undefined) {
    const { path, content } = turn.write
    const filePath = join(workingDirectory, path)
    const id = `toolu_${turn.messageId}_write`
    answer({ type: 'tool_use', id, name: 'Write', input: { file_path: filePath, content } }, true)
    result(id, `File created successfully at: ${filePath}`, {
      type: 'create',
      filePath,
      content,
      structuredPatch: [],
      originalFile: null,
      userModified: false,
    })
  }
  if (turn.run !== undefined) {
    const { command, output } = turn.run
    const id = `toolu_${turn.messageId}_run`
    answer({ type: 'tool_use', id, name: 'Bash', input: { command, description: 'Run it' } }, true)
    result(id, output, { stdout: output, stderr: '', interrupted: false, isImage: false })
  }
}
