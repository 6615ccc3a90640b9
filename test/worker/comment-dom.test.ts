import { marked } from 'marked'
import { expect, it } from 'vitest'
import { buildReport } from '#core/report/build.ts'
import { COMMENT_MARKER, renderComment } from '#core/report/comment.ts'
import { readFindingsBlock } from '#core/report/findings-block.ts'
import { attacks } from '#test/core/report/attacks.ts'
import { poisoned } from '#test/core/report/poisoned.ts'
import { sample } from '#test/core/report/sample.ts'

/** The page as the platform's own HTML parser sees it, not as our patterns do. */
async function domOf(markdown: string) {
  const elements: { readonly name: string; readonly attributes: readonly (readonly [string, string])[] }[] = []
  const comments: string[] = []
  const page = new HTMLRewriter()
    .on('*', {
      element: ({ tagName, attributes }) => {
        elements.push({ name: tagName, attributes: [...attributes].map(([name = '', value = '']) => [name, value]) })
      },
    })
    .onDocument({ comments: ({ text }) => void comments.push(text) })
    .transform(new Response(marked.parse(markdown, { async: false, gfm: true })))
  await page.text()
  return { elements, comments }
}

it('every attack leaves the tree of a calm comment: its elements, its addresses, its two hidden marks', async () => {
  expect(attacks.length).toBeGreaterThan(70)
  const calm = await domOf(renderComment(buildReport(sample())))
  const usual = new Set(calm.elements.map(({ name }) => name))
  for (const attack of attacks) {
    const markdown = renderComment(poisoned(attack))
    const { elements, comments } = await domOf(markdown)
    expect([attack, elements.map(({ name }) => name).filter((name) => !usual.has(name))]).toEqual([attack, []])
    for (const [name, value] of elements.flatMap(({ attributes }) => attributes)) {
      expect(['href', 'align']).toContain(name)
      if (name === 'href') expect(value).toMatch(/^https:\/\/stemma\.example\.com\//)
    }
    expect([attack, comments.length]).toEqual([attack, 2])
    expect(`<!--${comments[0]}-->`).toBe(COMMENT_MARKER)
    expect(readFindingsBlock(`<!--${comments[1]}-->`)).toEqual(readFindingsBlock(markdown))
    expect(readFindingsBlock(markdown)?.conclusion).toBe(poisoned(attack).conclusion)
  }
})
