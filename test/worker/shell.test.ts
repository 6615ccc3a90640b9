import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { Health } from '#core/api/health.ts'
import { createOrganisation, request, sendJson } from '#test/workerd/organisation.ts'
import { expectProblem } from '#test/workerd/problem.ts'

describe('every answer', () => {
  test('carries an id of its own and headers against hostile text', async () => {
    const given = 'chosen-by-the-caller'
    for (const path of ['/', '/sessions/claude-code:1', '/v1/me', '/healthz', '/openapi.json']) {
      const response = await request(path, { headers: { 'x-request-id': given } })
      const policy = response.headers.get('content-security-policy')
      expect(policy).toContain("script-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(response.headers.get('x-request-id')).not.toBe(given)
    }
  })

  test('of the API is kept by no cache', async () => {
    expect((await request('/v1/me')).headers.get('cache-control')).toBe('no-store')
  })
})

describe('unknown paths', () => {
  test('of the API are problems', async () => {
    await expectProblem(await request('/v1/nothing'), 'not-found')
    await expectProblem(await request('/webhooks/nothing', { method: 'POST' }), 'not-found')
    await expectProblem(await request('/nothing', { method: 'POST' }), 'not-found')
  })

  test('of the dashboard are its pages, routed in the browser', async () => {
    for (const path of ['/', '/sessions', '/pull-requests/acme/parser/1']) {
      const response = await request(path, { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain('text/html')
    }
  })

  test('by a wrong method are told which is right', async () => {
    const response = await request('/v1/evidence', { method: 'PUT' })
    await expectProblem(response, 'method-not-allowed')
    expect(response.headers.get('allow')).toBe('POST')
    await expectProblem(await request('/v1/blobs/abc', { method: 'POST' }), 'method-not-allowed')
  })
})

describe('GET /healthz', () => {
  test('asks database, bucket and log', async () => {
    const response = await request('/healthz')
    expect(response.status).toBe(200)
    expect(Health.parse(await response.json())).toEqual({ status: 'ok', database: 'ok', bucket: 'ok', log: 'ok' })
  })
})

describe('GET /openapi.json', () => {
  test('describes every route of the API', async () => {
    const document: { paths: Record<string, Record<string, { responses: Record<string, unknown> }>> } = await (
      await request('/openapi.json')
    ).json()
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    for (const operation of [
      'put /v1/blobs/{sha256}',
      'post /v1/evidence',
      'get /v1/evidence/{id}',
      'get /v1/sessions/{id}/events',
      'get /v1/metrics/overview',
      'get /v1/pull-requests/{owner}/{repository}/{number}',
      'put /v1/contract',
      'post /v1/dead-letters/{id}/replay',
    ]) {
      expect(operations).toContain(operation)
    }
    expect(Object.keys(document.paths['/v1/evidence']?.['post']?.responses ?? {})).toEqual(
      expect.arrayContaining(['202', '400', '401', '409', '413', '500']),
    )
  })
})

describe('a failure of ours', () => {
  test('is a problem without its cause', async () => {
    const { token } = await createOrganisation('acme')
    await env.DB.prepare('drop table contracts').run()
    const problem = await expectProblem(await request('/v1/contract', { token }), 'internal')
    expect(JSON.stringify(problem)).not.toContain('contracts')
  })
})

describe('attempts', () => {
  test('are limited for each address', async () => {
    const statuses = new Set<number>()
    for (let attempt = 0; attempt < 310; attempt++) {
      const response = await request('/sign-in?token=guess', { headers: { 'cf-connecting-ip': '203.0.113.9' } })
      statuses.add(response.status)
      if (response.status === 429) await expectProblem(response, 'rate-limited')
    }
    expect([...statuses]).toEqual([401, 429])
    const other = await sendJson('POST', '/v1/keys', 'guess', {})
    expect(other.status).toBe(401)
  })
})
