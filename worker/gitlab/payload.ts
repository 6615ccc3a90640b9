/** What Stemma reads of GitLab's webhooks, in the words of worker/github/payload.ts: `ForgeEvent`. */
import { z } from 'zod'
import { installationId, isWithin } from '#core/installation.ts'

const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
const project = z.object({ id: z.int().positive(), path_with_namespace: z.string().max(300) })

const MergeRequestHook = z.object({
  object_kind: z.literal('merge_request'),
  project,
  object_attributes: z.object({
    iid: z.int().positive(),
    action: z.string().optional(),
    /** There where commits were pushed. */
    oldrev: z.string().optional(),
  }),
})

const PushHook = z.object({ object_kind: z.literal('push'), project, ref: z.string().max(1_000), after: sha })

const NoteHook = z.object({
  object_kind: z.literal('note'),
  project,
  object_attributes: z.object({ note: z.string(), noteable_type: z.string(), action: z.string().optional() }),
  merge_request: z.object({ iid: z.int().positive(), last_commit: z.object({ id: sha }) }).nullish(),
})

/** GitLab has no buttons on a status; these lines in a note are as good. */
const asks: Readonly<Record<string, 'check-rerequested' | 'evaluation-requested'>> = {
  'stemma: run again': 'check-rerequested',
  'stemma: evaluate again': 'evaluation-requested',
}

const actions: Readonly<Record<string, 'opened' | 'reopened' | 'closed'>> = {
  open: 'opened',
  reopen: 'reopened',
  close: 'closed',
  merge: 'closed',
}

type Outcome =
  | { readonly read: 'event'; readonly event: GitLabEvent }
  | { readonly read: 'ignored'; readonly reason: string }
  | { readonly read: 'malformed'; readonly reason: string }

/** The members of `ForgeEvent` that GitLab gives rise to. */
type GitLabEvent =
  | (Place & {
      readonly kind: 'pull-request'
      readonly number: number
      readonly action: 'opened' | 'reopened' | 'closed' | 'synchronize' | 'edited'
    })
  | (Place & { readonly kind: 'push'; readonly branch: string; readonly head: string })
  | (Place & {
      readonly kind: 'check-rerequested' | 'evaluation-requested'
      readonly head: string
      readonly app: null
      readonly numbers: number[]
    })

interface Place {
  readonly installation: number
  readonly repository: string
  readonly repositoryId: number
}

/** `name`: the value of `X-Gitlab-Event`. `account`: full path of the group whose token came along. */
export function readGitLabPayload(
  name: string,
  json: unknown,
  { group, account }: { readonly group: number; readonly account: string },
): Outcome {
  const place = ({ id: repositoryId, path_with_namespace: repository }: z.infer<typeof project>): Place | null =>
    isWithin(account, repository) ? { installation: installationId('gitlab', group), repository, repositoryId } : null
  const reading = <T extends { readonly project: z.infer<typeof project> }>(
    schema: z.ZodType<T>,
    decide: (payload: T, at: Place) => Outcome,
  ): Outcome => {
    const parsed = schema.safeParse(json)
    if (!parsed.success) return { read: 'malformed', reason: z.prettifyError(parsed.error).slice(0, 1_000) }
    const found = place(parsed.data.project)
    return found === null ? ignored(`the project is not in the group ${account}`) : decide(parsed.data, found)
  }
  switch (name) {
    case 'Merge Request Hook':
      return reading(MergeRequestHook, ({ object_attributes: { iid: number, action = '', oldrev } }, at) => {
        const known = action === 'update' ? (oldrev === undefined ? 'edited' : 'synchronize') : actions[action]
        if (known === undefined)
          return ignored(`merge_request.${action.slice(0, 60)} changes nothing that Stemma shows`)
        return { read: 'event', event: { kind: 'pull-request', ...at, number, action: known } }
      })
    case 'Push Hook':
      return reading(PushHook, ({ ref, after }, at) => {
        const branch = /^refs\/heads\/(.+)$/s.exec(ref)?.[1]
        if (branch === undefined) return ignored('what was pushed is no branch')
        if (/^0+$/.test(after)) return ignored('a deleted branch has no head')
        return { read: 'event', event: { kind: 'push', ...at, branch, head: after } }
      })
    case 'Note Hook':
      return reading(NoteHook, ({ object_attributes: note, merge_request: request }, at) => {
        if (note.noteable_type !== 'MergeRequest' || !request) return ignored('the note is about no merge request')
        const text = note.note.trim()
        const kind = Object.hasOwn(asks, text) ? asks[text] : undefined
        if (note.action === 'update' || kind === undefined) return ignored('the note asks for nothing')
        const { iid, last_commit: last } = request
        return { read: 'event', event: { kind, ...at, head: last.id, app: null, numbers: [iid] } }
      })
    default:
      return ignored(`Stemma does not act on ${name.slice(0, 60)}`)
  }
}

function ignored(reason: string): Outcome {
  return { read: 'ignored', reason }
}
