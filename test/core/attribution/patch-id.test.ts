import { afterAll, describe, expect, it } from 'vitest'
import { patchIdOf } from '#core/attribution/patch-id.ts'
import { makeChanges } from './changes.ts'

const forms: Readonly<Record<string, readonly string[]>> = {
  'as the machine asks': ['--unified=3', '--diff-algorithm=myers', '--full-index', '--no-renames'],
  'with renames': ['--find-renames'],
  'with copies and abbreviated ids': ['--find-copies-harder', '--abbrev=9'],
  'with binary patches': ['--binary', '--full-index'],
  'without context': ['--unified=0'],
}

const { git, commits, remove } = makeChanges()
afterAll(remove)

describe.each(Object.entries(forms))('of a diff %s', (_, options) => {
  it("is git's own for every commit", async () => {
    expect(commits.length).toBeGreaterThan(20)
    // One call for all: git tells by the line before each diff whose it is.
    const diffs = git(
      ['diff-tree', '--stdin', '--root', '-r', '--patch', ...options],
      Buffer.from(`${commits.join('\n')}\n`),
    )
    const expected = new Map(
      git(['patch-id', '--stable'], diffs)
        .toString()
        .trim()
        .split('\n')
        .map((line): [string, string] => [line.slice(41), line.slice(0, 40)]),
    )
    for (const sha of commits) {
      const diff = git(['diff-tree', '--root', '-r', '--patch', '--no-commit-id', ...options, sha])
      expect([sha, await patchIdOf(new Uint8Array(diff))]).toEqual([sha, expected.get(sha) ?? null])
    }
  })
})

it('has none where nothing changes', async () => {
  expect(await patchIdOf(new Uint8Array())).toBeNull()
})

it('does not depend on the order of the files', async () => {
  const [one, two] = ['a', 'b'].map(
    (name) => `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n@@ -1 +1 @@\n-1\n+2\n`,
  )
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(await patchIdOf(bytes(`${one}${two}`))).toBe(await patchIdOf(bytes(`${two}${one}`)))
  expect(await patchIdOf(bytes(`${one}`))).not.toBe(await patchIdOf(bytes(`${two}`)))
})
