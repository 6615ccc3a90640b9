/** Where an agent itself keeps hooks from running, silently: what `stemma doctor` says about it. */
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { codexEvents } from '#core/agents/codex/hook-file.ts'
import { codex } from '#core/agents/codex/index.ts'
import { geminiCli } from '#core/agents/gemini-cli/index.ts'
import { asObject, objectIn, textIn } from '#core/agents/json-value.ts'
import type { Context } from '../context.ts'
import { readProjectText } from '../io/files.ts'
import type { Repository } from '../io/repository.ts'
import { type Finding, warning } from './finding.ts'

/** null where Codex's hooks are not installed here, of which another check tells. */
export async function checkCodexTrust(
  { root }: Pick<Repository, 'root'>,
  { home, environment }: Pick<Context, 'home' | 'environment'>,
): Promise<Finding | null> {
  const name = 'trust of Codex CLI'
  const file = join(root, codex.hookFile.path)
  const installed = await readProjectText(file)
  if (installed === null || !codex.hookFile.isInstalled(installed)) return null
  const path = join(environment['CODEX_HOME'] || join(home, '.codex'), 'config.toml')
  const settings = readToml(await readProjectText(path))
  if (settings === null) return warning(name, `${path} cannot be read`, `repair ${path}`)
  const trusted = textIn(objectIn(objectIn(settings, 'projects'), root), 'trust_level')
  if (trusted !== 'trusted') {
    return warning(
      name,
      'Codex does not trust this folder, so it skips our hooks without a word',
      'start `codex` here, trust the folder, then approve the hooks with `/hooks`',
    )
  }
  const state = objectIn(objectIn(settings, 'hooks'), 'state')
  const events = codexEvents
  const waiting = events.filter((event) => !isApproved(state, `${file}:${snakeCase(event)}:`))
  if (waiting.length === 0) return { name, state: 'ok', detail: 'approved', fix: null, repair: null }
  const which = waiting.length === events.length ? 'no hook is approved' : `not approved: ${waiting.join(', ')}`
  return warning(
    name,
    `${which}, and Codex skips such hooks without a word; sessions are found at push all the same`,
    'start `codex` here and approve them with `/hooks`',
  )
}

/** Codex names a hook `<file>:<event>:<group>:<hook>`, and keeps beside the name what was approved. */
function isApproved(state: ReturnType<typeof objectIn>, prefix: string): boolean {
  return Object.keys(state ?? {}).some((key) => {
    const entry = key.startsWith(prefix) ? objectIn(state, key) : null
    return textIn(entry, 'trusted_hash') !== null && entry?.['enabled'] !== false
  })
}

function snakeCase(event: string): string {
  return event.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
}

function readToml(text: string | null) {
  try {
    return asObject(parse(text ?? ''))
  } catch {
    return null
  }
}

/** null where Gemini CLI is not set up here. */
export async function checkGeminiShell(
  { root }: Pick<Repository, 'root'>,
  { environment }: Pick<Context, 'environment'>,
): Promise<Finding | null> {
  const name = 'Git hooks in Gemini CLI'
  if ((await readProjectText(join(root, geminiCli.hookFile.path))) === null) return null
  if (hooksAreOff(environment)) {
    return warning(
      name,
      'this shell has core.hooksPath="", so commits made in it carry no trailer and a push from it sends nothing',
      'commit and push from a shell of your own, or run `stemma push` after it',
    )
  }
  return warning(
    name,
    'its shell sets core.hooksPath="": commits that it makes carry no trailer, and a push from inside it sends nothing',
    'push from a shell of your own, or run `stemma push RANGE` afterwards; lines are attributed all the same',
  )
}

/** As git reads settings from the environment. */
function hooksAreOff(environment: Readonly<Record<string, string>>): boolean {
  const count = Math.min(Number(environment['GIT_CONFIG_COUNT'] ?? 0) || 0, 100)
  return Array.from({ length: count }, (_, index) => index).some(
    (index) =>
      environment[`GIT_CONFIG_KEY_${index}`]?.toLowerCase() === 'core.hookspath' &&
      environment[`GIT_CONFIG_VALUE_${index}`] === '',
  )
}
