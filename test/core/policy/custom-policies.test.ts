import { describe, expect, test } from 'vitest'
import { frameworksInForce } from '#core/framework/frameworks-in-force.ts'
import { changeLine, differenceOf } from '#core/policy/difference.ts'
import type { Document, DocumentSource } from '#core/policy/document.ts'
import { problemLine } from '#core/policy/document.ts'
import { judge } from '#core/policy/judge.ts'
import { asksOfForge, judgePullRequest, platformPolicies } from '#core/policy/judge-pull-request.ts'
import { mergeContracts } from '#core/policy/merge-contracts.ts'
import { numberPolicies } from '#core/policy/number-policies.ts'
import { readDocuments } from '#core/policy/read-documents.ts'
import { examplePullRequest, exampleSubject } from '#core/policy/subject.ts'

const head = (kind: string, name: string) => `apiVersion: stemma.dev/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n`
const rule = `package team
deny contains {"msg": sprintf("%s is run", [c.program]), "events": c.events} if {
  some c in input.commands
  c.program in input.args.forbidden
}
`
const indented = (text: string) => text.trimEnd().replaceAll(/^/gm, '    ')
const policy = (body: string, { name = 'no-curl', more = '' } = {}) => `${head('Policy', name)}  title: No curl
  why: Downloads are pinned.
  fix: Use the mirror.
  severity: high
${more}spec:
  parameters:
    forbidden: {type: array, items: {type: string}, default: [curl]}
${body}`
const inline = policy(`  rego: |\n${indented(rule)}\n`)
const contract = `${head('Contract', 'all')}spec:
  policies:
    - policy: no-curl
      gate: true
`

const yaml = (...texts: readonly string[]): DocumentSource[] =>
  texts.map((text, at) => ({ file: `contracts/${at}.yaml`, text }))
const read = (sources: readonly DocumentSource[]): readonly Document[] => {
  const { documents, problems } = readDocuments(sources)
  expect(problems.map(problemLine)).toEqual([])
  return documents
}
const problemsOf = (sources: readonly DocumentSource[]) => readDocuments(sources).problems.map(problemLine)
const session = (...commands: string[]) => exampleSubject({ title: 'a session', commands })
const verdictOf = (documents: readonly Document[], ...commands: string[]) =>
  judge(mergeContracts(documents, { repository: null, version: 7 }), session(...commands))[0]

