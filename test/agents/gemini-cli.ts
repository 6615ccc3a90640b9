import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateContent } from './protocols/generate-content.ts'
import { findProgram, type RealAgent, runProgram } from './real-agent.ts'

const MODEL = 'gemini-2.5-pro'

const settings = {
  security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
}

export const geminiCli: RealAgent = {
  id: 'gemini-cli',
  install: '@google/gemini-cli@0.61.0',
  protocol: generateContent,
  model: MODEL,
  shellTool: 'run_shell_command',
  tools: (directory) => ({
    write: (path, content) => ['write_file', { file_path: join(directory, path), content }],
    edit: (path, from, to) => [
      'replace',
      { file_path: join(directory, path), instruction: 'Mend it', old_string: from, new_string: to },
    ],
    read: (path) => ['read_file', { file_path: join(directory, path) }],
    shell: (command) => ['run_shell_command', { command, description: 'Run a command' }],
  }),
  find: () => findProgram('gemini'),
  run: (launch) => {
    const folder = join(launch.workplace.home, '.gemini')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings))
    return runProgram(launch, ['-m', MODEL, '--approval-mode', 'yolo', '-o', 'stream-json', '-p', launch.prompt], {
      GEMINI_API_KEY: 'dummy',
      GOOGLE_GEMINI_BASE_URL: launch.modelUrl,
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
    })
  },
}
