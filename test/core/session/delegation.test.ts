import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { delegationChain, delegationInWords, MAX_DELEGATION_LINKS } from '#core/session/delegation.ts'

/** Child -> parent. */
function organisationOf(parents: Readonly<Record<string, string | null>>) {
  const delegationOf = (id: string) => ({ parent: parents[id] ?? null, orchestrator: null, human: null })
  return {
    of: (id: string) =>
      delegationChain({ id, delegation: delegationOf(id) }, async (asked) =>
        Object.hasOwn(parents, asked) ? { id: asked, delegation: delegationOf(asked) } : null,
      ),
  }
}

describe('the chain of delegation', () => {
  test('leads from a session to the one that nobody started', async () => {
    const chain = await organisationOf({ a: 'b', b: 'c', c: null }).of('a')
    expect(chain.links.map(({ session }) => session)).toEqual(['a', 'b', 'c'])
    expect(chain.problem).toBeNull()
  })

  test('a session without delegation is the whole of it', async () => {
    const chain = await delegationChain({ id: 'a', delegation: null }, async () => null)
    expect(chain).toEqual({ links: [{ session: 'a', orchestrator: null, human: null, isClaim: false }], problem: null })
  })

  test.each([
    [{ a: 'a' }, 'a'],
    [{ a: 'b', b: 'a' }, 'a'],
    [{ a: 'b', b: 'c', c: 'b' }, 'b'],
  ])('a cycle %j ends and is told', async (parents, session) => {
    expect((await organisationOf(parents).of('a')).problem).toEqual({ kind: 'cycle', session })
  })

  test("a parent that is no session of the organisation's is told", async () => {
    const chain = await organisationOf({ a: 'b', b: 'elsewhere' }).of('a')
    expect(chain.problem).toEqual({ kind: 'unknown-session', session: 'elsewhere' })
    expect(chain.links).toHaveLength(2)
  })

  test('what is found under another id does not lead the chain elsewhere', async () => {
    const find = async () => ({ id: 'other', delegation: { parent: 'a', orchestrator: null, human: null } })
    const chain = await delegationChain({ id: 'a', delegation: { parent: 'b', orchestrator: null, human: null } }, find)
    expect(chain.links.map(({ session }) => session)).toEqual(['a', 'b'])
    expect(chain.problem?.kind).toBe('cycle')
  })

  test('a person is a claim, but for the one whose key signed', async () => {
    const delegation = (human: string | null, parent: string | null) => ({ parent, orchestrator: null, human })
    const start = { id: 'a', delegation: delegation('Grace', 'b'), signer: ['ada', 'grace'] }
    const parents: Record<string, { human: string | null; signer?: readonly string[]; parent: string | null }> = {
      b: { human: 'grace', signer: ['ada'], parent: 'c' },
      c: { human: 'ada', parent: 'd' },
      d: { human: null, signer: ['ada'], parent: null },
    }
    const chain = await delegationChain(start, async (id) => {
      const found = parents[id]
      if (found === undefined) return null
      const { human, parent, ...rest } = found
      return { id, delegation: delegation(human, parent), ...rest }
    })
    expect(chain.links.map(({ isClaim }) => isClaim)).toEqual([false, true, true, false])
    expect(delegationInWords(chain)).toBe(
      'a (for Grace) <- b (for grace, as it claims) <- c (for ada, as it claims) <- d',
    )
  })

  test('whoever names whom, it ends, within its length, and no session comes twice', async () => {
    const name = fc.integer({ min: 0, max: 40 }).map(String)
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, name), async (parents) => {
        const { links, problem } = await organisationOf(parents).of('0')
        const sessions = links.map(({ session }) => session)
        expect(new Set(sessions).size).toBe(sessions.length)
        expect(sessions.length).toBeLessThanOrEqual(MAX_DELEGATION_LINKS)
        const last = parents[sessions.at(-1) ?? ''] ?? null
        expect(problem?.session ?? null).toBe(last)
      }),
    )
  })

  test('reads as one line', async () => {
    const told = { parent: 'generic:1', orchestrator: 'nightly', human: 'grace' }
    const chain = await delegationChain({ id: 'claude-code:2', delegation: told }, async () => null)
    expect(delegationInWords(chain)).toBe(
      'claude-code:2 (nightly, for grace, as it claims) <- generic:1: no session that is known here',
    )
  })
})
