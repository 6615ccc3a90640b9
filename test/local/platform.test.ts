import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Overview } from '#core/metrics/overview.ts'
import * as world from '../world.ts'
import { findChromium, launch } from './browser.ts'
import { fitsSmallScreens, leadsNewcomers, seesPosture } from './dashboard-pages.ts'
import { type DemoResult, gather, outcomeOf, settle } from './demo.ts'
import { type Platform, startPlatform } from './platform.ts'
import { silentProgress as progress } from './progress.ts'
import { runSample, sampleRepository } from './sample.ts'
import { run, workplaceOf } from './workplace.ts'

/** Two busy cores need about 20 s for the platform and the sample. */
const PATIENCE = 600_000

let directory: string
let platform: Platform
let state: world.World
let result: DemoResult

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stemma-platform-'))
  platform = await startPlatform({
    directory,
    port: null,
    organisation: 'Example Works',
    debounceMilliseconds: 300,
    progress,
  })
  const { pullRequests } = await runSample(platform, directory, progress)
  const strangerToken = await platform.setUpOther('Strangers')
  state = { platform, directory, strangerToken, checkpoints: new Map(), pullRequests }
  await settle(platform, pullRequests)
  result = await gather(platform, directory, pullRequests)
}, PATIENCE)

afterAll(async () => {
  await platform?.close()
  rmSync(directory, { recursive: true, force: true })
}, PATIENCE)

describe('a sample organisation on the real path', () => {
  it('sends every session once, each with an envelope that verifies', () => {
    expect(result.sessions).toHaveLength(4)
    expect(new Set(result.sessions.map(({ id }) => id)).size).toBe(4)
    expect(result.envelopes).toEqual({ verified: 4, total: 4 })
  })

  it('passes the pull request that follows the rules', () => {
    const [clean] = result.pullRequests
    expect(clean).toMatchObject({ check: { status: 'completed', conclusion: 'success' }, comments: 1 })
    expect(clean?.comment).toContain('claude-opus-4-5')
  })

  it('fails the one whose agent went around the hooks, and says which command it was', () => {
    const [, flawed] = result.pullRequests
    expect(flawed).toMatchObject({ check: { status: 'completed', conclusion: 'failure' }, comments: 1 })
    expect(flawed?.comment).toContain('no-hook-bypass')
    expect(flawed?.comment).toContain('--no-verify')
  })

  it('counts what happened, and nothing else', () => {
    const { metrics } = result
    expect(metrics.sessions.current).toBe(4)
    expect(metrics.activeUsers.current).toBe(3)
    expect(metrics.aiPullRequests.current).toBe(2)
    expect(metrics.aiLineShare.current).toBeGreaterThan(0.5)
    expect(metrics.aiLineShare.current).toBeLessThan(1)
    expect(metrics.models.map(({ model }) => model).sort()).toEqual(['claude-opus-4-5', 'claude-sonnet-4-5'])
    expect(metrics.topUsers.map(({ person }) => person.name).sort()).toEqual([
      'Ada Okafor',
      'Ben Lindqvist',
      'Chiara Rossi',
    ])
  })

  it('asks GitHub for nothing that GitHub would refuse', () => {
    platform.github.assertNoViolations()
  })

  it('keeps every invariant', async () => {
    expect(await world.check(state)).toEqual([])
  })

  it(
    'gives the same comment and check again when every delivery comes twice',
    async () => {
      const before = await Promise.all(state.pullRequests.map((number) => outcomeOf(platform, number)))
      for (const delivery of [...platform.github.state.deliveries]) platform.github.redeliver(delivery)
      await platform.github.settled()
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      await settle(platform, state.pullRequests)
      expect(await Promise.all(state.pullRequests.map((number) => outcomeOf(platform, number)))).toEqual(before)
      expect(await world.check(state)).toEqual([])
    },
    PATIENCE,
  )

  it('describes its own API', async () => {
    const document = (await (await fetch(`${platform.url}/openapi.json`)).json()) as { paths: Record<string, unknown> }
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/v1/evidence', '/v1/sessions', '/v1/metrics/overview']),
    )
  })
})

