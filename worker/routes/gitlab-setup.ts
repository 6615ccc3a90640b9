/** `GET /v1/gitlab/setup`: addresses and tokens of the webhooks, and whether GitLab takes our token. */
import { createRoute } from '@hono/zod-openapi'
import { z } from 'zod'
import { GitLabSetup } from '#core/api/gitlab-setup.ts'
import { isFault } from '#core/fault.ts'
import { forgeOf } from '#core/installation.ts'
import { createRouter } from '../context.ts'
import type { Env } from '../env.ts'
import { askGitLab, readGitLab } from '../gitlab/request.ts'
import { gitLabSettings } from '../gitlab/settings.ts'
import { webhookToken } from '../gitlab/webhook-token.ts'
import { judgeWrites } from '../judge-writes.ts'
import { authenticate, requireAdministrator } from '../middleware/authenticate.ts'
import { openDatabase } from '../store/database.ts'
import { installationsOf } from '../store/installations.ts'
import { waitingWrites } from '../waiting-writes.ts'
import { bearer, credentialProblems, json, problems } from './responses.ts'

const readSetup = createRoute({
  method: 'get',
  path: '/v1/gitlab/setup',
  summary: 'The webhooks of your groups at GitLab, with their secret tokens (administrator)',
  security: bearer,
  middleware: [authenticate, requireAdministrator] as const,
  responses: {
    200: json('What to type at GitLab, and what is missing.', GitLabSetup),
    ...problems(...credentialProblems),
  },
})

export const gitLabSetup = createRouter().openapi(readSetup, async (context) => {
  const { env } = context
  const { organisation } = context.get('principal')
  const groups = (await installationsOf(organisation.id, openDatabase(env.DB))).filter(
    ({ id }) => forgeOf(id) === 'gitlab',
  )
  const secret = env.GITLAB_WEBHOOK_SECRET ?? ''
  const webhooks = await Promise.all(
    groups.map(async ({ id, account }) => ({
      group: account,
      url: `${env.PUBLIC_URL}/webhooks/gitlab/${-id}`,
      token: secret === '' ? null : await webhookToken(secret, -id),
    })),
  )
  const waiting = await waitingWrites(env, organisation.id, 'gitlab')
  const address = env.GITLAB_URL || 'https://gitlab.com'
  const writes = waiting.flatMap((one) => judgeWrites(one, `${address.replace(/\/+$/, '')}/${one.account}`))
  return context.json({ ...(await readAccount(env)), webhooks, writes }, 200)
})

const AccountJson = z.object({ username: z.string() })

/** Whom the token makes us, or why GitLab refuses it. */
async function readAccount(env: Env): Promise<Pick<GitLabSetup, 'account' | 'problem'>> {
  const settings = gitLabSettings(env)
  const missing = (['GITLAB_TOKEN', 'GITLAB_WEBHOOK_SECRET'] as const).filter((name) => !env[name])
  if (settings === null || missing.length > 0) {
    const commands = missing.map((name) => `\`npx wrangler secret put ${name}\``)
    return { account: null, problem: `Not connected: ${commands.join(', ')}.` }
  }
  try {
    const { username } = readGitLab(AccountJson, await askGitLab(settings, { method: 'GET', path: '/user' }))
    return { account: username, problem: null }
  } catch (error) {
    if (!isFault(error)) throw error
    return { account: null, problem: `${error.message}. ${error.hint}` }
  }
}