describe('a policy of an organisation', () => {
  test('is judged as one of the catalogue, with its own words and parameters', () => {
    const documents = read(yaml(inline, contract))
    expect(verdictOf(documents, 'curl https://x.test')).toMatchObject({
      policy: 'no-curl',
      result: 'fail',
      gate: true,
      findings: [
        { message: 'curl is run', severity: 'high', fix: 'Use the mirror.', citations: [{ event: 'c1' }, {}] },
      ],
    })
    expect(verdictOf(documents, 'wget https://x.test')).toMatchObject({ result: 'pass' })
    const tuned = read(yaml(inline, contract.replace('gate: true', 'with: {forbidden: [wget]}')))
    expect(verdictOf(tuned, 'wget https://x.test')).toMatchObject({ result: 'fail', gate: false })
  })

  test('stands in a file beside its document', () => {
    const sources = [
      ...yaml(policy('  file: rules/no-curl.rego\n'), contract),
      { file: 'contracts/rules/no-curl.rego', text: rule },
    ]
    expect(verdictOf(read(sources), 'curl https://x.test')).toMatchObject({ result: 'fail' })
    expect(problemsOf(sources.slice(0, 2))).toEqual([
      expect.stringMatching(/^contracts\/0\.yaml:\d+:3: There is no file "rules\/no-curl\.rego" beside this document/),
    ])
    const broken = [...sources.slice(0, 2), { file: 'contracts/rules/no-curl.rego', text: `${rule}\nx := y\n` }]
    expect(problemsOf(broken)).toEqual([expect.stringMatching(/^contracts\/rules\/no-curl\.rego:7:\d+: .*unsafe/)])
  })

  test('is refused with the line of its own text', () => {
    const broken = policy(`  rego: |\n${indented('package team\ndeny contains "x" if {\n  y == 1\n}')}\n`)
    const line = broken.split('\n').findIndex((text) => text.includes('y == 1')) + 1
    expect(problemsOf(yaml(broken))).toEqual([
      expect.stringMatching(new RegExp(`^contracts/0\\.yaml:${line}:7: .*unsafe`)),
    ])
  })

  test.each([
    ['a rule that can find nothing', policy('  rego: "package x\\nallow := true"\n'), 'no rule is named deny'],
    ['neither rule nor file', policy('  language: v1\n'), 'either in `rego` or in a `file`'],
    [
      'the name of a built-in one',
      policy(`  rego: |\n${indented(rule)}\n`, { name: 'no-hook-bypass' }),
      'of the catalogue',
    ],
    [
      'a control that is none',
      inline.replace('  severity', '  frameworks: [nist-ssdf/PW.88]\n  severity'),
      'no control',
    ],
    ['a version', inline.replace('  severity', '  version: 3\n  severity'), 'The server numbers'],
    ['a default of another type', inline.replace('default: [curl]', 'default: 3'), 'not of its own type'],
    ['a pattern', inline.replace('default: [curl]', 'pattern: (a+)+'), '"pattern" is no key'],
    [
      'parameters it does not have',
      `${inline}---\n${contract.replace('gate: true', 'with: {forbiden: []}')}`,
      '`forbidden`',
    ],
    ['parameters of another type', `${inline}---\n${contract.replace('gate: true', 'with: {forbidden: 1}')}`, 'array'],
    ['too long a rule', policy(`  rego: |\n${indented(rule)}\n    # ${'x'.repeat(30_000)}\n`), '30000'],
    [
      'a product that is none',
      contract.replace('  policies', '  attach: {products: [shop]}\n  policies'),
      'no Product "shop"',
    ],
    ['an attachment to nothing', contract.replace('  policies', '  attach: {}\n  policies'), 'must be `organisation`'],
  ])('is refused for %s', (_, text, said) => {
    expect(
      problemsOf(
        yaml(...(text.includes('no-curl') && !text.startsWith(head('Contract', 'all')) ? [text] : [inline, text])),
      ),
    ).toContainEqual(expect.stringContaining(said))
  })

  test('is an error, never a pass, where it costs more than its budget or breaks', () => {
    const endless = `package team\ndeny contains x if {\n  some a in numbers.range(1, 5000)\n  some b in numbers.range(1, 5000)\n  a + b == -1\n  x := "never"\n}`
    const documents = read(yaml(policy(`  rego: |\n${indented(endless)}\n`), contract))
    expect(verdictOf(documents, 'true')).toMatchObject({ result: 'error', reason: expect.stringContaining('budget') })
    const conflicting = `package team\ndeny := x if {\n  some x in ["a", "b"]\n}`
    const broken = read(yaml(policy(`  rego: |\n${indented(conflicting)}\n`), contract))
    expect(verdictOf(broken, 'true')).toMatchObject({ result: 'error' })
  })

  test('is skipped without what it looks at, and judges a header alone only where it asks for no more', () => {
    const pull = read(yaml(policy(`  evidence: [pullRequest]\n  rego: |\n${indented(rule)}\n`), contract))
    expect(verdictOf(pull, 'curl x')).toMatchObject({
      result: 'skipped',
      reason: expect.stringContaining('pull request'),
    })
    const { commits, session: whole } = session('true')
    const withheld = { commits, session: { ...whole, events: [] } }
    const judged = (documents: readonly Document[]) =>
      judge(mergeContracts(documents, { repository: null, version: 1 }), withheld)[0]?.result
    expect(judged(read(yaml(inline, contract)))).toBe('error')
    expect(judged(read(yaml(policy(`  evidence: [session]\n  rego: |\n${indented(rule)}\n`), contract)))).toBe('pass')
  })

  test('keeps its version while its text stays, and takes the contract’s where it changes', () => {
    const first = numberPolicies(read(yaml(inline, contract)), { before: [], version: 4 })
    const same = numberPolicies(read(yaml(inline, contract)), { before: first, version: 5 })
    const changed = read(yaml(inline.replace('is run', 'was run'), contract))
    const next = numberPolicies(changed, { before: same, version: 6 })
    const versionIn = (documents: readonly Document[]) => verdictOf(documents, 'true')?.version
    expect([first, same, next].map(versionIn)).toEqual([4, 4, 6])
    expect(differenceOf(first, same)).toEqual([])
    expect(differenceOf(same, next).map(changeLine)).toEqual(['~ Policy no-curl: rego (5 lines → 5 lines)'])
  })

  test('is carried only by the contract that names it', () => {
    const documents = read(yaml(inline, policy(`  rego: |\n${indented(rule)}\n`, { name: 'other' }), contract))
    const { custom } = mergeContracts(documents, { repository: null, version: 1 })
    expect(custom?.map(({ id }) => id)).toEqual(['no-curl'])
  })
})

