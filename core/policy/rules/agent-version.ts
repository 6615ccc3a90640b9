import { z } from 'zod'
import { citeSession, doubt, nothingFound, skip } from '../evaluation.ts'
import { definePolicy } from '../policy.ts'

export const agentVersion = definePolicy({
  id: 'agent-version',
  version: 1,
  title: 'Agents are up to date',
  why: 'Old versions of an agent lack fixes of its permission checks and its sandbox.',
  fix: 'Update the agent and start a new session.',
  severity: 'medium',
  evidence: ['session'],
  reads: 'header',
  parameters: z.object({
    minimum: z
      .record(z.string(), z.string().regex(/^\d+(?:\.\d+)*/))
      .default({})
      .describe('Agent id -> the lowest version that may be used.'),
    deny: z.record(z.string(), z.array(z.string())).default({}).describe('Agent id -> versions that may not be used.'),
  }),
  evaluate({ session }, { minimum, deny }) {
    const { id, version } = session.agent
    const least = minimum[id]
    const denied = deny[id] ?? []
    if (least === undefined && denied.length === 0) return skip(`The contract says nothing about versions of ${id}.`)
    if (version === null) return doubt(`The transcript does not record the version of ${id}.`, citeSession(session))
    const isOld = least !== undefined && compareVersions(version, least) < 0
    if (!isOld && !denied.includes(version)) return nothingFound
    const message = isOld
      ? `${id} ${version} is older than ${least}, the lowest version that may be used.`
      : `${id} ${version} may not be used.`
    const fix = `Update ${id}${least === undefined ? '' : ` to ${least} or later`}.`
    const finding = {
      policy: 'agent-version',
      severity: 'medium' as const,
      message,
      fix,
      citations: citeSession(session),
    }
    return { findings: [finding], doubts: [], skipped: null }
  },
  examples: {
    violates: [
      { title: 'an old version', commands: ['ls'], with: { minimum: { 'claude-code': '2.1.10' } } },
      { title: 'a version that is denied', commands: ['ls'], with: { deny: { 'claude-code': ['2.1.0'] } } },
    ],
    passes: [
      { title: 'a version that is new enough', commands: ['ls'], with: { minimum: { 'claude-code': '2.0.99' } } },
      { title: 'no word about this agent', commands: ['ls'] },
    ],
    doubtful: [
      {
        title: 'a version that is not recorded',
        commands: ['ls'],
        session: { agent: { id: 'claude-code', version: null } },
        with: { minimum: { 'claude-code': '2.0.0' } },
      },
    ],
  },
})

/** By their figures; what follows a hyphen is a version before the release. */
function compareVersions(left: string, right: string): number {
  const [leftCore = '', leftRest] = left.replace(/^v/, '').split('-', 2)
  const [rightCore = '', rightRest] = right.replace(/^v/, '').split('-', 2)
  const leftParts = leftCore.split('.').map(Number)
  const rightParts = rightCore.split('.').map(Number)
  for (let index = 0; index < Math.max(leftParts.length, rightParts.length); index++) {
    const difference = (leftParts[index] || 0) - (rightParts[index] || 0)
    if (difference !== 0) return difference
  }
  return Number(leftRest === undefined) - Number(rightRest === undefined)
}
