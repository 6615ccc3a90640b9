import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chatCompletions } from './protocols/chat-completions.ts'
import { findProgram, type RealAgent, runProgram } from './real-agent.ts'

/** A name that the price table knows; the provider's own is another one. */
const MODEL = 'claude-sonnet-4-5'

const settings = (modelUrl: string) => ({
  autoupdate: false,
  share: 'disabled',
  model: `scripted/${MODEL}`,
  small_model: `scripted/${MODEL}`,
  enabled_providers: ['scripted'],
  provider: {
    scripted: {
      npm: '@ai-sdk/openai-compatible',
      name: 'Scripted',
      options: { baseURL: `${modelUrl}/v1`, apiKey: 'dummy' },
      models: {
        [MODEL]: {
          name: 'Scripted',
          reasoning: true,
          limit: { context: 128_000, output: 8_000 },
          cost: { input: 1, output: 2, cache_read: 0.1 },
        },
      },
    },
  },
})

export const opencode: RealAgent = {
  id: 'opencode',
  install: 'opencode-ai@1.18.33',
  protocol: chatCompletions,
  model: MODEL,
  shellTool: 'bash',
  tools: (directory) => ({
    write: (path, content) => ['write', { filePath: join(directory, path), content }],
    edit: (path, from, to) => ['edit', { filePath: join(directory, path), oldString: from, newString: to }],
    read: (path) => ['read', { filePath: join(directory, path) }],
    shell: (command) => ['bash', { command, description: 'Run a command' }],
  }),
  find: () => findProgram('opencode'),
  run: (launch) => {
    const folder = join(launch.workplace.home, '.config', 'opencode')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'opencode.json'), JSON.stringify(settings(launch.modelUrl)))
    return runProgram(launch, ['run', '--format', 'json', launch.prompt], {
      // Else it looks for plugin dependencies in a registry that cannot be reached.
      npm_config_offline: 'true',
      npm_config_fetch_retries: '0',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_SHARE: '1',
    })
  },
}
