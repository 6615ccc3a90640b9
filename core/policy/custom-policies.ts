/** Custom policies -> policies like those of the catalogue: compiled once, and an error where they cannot be. */
import { type CustomPolicy, parametersSchema } from './custom-policy.ts'
import type { Policy, Subject } from './policy.ts'
import { type RegoPolicy, regoPolicy } from './rego-policy.ts'

/** Compiling is bounded as well, but costs far more than judging; these are the texts of some organisations. */
const MAX_COMPILED = 200
/** A quarter of the evaluator's own: an organisation may have fifty of them, and each judges every session. */
const BUDGET = { steps: 500_000 } as const

/** By the whole definition, so that what is found is what would be compiled: organisations can share nothing but speed. */
const compiled = new Map<string, RegoPolicy>()

/** Never throws for any text. */
export function compileCustomPolicy(definition: CustomPolicy): RegoPolicy {
  const key = JSON.stringify(definition)
  const known = compiled.get(key)
  if (known !== undefined) return known
  const { id, version, title, why, fix, severity, language, file, rego, evidence, parameters } = definition
  const made = regoPolicy({
    ...{ id, version, title, why, fix, severity, language, file, text: rego, budget: BUDGET },
    parameters: parametersSchema(parameters),
    ...(evidence.includes('transcript') ? {} : { reads: 'header' }),
  })
  const policy = 'policy' in made ? { policy: onlyWith(evidence, made.policy) } : made
  const [oldest] = compiled.keys()
  if (compiled.size >= MAX_COMPILED && oldest !== undefined) compiled.delete(oldest)
  compiled.set(key, policy)
  return policy
}

/** The catalogue with the organisation's own; what no longer compiles judges everything as an error. */
export function withCustomPolicies(
  registry: readonly Policy[],
  custom: readonly CustomPolicy[] = [],
): readonly Policy[] {
  return custom.length === 0 ? registry : [...registry, ...custom.map(policyOfCustom)]
}

export function policyOfCustom(definition: CustomPolicy): Policy {
  const made = compileCustomPolicy(definition)
  if ('policy' in made) return made.policy
  const { id, version, title, why, fix, severity, evidence, parameters } = definition
  const [problem] = made.problems
  return {
    ...{ id, version, title, why, fix, severity, evidence, parameters: parametersSchema(parameters) },
    evaluate: () => {
      throw new Error(`${problem?.file}:${problem?.line}:${problem?.column}: ${problem?.message}`)
    },
    examples: { violates: [], passes: [] },
  }
}

function onlyWith(evidence: CustomPolicy['evidence'], policy: Policy): Policy {
  return {
    ...policy,
    evidence,
    // A session alone skips it; on the pull request it is judged as well, with all that the forge can tell: what of it the
    // text looks at is not known.
    ...(evidence.includes('pullRequest') ? aboutPullRequests : {}),
    evaluate: (subject, parameters) => {
      const missing = missingIn(evidence, subject)
      return missing === null ? policy.evaluate(subject, parameters) : { findings: [], doubts: [], skipped: missing }
    },
  }
}

const aboutPullRequests = { onPullRequest: 'beside', asksForge: ['reviews', 'files', 'signatures'] } as const

function missingIn(
  evidence: CustomPolicy['evidence'],
  { commits, configuration, pullRequest }: Subject,
): string | null {
  if (evidence.includes('pullRequest') && !pullRequest) return 'It is about pull requests, and this is none.'
  if (evidence.includes('configuration') && !configuration) return 'Nobody collected the configuration of the agent.'
  if (evidence.includes('commits') && commits.length === 0) return 'The session contributed to no commit.'
  return null
}
