/** A hooks folder that is the person's own and serves other repositories too: it is run, never written to. */
import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readText, writeDurably } from '../io/files.ts'
import { git, runGit } from '../io/git.ts'
import type { Repository } from '../io/repository.ts'
import { hookNames, hookScript, passingScript } from './script.ts'

/** Hooks of work on a clone. Others (reference-transaction, push-to-checkout) change what git does by being there. */
const PASSED = [
  'applypatch-msg',
  'pre-applypatch',
  'post-applypatch',
  'pre-commit',
  'pre-merge-commit',
  'prepare-commit-msg',
  'pre-rebase',
  'post-checkout',
  'post-merge',
  'pre-auto-gc',
  'sendemail-validate',
]

/** Makes `ours` the hooks folder of this repository; every hook of `folder` keeps running, also one that is added later. */
export async function adoptFolder(
  repository: Repository,
  folder: string,
  ours: string,
  program: string | null,
): Promise<void> {
  const local = await runGit(repository.root, ['config', '--local', '--get', 'core.hooksPath'])
  const value = local.code === 0 ? local.output.toString('utf8').replace(/\n$/, '') : ''
  await mkdir(ours, { recursive: true })
  const present = await readdir(folder).catch(() => [])
  const passed = new Set([...PASSED, ...present.filter((name) => /^[a-z]+(-[a-z]+)*$/.test(name))])
  for (const name of passed) await script(join(ours, name), passingScript(join(folder, name)))
  for (const name of hookNames)
    await script(join(ours, name), hookScript(name, { program, before: join(folder, name) }))
  if (value === ours) return
  // First line: the folder; second: this repository's own setting that we replace, empty where there was none.
  await writeDurably(join(ours, 'replaces'), `${folder}\n${value}\n`)
  await git(repository.root, ['config', '--local', 'core.hooksPath', ours])
}

export async function releaseFolder(repository: Repository, ours: string): Promise<void> {
  const [, value = ''] = ((await readText(join(ours, 'replaces'))) ?? '').split('\n')
  const current = await runGit(repository.root, ['config', '--local', '--get', 'core.hooksPath'])
  if (current.output.toString('utf8').replace(/\n$/, '') === ours) {
    if (value === '') await git(repository.root, ['config', '--local', '--unset', 'core.hooksPath'])
    else await git(repository.root, ['config', '--local', 'core.hooksPath', value])
  }
  await rm(ours, { recursive: true, force: true })
}

async function script(path: string, text: string): Promise<void> {
  await writeDurably(path, text, 0o755)
  await chmod(path, 0o755)
}
