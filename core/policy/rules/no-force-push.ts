import { z } from 'zod'
import { type GitPush, gitPushes } from '../../session/git-push.ts'
import { globMatcher } from '../../session/globs.ts'
import type { Sighting } from '../../session/sighting.ts'
import { judgeSightings } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'
import { deniedShellEvents } from '../subject.ts'

const words = {
  policy: 'no-force-push',
  severity: 'medium',
  fix: 'Push a new commit instead, and squash when the pull request is merged.',
} as const

export const noForcePush = definePolicy({
  id: 'no-force-push',
  version: 1,
  title: 'Pushed history stays',
  why: 'Rewritten history takes reviewed commits, their checks and their evidence away, and others’ work with them.',
  fix: words.fix,
  severity: words.severity,
  evidence: ['transcript'],
  guards: true,
  parameters: z.object({
    allowLease: z
      .boolean()
      .default(false)
      .describe('`--force-with-lease`, which overwrites only what was seen before, is allowed.'),
    branches: z.array(z.string().min(1)).default(['**']).describe('Globs of branches whose history stays.'),
    except: z.array(z.string().min(1)).default([]).describe('Globs of branches that may be rewritten.'),
  }),
  evaluate({ session }, { allowLease, branches, except }) {
    const counts = globMatcher(branches, { dot: true, ignore: except })
    // A pattern for all branches leaves nothing to ask of a push that names none.
    const isEvery = branches.includes('**') && except.length === 0
    const sightings = gitPushes(session).flatMap((push): Sighting[] => {
      const certainty = see(push, { allowLease, counts, isEvery })
      if (certainty === null) return []
      const { text, events, denied } = push
      return [{ certainty, message: `\`${text}\` ${messages[certainty]}`, text, events, denied }]
    })
    return judgeSightings(sightings, words)
  },
  examples: {
    violates: [
      {
        title: 'a forced push',
        commands: ['git push --force', 'git push -f origin fix/parse', 'git push origin +HEAD:main'],
      },
      { title: 'with a lease', commands: ['git push --force-with-lease origin fix/parse'] },
      { title: 'a branch taken away', commands: ['git push origin --delete release/1', 'git push origin :main'] },
      { title: 'everything mirrored', commands: ['git push --mirror backup'] },
    ],
    passes: [
      { title: 'an ordinary push', commands: ['git push', 'git push -u origin fix/parse', 'git push --tags'] },
      { title: 'a rehearsal', commands: ['git push --force --dry-run'] },
      {
        title: 'a lease, where that is allowed',
        commands: ['git push --force-with-lease'],
        with: { allowLease: true },
      },
      { title: 'a branch that may be rewritten', commands: ['git push -f origin wip/a'], with: { except: ['wip/*'] } },
      { title: 'an attempt that was denied', events: deniedShellEvents('d1', 'git push --force') },
    ],
    doubtful: [
      { title: 'options that are computed', commands: ['git push $PUSH_FLAGS origin main'] },
      { title: 'a branch that is computed', commands: ['git push -f origin "$BRANCH"'], with: { except: ['wip/*'] } },
    ],
  },
})

const messages = {
  certain: 'overwrites or takes away what was pushed before',
  doubt: 'may overwrite what was pushed before; what decides is computed at run time or not named',
}

interface Rules {
  readonly allowLease: boolean
  readonly counts: (branch: string) => boolean
  readonly isEvery: boolean
}

function see(push: GitPush, { allowLease, counts, isEvery }: Rules): Sighting['certainty'] | null {
  if (push.mode === 'plain') return push.isOpen ? 'doubt' : null
  if (push.mode === 'lease' && allowLease) return null
  if (push.mode === 'mirror' || isEvery) return 'certain'
  if (push.branches.some((branch) => branch !== null && branch !== 'HEAD' && counts(branch))) return 'certain'
  const isUnnamed = push.branches.length === 0 || push.branches.some((branch) => branch === null || branch === 'HEAD')
  return isUnnamed ? 'doubt' : null
}
