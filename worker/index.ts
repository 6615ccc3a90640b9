/** The Worker: requests, queue messages and the clock. */
import { consume } from '#queues/consume.ts'
import { endWaivers } from '#queues/end-waivers.ts'
import { expireTranscripts } from '#queues/expire.ts'
import { requeueForgotten } from '#queues/forgotten.ts'
import { logAttestations } from '#queues/log-attestations.ts'
import { createApp } from './app.ts'
import type { Env } from './env.ts'
import { reconcile } from './reconcile.ts'

export { EvidenceLog } from '#objects/evidence-log.ts'
export { GitHubOutbox } from '#objects/github-outbox.ts'
export { PullRequest } from '#objects/pull-request.ts'
export { Witness } from '#objects/witness.ts'

const app = createApp()

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  queue: (batch, env) => consume(batch, env),
  scheduled: async (controller, env) => {
    const now = new Date(controller.scheduledTime)
    await requeueForgotten(env, now)
    await expireTranscripts(env, now)
    await endWaivers(env, now)
    await logAttestations(env, now)
    await reconcile(env, now)
  },
} satisfies ExportedHandler<Env>
