/** The contexts that rulesets may require: which of them are on, which are required, and from whom. No network, no clock. */
import type { SetupCheck, SetupStep } from '#core/api/github-setup.ts'
import type { Framework } from '#core/framework/framework.ts'
import { type FrameworkCheck, frameworkChecks } from '#core/report/framework-check.ts'
import { CHECK_NAME } from '#core/report/pending-check.ts'
import type { RepositoryState } from './setup-state.ts'

export interface ObservedChecks {
  readonly appId: string | null
  /** Those whose rules were read; one that could not be read says so. */
  readonly repositories: readonly RepositoryState[]
  readonly frameworks: readonly Framework<string>[]
  /** What the contract in force asks for, by repository; of null what holds for those that it does not name. */
  readonly checksIn: (repository: string | null) => readonly FrameworkCheck[]
}

/** The contract's own first, then those of frameworks as the registry lists them. */
export function listChecks(observed: ObservedChecks): readonly SetupCheck[] {
  const { frameworks, repositories, checksIn } = observed
  const places = [null, ...repositories.map(({ name }) => name)]
  const own: SetupCheck = { context: CHECK_NAME, framework: null, on: 'everywhere', ...rulesOn(CHECK_NAME, observed) }
  const others = frameworks.flatMap((framework): readonly SetupCheck[] => {
    const standing = places.flatMap((place) => checksIn(place).filter((check) => check.framework.id === framework.id))
    const [first = frameworkChecks({ checks: [framework.id] }, frameworks)[0]] = standing
    if (first === undefined) return []
    const on = standing.length === 0 ? 'nowhere' : standing.length === places.length ? 'everywhere' : 'somewhere'
    return [{ context: first.name, framework: framework.id, on, ...rulesOn(first.name, observed) }]
  })
  return [own, ...others]
}

function rulesOn(context: string, { repositories, appId }: ObservedChecks) {
  const read = repositories.filter(({ problem }) => problem === null)
  const sources = read.map(({ requiredFrom, requiredBeside }) =>
    context === CHECK_NAME
      ? requiredFrom
      : requiredBeside.filter((rule) => rule.context === context).map(({ source }) => source),
  )
  const isPinned = (own: readonly (number | null)[]) => own.some((source) => String(source) === appId)
  return {
    pinned: sources.filter(isPinned).length,
    unpinned: sources.filter((own) => own.length > 0 && !isPinned(own)).length,
    read: read.length,
  }
}

/** What is wrong with the rules about checks of frameworks; that none is required is no fault. */
export function judgeFrameworkRules({ repositories, checksIn, appId }: ObservedChecks): readonly SetupStep[] {
  return repositories.flatMap(({ name, page, branch, requiredBeside }) => {
    const on = checksIn(name).map((check) => check.name)
    const step = (text: string, next: string): SetupStep => {
      const target = `${page}/settings/rules`
      return { state: 'missing', subject: `Rules of ${name}`, text, next: { kind: 'link', text: next, target } }
    }
    const contexts = [...new Set(requiredBeside.map(({ context }) => context))]
    return contexts.flatMap((context): readonly SetupStep[] => {
      const shown = JSON.stringify(context.slice(0, 100))
      if (!on.includes(context)) {
        const text = `The check ${shown} is required on ${branch}, and no contract asks for it: pull requests wait for it for ever.`
        return [step(text, 'Take it out of the rules, or name its framework under `checks` of the contract')]
      }
      const isPinned = requiredBeside.some((rule) => rule.context === context && String(rule.source) === appId)
      if (isPinned) return []
      const text = `The check ${shown} is required on ${branch}, not from this App: whoever may write can post one of this name.`
      return [step(text, 'Choose this App as the source of the check')]
    })
  })
}
