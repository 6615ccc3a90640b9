import { expect, it } from 'vitest'
import { buildReport } from '#core/report/build.ts'
import { renderTerminal } from '#core/report/terminal.ts'
import { sample } from './sample.ts'

const report = buildReport(sample())

it('reads so in a wide and in a narrow terminal', () => {
  expect(renderTerminal(report, 120)).toMatchInlineSnapshot(`
    "✗ Fix 1 thing · 91% AI lines · 2 sessions · 1 commit without evidence
    ✗ no-hook-bypass: \`git commit --no-verify -m "Read dates with a time zone"\` leaves the repository’s hooks out 9c1e4f2a
      hint: Let the hook run, repair what it reports, and commit again without the bypass.
    ! tests-after-last-edit: No test ran after the code edit (\`src/format.ts\`). 019a7b3c
      hint: Run the project’s tests after the last edit.
    ! missing evidence: 1 commit has no evidence; who wrote its lines is not known.
      hint: Run \`stemma push\` where it was made.

    Session   Agent · model                     AI lines  Files     Lines        Tokens          Cost       Time
    9c1e4f2a  Claude Code · claude-sonnet-4-5  126 (97%)      2  +130 -12          879k         $0.41  2 h 5 min
    019a7b3c  Codex CLI · gpt-5.1-codex         23 (88%)      1    +26 -4  not recorded  not recorded     19 min

    8 added lines not observed; nobody's
    no evidence: 6d03e24 Fix typo
    not recorded: Codex CLI: cost, Codex CLI: tokens
    2 of 2 signatures verified, log size 1842
    https://stemma.example.com/pull-requests/acme/shop/27
    "
  `)
  expect(renderTerminal(report, 60)).toMatchInlineSnapshot(`
    "✗ Fix 1 thing · 91% AI lines · 2 session…it without evidence
    ✗ no-hook-bypass: \`git commit --no-verif… hooks out 9c1e4f2a
      hint: Let the hook run, repair what i… without the bypass.
    ! tests-after-last-edit: No test ran aft…rmat.ts\`). 019a7b3c
      hint: Run the project’s tests after the last edit.
    ! missing evidence: 1 commit has no evid…lines is not known.
      hint: Run \`stemma push\` where it was made.

    9c1e4f2a  Claude Code · claude-sonnet-4-5
      AI lines 126 (97%), 2 files, +130 -12
      tokens 879k, cost $0.41, time 2 h 5 min

    019a7b3c  Codex CLI · gpt-5.1-codex
      AI lines 23 (88%), 1 file, +26 -4
      tokens not recorded, cost not recorded, time 19 min

    8 added lines not observed; nobody's
    no evidence: 6d03e24 Fix typo
    not recorded: Codex CLI: cost, Codex CLI: tokens
    2 of 2 signatures verified, log size 1842
    https://stemma.example.com/pull-requests/acme/shop/27
    "
  `)
})

it.each([40, 60, 79, 80, 100, 200])('never writes beyond column %i', (columns) => {
  for (const line of renderTerminal(report, columns).split('\n')) expect([...line].length).toBeLessThanOrEqual(columns)
})

it('writes colours only through the palette, and says the state in words too', () => {
  const palette = {
    bold: (t: string) => t,
    dim: (t: string) => t,
    green: (t: string) => t,
    yellow: (t: string) => `<y>${t}</y>`,
    red: (t: string) => `<r>${t}</r>`,
  }
  expect(renderTerminal(report, 100, palette)).toContain('<r>✗</r> Fix 1 thing')
  expect(renderTerminal(report, 100)).not.toContain('\u001b')
})
