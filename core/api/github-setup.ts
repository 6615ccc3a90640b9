/** Wire shapes of setting up the GitHub App (administrator). */
import { z } from 'zod'

/** One thing that was looked at: how it is, and what to do about it. */
export const SetupStep = z.object({
  /** `unknown`: GitHub does not let the App see it. */
  state: z.enum(['done', 'missing', 'unknown']),
  subject: z.string(),
  text: z.string(),
  /** What to click or type next; null where nothing is to be done. */
  next: z.object({ kind: z.enum(['link', 'command']), text: z.string(), target: z.string() }).nullable(),
})
export type SetupStep = Readonly<z.infer<typeof SetupStep>>

/** A context that rulesets can require. */
export const SetupCheck = z.object({
  /** Exactly as it is typed into a ruleset. */
  context: z.string(),
  /** Id of the framework, for `checks` of the contract; null: the check of the whole contract. */
  framework: z.string().nullable(),
  /** Where the contracts in force ask for it. */
  on: z.enum(['everywhere', 'somewhere', 'nowhere']),
  /** Repositories of those whose rules were `read` that require it from this App, and from any or another source. */
  pinned: z.int().nonnegative(),
  unpinned: z.int().nonnegative(),
  read: z.int().nonnegative(),
})
export type SetupCheck = Readonly<z.infer<typeof SetupCheck>>

/** `GET /v1/github/setup` */
export const GitHubSetup = z.object({
  steps: z.array(SetupStep),
  /** The check of the contract first, then one for each framework. */
  checks: z.array(SetupCheck),
  /** What a ruleset calls the source of the checks (`integration_id` is the id); null while there is no App. */
  source: z.object({ slug: z.string(), id: z.string() }).nullable(),
  /** Posted as a form from the browser to `action`, with `?state=` of the browser's own making. */
  registration: z.object({
    action: z.string(),
    /** `{organisation}` stands for the account's name. */
    organisationAction: z.string(),
    /** JSON text, the form's field `manifest`. */
    manifest: z.string(),
  }),
})
export type GitHubSetup = Readonly<z.infer<typeof GitHubSetup>>

/** `POST /v1/github/app-registrations`: the code that GitHub sent the browser back with. */
export const AppRegistration = z.object({ code: z.string().regex(/^[A-Za-z0-9_-]{1,200}$/) })

/** Shown once; this deployment keeps nothing of it. */
export const RegisteredApp = z.object({
  id: z.int(),
  slug: z.string(),
  page: z.string(),
  installPage: z.string(),
  /** Name of the Worker's secret, in the order in which they are typed. */
  secrets: z.array(z.object({ name: z.string(), value: z.string(), command: z.string() })),
})
export type RegisteredApp = Readonly<z.infer<typeof RegisteredApp>>
