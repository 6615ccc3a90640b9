/** On whose behalf a command runs, as the environment tells: which pipeline, which person, which agent around it. */

export interface Circumstances {
  readonly orchestrator?: string
  readonly human?: string
  /** Session that started the command. */
  readonly parent?: string
}

/** Variable that a pipeline sets -> its name; the first that is set. `CI` alone says only that it is one. */
const pipelines: readonly (readonly [string, string])[] = [
  ['GITHUB_ACTIONS', 'GitHub Actions'],
  ['GITLAB_CI', 'GitLab CI'],
  ['BUILDKITE', 'Buildkite'],
  ['CIRCLECI', 'CircleCI'],
  ['JENKINS_URL', 'Jenkins'],
  ['TF_BUILD', 'Azure Pipelines'],
  ['TEAMCITY_VERSION', 'TeamCity'],
  ['CI', 'CI'],
]
const people = ['GITHUB_ACTOR', 'GITLAB_USER_LOGIN', 'BUILDKITE_BUILD_CREATOR', 'BUILD_REQUESTEDFOR']
const sessions: readonly (readonly [string, string])[] = [
  ['CLAUDE_CODE_SESSION_ID', 'claude-code'],
  ['GEMINI_SESSION_ID', 'gemini-cli'],
]

export function circumstancesOf(environment: Readonly<Record<string, string>>): Circumstances {
  const orchestrator = pipelines.find(([name]) => isSet(environment[name]))?.[1]
  const human = orchestrator === undefined ? undefined : people.map((name) => environment[name]).find(isSet)
  const [parent] = sessions.flatMap(([name, agent]) => {
    const id = environment[name]
    return id !== undefined && /^[A-Za-z0-9._-]{1,200}$/.test(id) ? [`${agent}:${id}`] : []
  })
  return {
    ...(orchestrator === undefined ? {} : { orchestrator }),
    ...(human === undefined ? {} : { human: human.slice(0, 200) }),
    ...(parent === undefined ? {} : { parent }),
  }
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0'
}
