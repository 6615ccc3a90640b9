/** What people do on pages of the dashboard, in a real browser; each function is one such walk with what it must find. */
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'

/** From the list to a framework, to its OSCAL file, to an attestation that the log holds. */
export async function seesPosture(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/frameworks`)
  await page.getByRole('link', { name: 'AI readiness' }).click()
  await page.getByRole('heading', { name: 'AI readiness' }).waitFor()
  await page.getByText('no-hook-bypass was violated once.').waitFor()

  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'OSCAL' }).click()])
  expect(file.suggestedFilename()).toMatch(/^ai-readiness-organisation-\d{4}-\d{2}-\d{2}\.oscal\.json$/)
  const { 'assessment-results': results } = JSON.parse(readFileSync(await file.path(), 'utf8'))
  expect(results.results[0].findings).toHaveLength(await page.locator('.aligned tbody tr').count())

  await page.getByText('Attest to AIR-26').click()
  const form = page.locator('tr', { hasText: 'AIR-26' }).locator('form.fields')
  await form.getByLabel('How do you know?').fill('Everybody took the course this year.')
  await form.getByLabel('Until').fill(new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10))
  await form.getByRole('button', { name: 'Attest' }).click()
  await page.getByText('✓ in force').waitFor()
  const leaf = page.getByRole('link', { name: /^leaf \d+$/ }).last()
  const statement = await page.request.get(new URL((await leaf.getAttribute('href')) ?? '', url).href)
  expect(await statement.json()).toMatchObject({ predicateType: expect.stringContaining('/control-attestation/v1') })
}

const pages = ['/', '/sessions', '/pull-requests', '/frameworks', '/frameworks/ai-readiness', '/waivers']
const otherPages = ['/configurations', '/setup/github', '/nowhere']

/** No page scrolls sideways on a telephone; `violations` looks at each of them. */
export async function fitsSmallScreens(
  page: Page,
  url: string,
  violations: () => Promise<readonly string[]>,
): Promise<void> {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of [...pages, ...otherPages]) {
    await page.goto(`${url}${path}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByText('Loading …').first().waitFor({ state: 'detached' })
    const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect([path, over]).toEqual([path, 0])
    expect([path, await violations()]).toEqual([path, []])
  }
  if (before !== null) await page.setViewportSize(before)
}

/** An organisation into which nothing came yet is told what to type, on this very server. */
export async function leadsNewcomers(browser: Browser, url: string, token: string): Promise<void> {
  const made = await fetch(`${url}/v1/sign-in-links`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  const { url: link } = (await made.json()) as { url: string }
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(link)
    await page.getByText('No session has arrived yet').waitFor()
    await page.getByText(`stemma init --server ${url}`).waitFor()
    await page.goto(`${url}/frameworks/ai-readiness`)
    await page.getByText('Put them in force').click()
    await page.getByText('- {policy: human-review}').waitFor()
    for (const path of ['/sessions', '/pull-requests', '/waivers', '/configurations']) {
      await page.goto(`${url}${path}`)
      await page.locator('.notice').waitFor()
      expect([path, await page.locator('.notice :is(a, code)').count()]).not.toEqual([path, 0])
    }
  } finally {
    await context.close()
  }
}