describe('a waiver, by the program as people type it', () => {
  const stemma = (words: readonly string[], token?: string): Promise<string> => {
    const ben = workplaceOf(directory, { name: 'Ben Lindqvist', login: 'ben' })
    const environment = { ...ben.environment, ...(token === undefined ? {} : { STEMMA_TOKEN: token }) }
    return run({ directory: ben.directory, environment }, 'stemma', ['waivers', ...words])
  }
  const asAdministrator = (...words: readonly string[]) => stemma(words, platform.administratorToken)
  const reason = 'The hook is broken on this branch; it is repaired on Monday.'
  const request = ['request', 'no-hook-bypass', '--pull-request', '2', '--days', '3', '--reason', reason]
  const ask = async (token?: string) => (JSON.parse(await stemma([...request, '--json'], token)) as { id: string }).id

  it('is approved by nobody who asked for it', async () => {
    const id = await ask(platform.administratorToken)
    await expect(asAdministrator('approve', id)).rejects.toThrow('another administrator has to approve it')
    await expect(stemma(['approve', id])).rejects.toThrow('administrator')
    expect(await asAdministrator('revoke', id)).toContain(`${id} revoked no-hook-bypass`)
  })

  it(
    'lets the pull request go on, shown on it with reason and end, and can be checked without the platform',
    async () => {
      const id = await ask()
      expect(await stemma(['list'])).toContain(`${id} waits for approval no-hook-bypass example/parcel-tracker#2`)
      expect(await asAdministrator('approve', id)).toContain('asked by Ben Lindqvist, approved by Administrator')
      await vi.waitFor(
        async () => {
          const { check, comment } = await outcomeOf(platform, 2)
          // Advice that nobody waived is left.
          expect(check).toMatchObject({ status: 'completed', conclusion: 'neutral' })
          expect(comment).toContain('◇ **no-hook-bypass** is waived: Waived until')
          expect(comment).toContain(`by Administrator at the request of Ben Lindqvist: ${reason}`)
        },
        { timeout: PATIENCE, interval: 200 },
      )
      const file = join(directory, 'waiver.json')
      writeFileSync(file, await stemma(['attestation', id]))
      const ben = workplaceOf(directory, { name: 'Ben Lindqvist', login: 'ben' })
      expect(await run(ben, 'stemma', ['verify', file])).toContain(`waiver of no-hook-bypass for`)
      const metrics = (await platform.ask('/v1/metrics/overview')) as Overview
      expect(metrics.policies.find(({ policy }) => policy === 'no-hook-bypass')).toMatchObject({ fail: 0, waived: 1 })
      expect(await world.check(state)).toEqual([])
    },
    PATIENCE,
  )
})

