/** Speaks to the API; the session cookie goes along. */
import type { Me } from '#core/api/account.ts'
import type { ConfigurationDrift, ConfigurationPage, ConfigurationView } from '#core/api/configurations.ts'
import type {
  AttestationPage,
  AttestationRequest,
  AttestationView,
  FrameworkList,
  PostureView,
} from '#core/api/frameworks.ts'
import type { GitHubSetup, RegisteredApp } from '#core/api/github-setup.ts'
import type { ProblemDetails } from '#core/api/problem.ts'
import type { PullRequestRow, PullRequestView } from '#core/api/pull-requests.ts'
import type { TranscriptErased, TranscriptReadPage } from '#core/api/retention.ts'
import type { EventPage, SessionPage, SessionView } from '#core/api/sessions.ts'
import type { VerdictHistory } from '#core/api/verdicts.ts'
import type { Overview } from '#core/metrics/overview.ts'
import type { Waiver } from '#core/policy/waiver.ts'

export class ApiProblem extends Error {
  readonly code: string
  readonly status: number
  readonly hint: string

  constructor({ detail, code, status, hint }: Pick<ProblemDetails, 'detail' | 'code' | 'status' | 'hint'>) {
    super(detail)
    this.name = 'ApiProblem'
    this.code = code
    this.status = status
    this.hint = hint
  }
}

type Query = Readonly<Record<string, string | number | null | undefined>>

const read = <Answer>(path: string, query: Query = {}): Promise<Answer> => ask('GET', path, query)

async function ask<Answer>(method: 'GET' | 'DELETE', path: string, query: Query = {}): Promise<Answer> {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value))
  }
  const suffix = parameters.size > 0 ? `?${parameters}` : ''
  const response = await fetch(`${path}${suffix}`, { method, headers: { accept: 'application/json' } }).catch(
    () => null,
  )
  if (response === null) {
    throw new ApiProblem({
      detail: 'The server does not answer.',
      code: 'server-unreachable',
      status: 503,
      hint: 'Check the connection and reload the page.',
    })
  }
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new ApiProblem(problemOf(body, response.status))
  return body as Answer
}

function problemOf(body: unknown, status: number): Pick<ProblemDetails, 'detail' | 'code' | 'status' | 'hint'> {
  const problem = (body ?? {}) as Partial<ProblemDetails>
  return {
    detail: problem.detail ?? `The server answered ${status}.`,
    code: problem.code ?? 'internal',
    status,
    hint: problem.hint ?? 'Reload the page.',
  }
}

export const readMe = (): Promise<Me> => read('/v1/me')
export const readOverview = (query: Query): Promise<Overview> => read('/v1/metrics/overview', query)
export const readSessions = (query: Query): Promise<SessionPage> => read('/v1/sessions', query)
export const readSession = (id: string): Promise<SessionView> => read(`/v1/sessions/${encodeURIComponent(id)}`)
export const readEvents = (id: string, cursor: string | null): Promise<EventPage> =>
  read(`/v1/sessions/${encodeURIComponent(id)}/events`, { cursor, limit: 200 })
export const readVerdictHistory = (id: string): Promise<VerdictHistory> =>
  read(`/v1/sessions/${encodeURIComponent(id)}/verdict-history`)
export const eraseTranscript = (id: string): Promise<TranscriptErased> =>
  ask('DELETE', `/v1/sessions/${encodeURIComponent(id)}/transcript`)
export const readTranscriptReads = (query: Query): Promise<TranscriptReadPage> => read('/v1/transcript-reads', query)
export const readPullRequests = (query: Query): Promise<{ items: PullRequestRow[]; next: string | null }> =>
  read('/v1/pull-requests', query)
export const readPullRequest = (repository: string, number: string): Promise<PullRequestView> =>
  read(`/v1/pull-requests/${repository.split('/').map(encodeURIComponent).join('/')}/${number}`)

export const readConfigurations = (query: Query): Promise<ConfigurationPage> => read('/v1/configurations', query)
export const readConfiguration = (id: string): Promise<ConfigurationView> =>
  read(`/v1/configurations/${encodeURIComponent(id)}`)
export const readDrift = (id: string): Promise<ConfigurationDrift> =>
  read(`/v1/configurations/${encodeURIComponent(id)}/drift`)

export const readFrameworks = (): Promise<FrameworkList> => read('/v1/frameworks')
export const readPosture = (id: string, query: Query): Promise<PostureView> =>
  read(`/v1/frameworks/${encodeURIComponent(id)}/posture`, query)
export const readAttestations = (query: Query): Promise<AttestationPage> => read('/v1/attestations', query)
export const revokeAttestation = (id: string): Promise<AttestationView> =>
  ask('DELETE', `/v1/attestations/${encodeURIComponent(id)}`)
export const attest = (attestation: AttestationRequest): Promise<AttestationView> =>
  send('/v1/attestations', attestation)

export const readWaivers = (query: Query): Promise<{ items: Waiver[]; next: string | null }> =>
  read('/v1/waivers', query)
export const approveWaiver = (id: string): Promise<Waiver> => send(`/v1/waivers/${encodeURIComponent(id)}/approval`, {})
export const revokeWaiver = (id: string): Promise<Waiver> => ask('DELETE', `/v1/waivers/${encodeURIComponent(id)}`)

export const readGitHubSetup = (): Promise<GitHubSetup> => read('/v1/github/setup')

/** The secrets of the App that GitHub made for this code; the answer is the only time that they are shown. */
export const registerGitHubApp = (code: string): Promise<RegisteredApp> =>
  send('/v1/github/app-registrations', { code })

async function send<Answer>(path: string, content: object): Promise<Answer> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content),
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new ApiProblem(problemOf(body, response.status))
  return body as Answer
}

export async function signOut(): Promise<void> {
  await fetch('/sign-out', { method: 'POST' })
  location.assign('/')
}
