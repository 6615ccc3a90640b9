/** Wire shape of setting up GitLab (administrator). */
import { z } from 'zod'
import { SetupStep } from './github-setup.ts'

/** `GET /v1/gitlab/setup` */
export const GitLabSetup = z.object({
  /** Name of the account that writes notes and statuses; null where GitLab does not take the token. */
  account: z.string().nullable(),
  problem: z.string().nullable(),
  webhooks: z.array(
    z.object({
      /** Full path of the group. */
      group: z.string(),
      url: z.string(),
      /** "Secret token" of the webhook; null where GITLAB_WEBHOOK_SECRET is not set. */
      token: z.string().nullable(),
    }),
  ),
  /** Notes and statuses that GitLab refuses, and until when they are tried; empty where all arrive. */
  writes: z.array(SetupStep),
})
export type GitLabSetup = Readonly<z.infer<typeof GitLabSetup>>
