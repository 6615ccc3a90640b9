/** Writes to a forge that do not arrive, in words: locked conversations, missing permissions, commits that are gone. */
import type { SetupStep } from '#core/api/github-setup.ts'

export interface WaitingWrites {
  /** Name of the installation's account or group. */
  readonly account: string
  readonly writes: readonly {
    /** `check owner/name SHA NAME`, `comment owner/name#7` */
    readonly key: string
    readonly attempts: number
    /** RFC 3339 UTC; null where it is given up. */
    readonly dueAt: string | null
    readonly error: string | null
    readonly isStuck: boolean
  }[]
}

/** Empty where everything arrives. `page`: where a person looks first. */
export function judgeWrites({ account, writes }: WaitingWrites, page: string): readonly SetupStep[] {
  const stuck = writes.filter(({ isStuck, dueAt }) => isStuck && dueAt !== null)
  const refused = writes.filter(({ dueAt }) => dueAt === null)
  const step = (text: string, next: string): SetupStep => ({
    state: 'missing',
    subject: `Writes to ${account}`,
    text,
    next: { kind: 'link', text: next, target: page },
  })
  return [
    ...(stuck.length === 0
      ? []
      : [
          step(
            `${count(stuck)} ${stuck.length === 1 ? 'after' : 'after up to'} ${most(stuck)} attempts, and tried again each hour. ${saidOf(stuck)}`,
            'See what was refused: unlock the conversation, or grant what is missing',
          ),
        ]),
    ...(refused.length === 0
      ? []
      : [
          step(
            `${count(refused)} for good, until the next push or "Re-run". ${saidOf(refused)}`,
            'See whether the repository can still be reached',
          ),
        ]),
  ]
}

type Writes = WaitingWrites['writes']

function count({ length }: Writes): string {
  return length === 1 ? '1 write is refused' : `${length} writes are refused`
}

function most(writes: Writes): number {
  return Math.max(...writes.map(({ attempts }) => attempts))
}

/** Keys and the forge's words are hostile: they are shown as text by who renders the step. */
function saidOf([first]: Writes): string {
  return first === undefined ? '' : `${first.key.slice(0, 200)}: ${(first.error ?? 'no answer').slice(0, 300)}`
}
