/**
 * A scripted stand-in for a person at Claude Code, for the sample organisation and for end-to-end tests: it works in a
 * real repository, calls the real hooks with payloads of the documented form, and writes a transcript in the form of
 * 2.1.328, with invented content. What Stemma sees of it is what it would see of the real program.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createTwoFilesPatch, structuredPatch } from 'diff'

export interface Workplace {
  /** Root of the person's clone. */
  readonly directory: string
  /** HOME of the person; transcripts lie below it. */
  readonly home: string
  /** Environment of every command: HOME, PATH with `stemma` on it, the author's name. */
  readonly environment: Readonly<Record<string, string>>
}

export interface ScriptedSession {
  readonly id: string
  readonly prompt: (text: string) => Promise<void>
  readonly say: (text: string) => Promise<void>
  readonly write: (path: string, content: string) => Promise<void>
  readonly edit: (path: string, oldText: string, newText: string) => Promise<void>
  /** Runs it for real; gives the exit code. */
  readonly shell: (command: string) => Promise<number>
  readonly end: () => Promise<void>
}

interface Options {
  readonly model: string
  /** First moment of the session; each step takes some seconds from there. */
  readonly startsAt: Date
  readonly version?: string
  readonly branch: string
}

export async function startScriptedSession(workplace: Workplace, options: Options): Promise<ScriptedSession> {
  const { directory, home, environment } = workplace
  const id = randomUUID()
  const version = options.version ?? '2.1.328'
  const folder = join(home, '.claude', 'projects', directory.replace(/[^A-Za-z0-9]/g, '-'))
  const transcript = join(folder, `${id}.jsonl`)
  mkdirSync(folder, { recursive: true })

  let time = options.startsAt.getTime()
  let parent: string | null = null
  let turn = 0

  const now = (): string => new Date(time).toISOString()
  const pass = (seconds: number): void => {
    time += seconds * 1000
  }
  const record = (type: string, body: Record<string, unknown>): string => {
    const uuid = randomUUID()
    const line = {
      parentUuid: parent,
      isSidechain: false,
      userType: 'external',
      cwd: directory,
      sessionId: id,
      version,
      gitBranch: options.branch,
      type,
      ...body,
      uuid,
      timestamp: now(),
    }
    appendFileSync(transcript, `${JSON.stringify(line)}\n`)
    parent = uuid
    return uuid
  }
  const hook = async (event: string, body: Record<string, unknown>): Promise<void> => {
    const payload = {
      session_id: id,
      transcript_path: transcript,
      cwd: directory,
      permission_mode: 'acceptEdits',
      hook_event_name: event,
      ...body,
    }
    await runProgram('stemma', ['hook', 'claude-code'], {
      cwd: directory,
      env: { ...environment, CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: id, CLAUDE_PROJECT_DIR: directory },
      input: JSON.stringify(payload),
    })
  }
  /** Grows with every call, so that a double count shows. */
  const usage = (): Record<string, unknown> => {
    turn++
    return {
      input_tokens: 40 + turn * 3,
      cache_creation_input_tokens: 900 + turn * 50,
      cache_read_input_tokens: 9_000 + turn * 1_100,
      cache_creation: { ephemeral_5m_input_tokens: 900 + turn * 50, ephemeral_1h_input_tokens: 0 },
      output_tokens: 180 + turn * 11,
      service_tier: 'standard',
    }
  }
  const answer = (blocks: readonly Record<string, unknown>[]): string => {
    const messageId = `msg_01${randomUUID().replaceAll('-', '').slice(0, 22)}`
    const requestId = `req_01${randomUUID().replaceAll('-', '').slice(0, 22)}`
    const counted = usage()
    let last = ''
    for (const block of blocks) {
      const message = {
        id: messageId,
        type: 'message',
        role: 'assistant',
        model: options.model,
        content: [block],
        stop_reason: null,
        stop_sequence: null,
        usage: counted,
      }
      last = record('assistant', { requestId, message })
    }
    return last
  }
  const call = async (
    tool: string,
    input: Record<string, unknown>,
    run: () => Outcome | Promise<Outcome>,
  ): Promise<void> => {
    const callId = `toolu_01${randomUUID().replaceAll('-', '').slice(0, 22)}`
    const uuid = answer([{ type: 'tool_use', id: callId, name: tool, input }])
    await hook('PreToolUse', { tool_name: tool, tool_input: input, tool_use_id: callId })
    const { result, content, isError } = await run()
    pass(6)
    await hook(isError ? 'PostToolUseFailure' : 'PostToolUse', {
      tool_name: tool,
      tool_input: input,
      tool_use_id: callId,
      ...(isError ? { error: content } : { tool_response: result }),
    })
    record('user', {
      message: {
        role: 'user',
        content: [{ tool_use_id: callId, type: 'tool_result', content, ...(isError ? { is_error: true } : {}) }],
      },
      toolUseResult: result,
      sourceToolAssistantUUID: uuid,
    })
    pass(9)
  }

  await hook('SessionStart', { source: 'startup' })

  return {
    id,
    prompt: async (text) => {
      await hook('UserPromptSubmit', { prompt: text })
      record('user', { permissionMode: 'acceptEdits', promptSource: 'user', message: { role: 'user', content: text } })
      pass(12)
    },
    say: async (text) => {
      answer([{ type: 'text', text }])
      pass(8)
    },
    write: async (path, content) => {
      const file = join(directory, path)
      await call('Write', { file_path: file, content }, () => {
        const original = existsSync(file) ? readFileSync(file, 'utf8') : null
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, content)
        const patch =
          original === null ? [] : structuredPatch(file, file, original, content, '', '', { context: 3 }).hunks
        const type = original === null ? 'create' : 'update'
        return {
          result: {
            type,
            filePath: file,
            content,
            structuredPatch: patch,
            originalFile: original,
            userModified: false,
          },
          content: `The file ${file} has been written.`,
          isError: false,
        }
      })
    },
    edit: async (path, oldText, newText) => {
      const file = join(directory, path)
      await call('Edit', { file_path: file, old_string: oldText, new_string: newText }, () => {
        const original = readFileSync(file, 'utf8')
        if (!original.includes(oldText))
          throw new Error(
            `the script edits what ${path} does not hold:\n${createTwoFilesPatch(path, path, original, oldText)}`,
          )
        const content = original.replace(oldText, () => newText)
        writeFileSync(file, content)
        return {
          result: {
            filePath: file,
            oldString: oldText,
            newString: newText,
            originalFile: original,
            structuredPatch: structuredPatch(file, file, original, content, '', '', { context: 3 }).hunks,
            userModified: false,
            replaceAll: false,
          },
          content: `The file ${file} has been updated.`,
          isError: false,
        }
      })
    },
    shell: async (command) => {
      let exitCode = 0
      await call('Bash', { command, description: 'Run a command' }, async () => {
        const run = await runProgram('bash', ['-c', command], {
          cwd: directory,
          env: { ...environment, CLAUDECODE: '1', GIT_AUTHOR_DATE: now(), GIT_COMMITTER_DATE: now() },
        })
        exitCode = run.status
        if (exitCode !== 0) {
          const text = `Error: Exit code ${exitCode}\n${run.stdout}${run.stderr}`
          return { result: text, content: text, isError: true }
        }
        return {
          result: {
            stdout: run.stdout,
            stderr: run.stderr,
            interrupted: false,
            isImage: false,
            ...(await commitOf(command, directory)),
          },
          content: run.stdout || '(no output)',
          isError: false,
        }
      })
      return exitCode
    },
    end: async () => {
      await hook('Stop', { stop_hook_active: false, last_assistant_message: '' })
      await hook('SessionEnd', { reason: 'prompt_input_exit' })
    },
  }
}

async function commitOf(command: string, directory: string): Promise<Record<string, unknown>> {
  if (!/\bgit\b.*\bcommit\b/.test(command)) return {}
  const { stdout } = await runProgram('git', ['rev-parse', 'HEAD'], { cwd: directory, env: process.env })
  return { gitOperation: { commit: { sha: stdout.trim(), kind: 'committed' } } }
}

interface Outcome {
  readonly result: unknown
  readonly content: string
  readonly isError: boolean
}

interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly input?: string
}

/** Never the synchronous kind: a push may reach a server in this very process. */
function runProgram(
  program: string,
  parameters: readonly string[],
  { cwd, env, input = '' }: Surroundings,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd, env: { ...env }, stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ status: code ?? 1, stdout, stderr }))
    // A program that does not read its input may have closed it already.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
