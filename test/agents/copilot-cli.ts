import { join } from 'node:path'
import { chatCompletions } from './protocols/chat-completions.ts'
import { findProgram, type RealAgent, runProgram } from './real-agent.ts'

const MODEL = 'gpt-5.1'

let shells = 0

export const copilotCli: RealAgent = {
  id: 'copilot-cli',
  install: '@github/copilot@1.0.102',
  protocol: chatCompletions,
  model: MODEL,
  shellTool: 'bash',
  alsoRunsHooksOf: 'claude-code',
  tools: (directory) => ({
    write: (path, content) => ['create', { path: join(directory, path), file_text: content }],
    edit: (path, from, to) => ['edit', { path: join(directory, path), old_str: from, new_str: to }],
    read: (path) => ['view', { path: join(directory, path) }],
    // Each in a shell of its own.
    shell: (command) => [
      'bash',
      {
        command,
        description: 'Run a command',
        sessionId: `shell-${++shells}`,
        async: false,
        mode: 'sync',
        initial_wait: 30,
      },
    ],
  }),
  find: () => findProgram('copilot'),
  run: (launch) =>
    runProgram(launch, ['-p', launch.prompt, '--allow-all-tools'], {
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_BASE_URL: `${launch.modelUrl}/v1`,
      COPILOT_PROVIDER_TYPE: 'openai',
      COPILOT_PROVIDER_API_KEY: 'dummy',
      COPILOT_MODEL: MODEL,
      COPILOT_AUTO_UPDATE: 'false',
      // Hooks of a folder run only where it is trusted.
      COPILOT_ALLOW_ALL: 'true',
    }),
}
