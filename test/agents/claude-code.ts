import { join } from 'node:path'
import { messages } from './protocols/messages.ts'
import { findProgram, type RealAgent, runProgram } from './real-agent.ts'

export const claudeCode: RealAgent = {
  id: 'claude-code',
  install: '@anthropic-ai/claude-code@2.1.328',
  protocol: messages,
  model: 'claude',
  shellTool: 'Bash',
  tools: (directory) => ({
    write: (path, content) => ['Write', { file_path: join(directory, path), content }],
    edit: (path, from, to) => ['Edit', { file_path: join(directory, path), old_string: from, new_string: to }],
    read: (path) => ['Read', { file_path: join(directory, path) }],
    shell: (command) => ['Bash', { command, description: 'Run a command' }],
  }),
  find: () => findProgram('claude'),
  run: (launch) =>
    runProgram(
      launch,
      [
        '-p',
        launch.prompt,
        '--permission-mode',
        'acceptEdits',
        '--output-format',
        'json',
        '--allowedTools',
        'Bash(npm test)',
        'Bash(git add:*)',
        'Bash(git commit:*)',
        'Bash(git push:*)',
      ],
      {
        ANTHROPIC_BASE_URL: launch.modelUrl,
        ANTHROPIC_API_KEY: 'dummy',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_TELEMETRY: '1',
        DISABLE_AUTOUPDATER: '1',
        DISABLE_ERROR_REPORTING: '1',
      },
    ),
}
