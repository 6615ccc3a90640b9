/** `stemma uninstall`: every file as it was before, byte for byte; edits that people made since are not lost. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { hookedAgents } from '#core/agents/registry.ts'
import type { ExitCode } from '#core/fault.ts'
import type { Context } from '../context.ts'
import { uninstallGitHooks } from '../git-hooks.ts'
import { CONFIGURATION_FILE } from '../io/configuration.ts'
import { isMissing } from '../io/files.ts'
import { readAllDeviceKeys } from '../io/keys.ts'
import { listOutgoing } from '../io/outgoing.ts'
import { findRepository, type Repository } from '../io/repository.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import { planRestoration, type Restoration, restore, showDiff } from '../setup/changes.ts'
import { defineCommand } from './command.ts'

const Parameters = z.object({
  yes: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  purge: z.boolean().default(false),
})

export const uninstall = defineCommand({
  name: 'uninstall',
  summary: 'restore every file as it was before `stemma init`',
  arguments: [],
  options: [
    { flags: '-y, --yes', description: 'do not ask' },
    { flags: '--dry-run', description: 'show what would be done, and do nothing' },
    { flags: '--purge', description: 'also delete evidence that was not sent, receipts, and an edited .stemma.yml' },
  ],
  examples: [{ command: 'stemma uninstall', effect: 'take Stemma out; evidence that was not sent is kept' }],
  parameters: Parameters,
  run: async ({ yes, dryRun, purge }, context) => {
    const repository = await findRepository(context.workingDirectory)
    const files = await planFiles(repository, purge)
    const waiting = (await listOutgoing(repository.stateDirectory)).length
    if (!context.json) say(files, { waiting, purge }, context)
    if (!dryRun && !yes && !context.json && context.terminal.isInteractive) {
      if (!(await context.terminal.confirm('Take Stemma out of this repository?'))) {
        context.terminal.say('nothing was changed')
        return 0
      }
    }
    if (!dryRun) await takeOut(repository, files, purge)
    const hasKey = (await readAllDeviceKeys(context.configurationFolder)).length > 0
    return report({ files, waiting, purge, dryRun, hasKey }, context)
  },
})

interface PlannedFile {
  readonly path: string
  readonly plan: Restoration
}

async function planFiles({ root, stateDirectory }: Repository, purge: boolean): Promise<readonly PlannedFile[]> {
  const files = [
    { path: CONFIGURATION_FILE, withoutOurs: (text: string) => (purge ? null : text) },
    ...hookedAgents.map(({ hookFile }) => ({ path: hookFile.path, withoutOurs: hookFile.uninstall })),
  ]
  return Promise.all(
    files.map(async ({ path, withoutOurs }) => ({
      path,
      plan: await planRestoration(root, stateDirectory, path, withoutOurs),
    })),
  )
}

async function takeOut(repository: Repository, files: readonly PlannedFile[], purge: boolean): Promise<void> {
  await uninstallGitHooks(repository)
  for (const { path, plan } of files) await restore(repository.root, repository.stateDirectory, path, plan)
  await emptyState(repository.stateDirectory, purge)
}

/** Of the local state, unsent evidence, receipts and pushes that are not finished stay, unless all is to go. */
async function emptyState(stateDirectory: string, purge: boolean): Promise<void> {
  if (purge) {
    await rm(stateDirectory, { recursive: true, force: true })
    return
  }
  const kept = ['outgoing', 'receipts', 'pushes']
  try {
    for (const name of await readdir(stateDirectory)) {
      if (!kept.includes(name)) await rm(join(stateDirectory, name), { recursive: true, force: true })
    }
  } catch (problem) {
    if (!isMissing(problem)) throw problem
  }
}

const words: Readonly<Record<Restoration['kind'], string>> = {
  restored: 'restored byte for byte',
  removed: 'removed; it was not there before',
  absent: 'not there',
  untouched: 'left as it is: nothing in it can be told to be Stemma’s',
  edited: 'edited since: only what is Stemma’s is taken out',
}

function say(
  files: readonly PlannedFile[],
  { waiting, purge }: { readonly waiting: number; readonly purge: boolean },
  { terminal }: Context,
): void {
  for (const { path, plan } of files) {
    if (plan.kind === 'absent') continue
    terminal.print(`${plain(path)}: ${words[plan.kind]}`)
    if (plan.kind === 'edited') showDiff(plan.change, terminal)
  }
  terminal.print('Git hooks: removed; hooks that were there before come back')
  if (waiting > 0) {
    terminal.print(`${count(waiting, 'piece')} of evidence not sent: ${purge ? 'deleted (--purge)' : 'kept'}`)
  }
}

function report(
  result: {
    readonly files: readonly PlannedFile[]
    readonly waiting: number
    readonly purge: boolean
    readonly dryRun: boolean
    readonly hasKey: boolean
  },
  { terminal, json, configurationFolder }: Context,
): ExitCode {
  const { files, waiting, purge, dryRun, hasKey } = result
  if (json) {
    const shown = files.map(({ path, plan }) => ({ path, result: plan.kind }))
    terminal.print(
      JSON.stringify({ applied: !dryRun, files: shown, unsent: waiting, purged: purge && !dryRun }, null, 2),
    )
    return 0
  }
  if (dryRun) terminal.say('nothing was changed (--dry-run)')
  else {
    terminal.print(`${terminal.mark('ok')} Stemma is out of this repository`)
    const edited = files
      .filter(({ plan }) => plan.kind === 'edited' || plan.kind === 'untouched')
      .map(({ path }) => path)
    if (edited.length > 0) terminal.print(`  look at ${edited.map(plain).join(', ')} before you commit`)
    terminal.print('  git status   shows what is to be committed')
    if (hasKey) {
      const folder = join(configurationFolder, 'keys')
      terminal.print(`  the keys of this machine stay in ${plain(folder)}, for its other repositories`)
    }
  }
  return 0
}