describe('products and projects', () => {
  const attached = (name: string, attach: string, gate: string) =>
    `${head('Contract', name)}spec:\n  attach: ${attach}\n  policies:\n    - {policy: scope-limit, gate: ${gate}, with: {files: ${name.length}}}\n`
  const documents = read(
    yaml(
      `${head('Product', 'shop')}spec:\n  repositories: [acme/shop-*, acme/pay]\n`,
      `${head('Project', 'pay')}spec:\n  repositories: [acme/pay]\n`,
      attached('a', 'organisation', 'inherit').replace('{files: 1}', '{}'),
      attached('bb', '{products: [shop]}', 'inherit').replace('{files: 2}', '{}'),
    ),
  )
  const nameFor = (repository: string | null, list = documents) => mergeContracts(list, { repository, version: 1 }).name

  test('are where contracts hold, the nearer before the farther', () => {
    expect(nameFor(null)).toBe('a')
    expect(nameFor('acme/other')).toBe('a')
    expect(nameFor('Acme/Shop-web')).toBe('bb + a')
    const more = [
      ...documents,
      ...read([
        ...yaml(`${head('Project', 'pay')}spec:\n  repositories: [acme/pay]\n`),
        { file: 'c.yaml', text: `${head('Contract', 'ccc')}spec:\n  attach: {projects: [pay]}\n` },
        { file: 'd.yaml', text: `${head('Contract', 'dddd')}spec:\n  attach: {repositories: ["*/*"]}\n` },
      ]).filter(({ kind }) => kind === 'Contract'),
    ]
    expect(nameFor('acme/pay', more)).toBe('dddd + ccc + bb + a')
  })
})

describe('a framework of an organisation', () => {
  const framework = `${head('Framework', 'our-rules')}  title: Our rules\nspec:
  controls:
    - {id: R1, title: No downloads, policies: [no-curl, no-hook-bypass]}
    - {id: R2, title: Training, attestation: Everybody was trained.}
`
  test('names its own policies and ours, and a policy may speak for a control of another framework', () => {
    const speaking = inline.replace('  severity', '  frameworks: [nist-ssdf/PW.4.1, our-rules/R2]\n  severity')
    const all = frameworksInForce(read(yaml(speaking, framework)))
    const controlsOf = (id: string) => all.find((one) => one.id === id)?.controls ?? []
    expect(controlsOf('our-rules').map(({ policies }) => policies)).toEqual([
      ['no-curl', 'no-hook-bypass'],
      ['no-curl'],
    ])
    expect(controlsOf('nist-ssdf').find(({ id }) => id === 'PW.4.1')?.policies).toContain('no-curl')
    expect(
      frameworksInForce(null).every(({ controls }) => controls.every(({ policies }) => !policies.includes('no-curl'))),
    ).toBe(true)
  })

  test.each([
    ['a policy that nobody wrote', framework, 'There is no policy "no-curl"'],
    ['a name of ours', framework.replace('our-rules', 'nist-ssdf'), 'is a framework of ours'],
    ['a control twice', framework.replace('R2', 'R1'), 'R1 is there twice'],
    [
      'a control that nothing shows',
      framework.replace(', attestation: Everybody was trained.', ''),
      'Nothing can show R2',
    ],
  ])('is refused for %s', (_, text, said) => {
    expect(problemsOf(yaml(text))).toContainEqual(expect.stringContaining(said))
  })
})

test('a policy about pull requests is judged on the pull request as a whole', () => {
  const about = `package team\ndeny contains "by ada" if input.pullRequest.author == "ada"`
  const documents = read(yaml(policy(`  evidence: [pullRequest]\n  rego: |\n${indented(about)}\n`), contract))
  const judged = judgePullRequest(mergeContracts(documents, { repository: null, version: 1 }), {
    name: 'acme/shop#7',
    pullRequest: examplePullRequest(),
    commits: [],
    sessions: [],
    spending: null,
  })
  expect(judged).toMatchObject([{ policy: 'no-curl', result: 'fail', findings: [{ message: 'by ada' }] }])
})

test('a policy about pull requests has the forge asked for all that it may look at, and no other has', () => {
  const about = (evidence: string, text: string) => {
    const documents = read(yaml(policy(`  evidence: [${evidence}]\n  rego: |\n${indented(text)}\n`), contract))
    return mergeContracts(documents, { repository: null, version: 1 })
  }
  const unreviewed = `package team
deny contains "nobody has reviewed it" if count(input.pullRequest.reviews) == 0
deny contains "it is large" if count(input.pullRequest.files) > 1`
  const asking = about('pullRequest', unreviewed)
  const silent = about('transcript', rule)
  for (const what of ['reviews', 'files', 'signatures'] as const) {
    expect([asksOfForge(asking, what), asksOfForge(silent, what)]).toEqual([true, false])
  }
  expect([platformPolicies(asking), platformPolicies(silent)]).toEqual([['no-curl'], []])
  const subject = { name: 'acme/shop#7', commits: [], sessions: [], spending: null }
  const files = ['a.ts', 'b.ts'].map((path) => ({ path, additions: 1, deletions: 0 }))
  const said = (parts: object) =>
    judgePullRequest(asking, { ...subject, pullRequest: examplePullRequest(parts) })[0]?.findings.map(
      (one) => one.message,
    )
  expect(said({ reviews: [], files })).toEqual(['it is large', 'nobody has reviewed it'])
  const review = { by: 'grace', state: 'approved', commit: null, isBot: false }
  expect(said({ reviews: [review], files: [] })).toEqual([])
})