const executable = findChromium()
describe.skipIf(executable === null)('the dashboard in Chromium', () => {
  let browser: Browser
  let page: Page
  const noise: string[] = []
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

  beforeAll(async () => {
    browser = await launch(executable ?? '')
    // The content security policy would refuse axe's own script; everything else is loaded as it is for people.
    const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1280, height: 900 } })
    page = await context.newPage()
    page.on('pageerror', (error) => noise.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && noise.push(message.text()))
  }, PATIENCE)

  afterAll(async () => {
    await browser?.close()
  })

  async function violationsOf(): Promise<readonly string[]> {
    await page.evaluate(axe)
    const found = (await page.evaluate(
      'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })',
    )) as {
      violations: { id: string; nodes: { html: string }[] }[]
    }
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
  }

  it('lets nobody in without a link', async () => {
    await page.goto(platform.url)
    await page.getByText('You are not signed in.').waitFor()
    // The refused request is logged by the browser; it is what this test wants.
    noise.length = 0
  })

  it('signs in once by link', async () => {
    const link = await platform.signInLink()
    await page.goto(link)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    const again = await fetch(link, { redirect: 'manual' })
    expect(again.status).toBe(401)
  })

  it.each(['light', 'dark'] as const)(
    'shows figures, tables and drawn charts, and is accessible in %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      await page.goto(platform.url)
      await page.getByText('AI line share').waitFor()
      await page.locator('canvas[data-drawn="1"]').first().waitFor()
      expect(await page.locator('.total').count()).toBe(6)
      expect(await page.locator('#top-users tbody tr').count()).toBe(3)
      expect(await violationsOf()).toEqual([])
    },
  )

  it('leads from a person to their sessions, and from there to one with its timeline', async () => {
    await page.goto(platform.url)
    await page.getByRole('link', { name: 'Ben Lindqvist' }).click()
    await page.getByRole('heading', { name: 'Sessions' }).waitFor()
    await page.locator('tbody tr').first().waitFor()
    expect(await page.locator('tbody tr').count()).toBe(1)
    expect(await violationsOf()).toEqual([])
    await page.locator('tbody tr a').first().click()
    await page.getByText('git commit -q -n -am "Know one more city"').first().waitFor()
    expect(await page.getByText('no-hook-bypass').count()).toBeGreaterThan(0)
    expect(await violationsOf()).toEqual([])
  })

  it('shows the pull requests that it saw', async () => {
    await page.goto(`${platform.url}/pull-requests/${sampleRepository.owner}/${sampleRepository.name}/2`)
    await page.getByRole('heading', { name: 'Ask for a customs form outside the union' }).waitFor()
    expect(await violationsOf()).toEqual([])
  })

  it('lists waivers with who said what, and those that are over as over', async () => {
    await page.goto(`${platform.url}/waivers`)
    const row = page.locator('tbody tr').first()
    await row.getByText('◇ in force').waitFor()
    for (const words of ['no-hook-bypass', 'example/parcel-tracker#2', 'Ben Lindqvist', 'Administrator', 'leaf '])
      expect(await row.textContent()).toContain(words)
    expect(await page.getByText('✗ revoked').count()).toBe(1)
    expect(await violationsOf()).toEqual([])
    await page.clock.setFixedTime(Date.now() + 30 * 86_400_000)
    await page.reload()
    await row.getByText('– expired').waitFor()
    expect(await row.getByRole('button').count()).toBe(0)
    await page.clock.setFixedTime(new Date())
    await page.reload()
    await row.getByRole('button', { name: 'Revoke' }).click()
    await row.getByText('✗ revoked').waitFor()
  })

  it(
    'shows the posture of a framework, gives it as a file, and takes an attestation',
    async () => {
      await seesPosture(page, platform.url)
      expect(await violationsOf()).toEqual([])
    },
    PATIENCE,
  )

  it('fits small screens, accessible on each page', () => fitsSmallScreens(page, platform.url, violationsOf), PATIENCE)

  it(
    'leads who is new to the first session',
    () => leadsNewcomers(browser, platform.url, state.strangerToken),
    PATIENCE,
  )

  it('erases a transcript after it has asked, and everything that was signed still verifies', async () => {
    await page.goto(platform.url)
    await page.getByRole('link', { name: 'Ben Lindqvist' }).click()
    await page.locator('tbody tr a').first().click()
    await page.getByRole('button', { name: 'Erase the transcript' }).click()
    await page.getByText('The transcript is gone for good.').waitFor()
    expect(await violationsOf()).toEqual([])
    await page.getByRole('button', { name: 'Erase it' }).click()
    await page.getByText(/^Transcript erased on .* by an administrator; the signature over its digest/).waitFor()
    await page.getByText(/^Read by \d+ (person|people)\./).waitFor()
    expect(await violationsOf()).toEqual([])
    expect(await world.check(state)).toEqual([])
  })

  it('reports nothing to the console', () => {
    expect(noise).toEqual([])
  })
})
