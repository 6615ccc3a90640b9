/** The one GraphQL mutation that Stemma uses: `minimizeComment`. */
import type { Hono } from 'hono'
import type { Context } from '../context.ts'
import { type RateLimits, rateHeaders } from '../rate-limit.ts'
import { Refusal, refusalBody } from '../refusal.ts'
import { repositoryById } from '../state.ts'
import { grants, reaches, requireToken } from '../tokens.ts'

const classifiers = new Set(['SPAM', 'ABUSE', 'OFF_TOPIC', 'OUTDATED', 'DUPLICATE', 'RESOLVED', 'LOW_QUALITY'])
const DOCUMENTATION = 'https://docs.github.com/graphql'

interface GraphqlProblem {
  readonly type?: string
  readonly path?: readonly string[]
  readonly message: string
}

const problem = (message: string, type?: string): { errors: GraphqlProblem[] } => ({
  errors: [{ ...(type === undefined ? {} : { type, path: ['minimizeComment'] }), message }],
})

/** Reads `minimizeComment(input: …)` with the input inline or as a variable. */
function inputOf(
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | null {
  const found = /minimizeComment\s*\(\s*input\s*:\s*(\$\w+|\{[^}]*\})\s*\)/.exec(query)?.[1]
  if (found === undefined) return null
  if (found.startsWith('$')) {
    const value = variables[found.slice(1)]
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : null
  }
  const fields = [...found.matchAll(/(\w+)\s*:\s*(\$\w+|"(?:[^"\\]|\\.)*"|\w+)/g)]
  return Object.fromEntries(
    fields.map(([, name = '', value = '']): [string, unknown] => {
      if (value.startsWith('$')) return [name, variables[value.slice(1)]]
      return [name, value.startsWith('"') ? JSON.parse(value) : value]
    }),
  )
}

function minimize(context: Context, request: Request, input: Readonly<Record<string, unknown>>): unknown {
  const token = requireToken(context, request)
  const { subjectId, classifier, clientMutationId = null } = input
  if (typeof classifier !== 'string' || !classifiers.has(classifier))
    return problem(`Argument 'classifier' on InputObject 'MinimizeCommentInput' has an invalid value (${classifier}).`)
  const comment = context.state.comments.find(({ nodeId }) => nodeId === subjectId)
  const isReached =
    comment !== undefined && reaches(context, token, repositoryById(context.state, comment.repositoryId))
  if (comment === undefined || !isReached)
    return problem(`Could not resolve to a node with the global id of '${subjectId}'`, 'NOT_FOUND')
  if (!grants(token.permissions, { permissions: ['pull_requests', 'issues'], level: 'write' }))
    return problem('Resource not accessible by integration', 'FORBIDDEN')
  comment.minimizedReason = classifier.toLowerCase().replace('_', '-')
  context.changed()
  const minimizedComment = { id: comment.nodeId, isMinimized: true, minimizedReason: comment.minimizedReason }
  return { data: { minimizeComment: { clientMutationId, minimizedComment } } }
}

export function graphqlRoute(app: Hono, context: Context, rates: RateLimits): void {
  app.post('/graphql', async ({ req }) => {
    try {
      const { installationId } = requireToken(context, req.raw)
      const caller = `installation ID ${installationId}`
      rates.count(caller, 'POST')
      const body = await req.json<{ query?: string; variables?: Record<string, unknown> }>()
      const input = inputOf(body.query ?? '', body.variables ?? {})
      if (input === null)
        context.state.violations.push({
          direction: 'request',
          operation: 'POST /graphql',
          problems: ['Only minimizeComment(input: …) is known.'],
        })
      const answer = input === null ? problem('Parse error on the query.') : minimize(context, req.raw, input)
      return Response.json(answer, {
        headers: { ...rateHeaders(rates.state(caller)), 'x-ratelimit-resource': 'graphql' },
      })
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      return Response.json(refusalBody(cause, DOCUMENTATION), { status: cause.status, headers: cause.headers })
    }
  })
}
