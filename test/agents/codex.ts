import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { responses } from './protocols/responses.ts'
import { findProgram, type Launch, type RealAgent, type Run, runProgram } from './real-agent.ts'

/** A model that Codex knows gets the freeform patch tool. */
const MODEL = 'gpt-5.5'

export const codex: RealAgent = {
  id: 'codex',
  install: '@openai/codex@0.169.0',
  protocol: responses,
  model: MODEL,
  shellTool: 'exec_command',
  tools: () => ({
    write: (path, content) => ['apply_patch', patch(`*** Add File: ${path}`, ...signed('+', content.trimEnd()))],
    edit: (path, from, to) => [
      'apply_patch',
      patch(`*** Update File: ${path}`, '@@', ...signed('-', from), ...signed('+', to)),
    ],
    read: (path) => ['exec_command', { cmd: `cat ${path}` }],
    shell: (command) => ['exec_command', { cmd: command }],
  }),
  find: () => findProgram('codex'),
  // Nobody is there to approve hooks.
  run: (launch) => runCodex(launch, ['--dangerously-bypass-hook-trust']),
  // Not approved, hooks are skipped without a word.
  runWithoutHooks: (launch) => runCodex(launch, []),
}

function patch(...lines: readonly string[]): string {
  return ['*** Begin Patch', ...lines, '*** End Patch'].join('\n')
}

function signed(sign: string, text: string): readonly string[] {
  return text.split('\n').map((line) => `${sign}${line}`)
}

function runCodex(launch: Launch, options: readonly string[]): Promise<Run> {
  const { workplace, modelUrl } = launch
  const home = join(workplace.home, '.codex')
  mkdirSync(home, { recursive: true })
  writeFileSync(
    join(home, 'config.toml'),
    `model = "${MODEL}"
model_provider = "scripted"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.scripted]
name = "scripted"
base_url = "${modelUrl}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
request_max_retries = 0
stream_max_retries = 0

[projects."${workplace.directory}"]
trust_level = "trusted"
`,
  )
  return runProgram(launch, ['exec', '--json', ...options, launch.prompt], { CODEX_HOME: home, SCRIPTED_KEY: 'dummy' })
}
