/** Whether the programs that Stemma needs are there, and it itself. */
import { dirname } from 'node:path'
import type { Context } from '../context.ts'
import { launcherPath } from '../git-hooks.ts'
import { runGit } from '../io/git.ts'
import { findProgram } from './detect.ts'
import { type Finding, failed, ok } from './finding.ts'

/** `git worktree list -z` and friends have fallbacks; `--end-of-options` came with 2.24 and is complete in 2.30. */
const OLDEST_GIT = [2, 30] as const
const OLDEST_NODE = 20

export async function checkTools(context: Context): Promise<readonly Finding[]> {
  return [await checkGit(context), checkNode(), await checkProgram(context)]
}

async function checkGit({ workingDirectory }: Context): Promise<Finding> {
  try {
    const { output } = await runGit(dirname(workingDirectory), ['--version'])
    const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(output.toString('utf8')) ?? []
    const isRecent =
      Number(major) > OLDEST_GIT[0] || (Number(major) === OLDEST_GIT[0] && Number(minor) >= OLDEST_GIT[1])
    const detail = `${major}.${minor}`
    return isRecent
      ? ok('git', detail)
      : failed('git', `${detail} is too old`, `install git ${OLDEST_GIT.join('.')} or newer`)
  } catch (problem) {
    return failed('git', problem instanceof Error ? problem.message : String(problem), 'install git')
  }
}

function checkNode(): Finding {
  const { node } = process.versions
  return Number(node.split('.')[0]) >= OLDEST_NODE
    ? ok('node', node)
    : failed('node', `${node} is too old`, `install Node.js ${OLDEST_NODE} or newer`)
}

async function checkProgram({ environment }: Context): Promise<Finding> {
  const path = await findProgram('stemma', environment)
  if (path !== null) return ok('stemma on PATH', path)
  const launcher = launcherPath()
  const fix = launcher === null ? 'npm install -g stemma' : `export PATH="${dirname(launcher)}:$PATH"`
  return failed('stemma on PATH', 'not found, so agents cannot call it', fix)
}
