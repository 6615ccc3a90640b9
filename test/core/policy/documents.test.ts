import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_DOCUMENT_CHARACTERS, MAX_TEXT_CHARACTERS, problemLine } from '#core/policy/document.ts'
import { readDocuments } from '#core/policy/read-documents.ts'

const head = (kind: string, name: string) =>
  `apiVersion: stemma.dev/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n`

function problemsOf(text: string): readonly string[] {
  return readDocuments([{ file: 'stemma.yaml', text }]).problems.map(problemLine)
}

describe('documents', () => {
  it('reads several of one text and of JSON, with what they leave out', () => {
    const { documents, problems } = readDocuments([
      {
        file: 'a.yaml',
        text: `${head('PolicyGroup', 'baseline')}  policies:\n    - policy: no-hook-bypass\n      gate: true\n---\n${head('Contract', 'payments')}  attach:\n    repositories: [acme/pay-*]\n  groups:\n    - group: baseline\n`,
      },
      {
        file: 'b.json',
        text: JSON.stringify({ apiVersion: 'stemma.dev/v1', kind: 'Contract', metadata: { name: 'all' }, spec: {} }),
      },
    ])
    expect(problems).toEqual([])
    expect(documents.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['PolicyGroup', 'baseline'],
      ['Contract', 'payments'],
      ['Contract', 'all'],
    ])
    expect(documents[1]?.spec).toMatchObject({ policies: [], groups: [{ group: 'baseline', gate: 'inherit' }] })
    expect(documents[2]?.spec).toMatchObject({ attach: 'organisation', gate: 'inherit', skip: [] })
  })

  it.each([
    [
      'an unknown key',
      `${head('Contract', 'a')}  polices: []\n`,
      '6:3: "polices" is no key of `spec`. (Did you mean `policies`?)',
    ],
    [
      'an unknown policy',
      `${head('Contract', 'a')}  policies:\n    - policy: no-hook-bypas\n`,
      '7:7: There is no policy "no-hook-bypas". (Did you mean `no-hook-bypass`?)',
    ],
    [
      'a policy named twice',
      `${head('Contract', 'a')}  policies:\n    - policy: no-hook-bypass\n    - policy: no-hook-bypass\n`,
      '8:7: no-hook-bypass is named twice. (Keep one of the two)',
    ],
    [
      'a parameter of the wrong type',
      `${head('Contract', 'a')}  policies:\n    - policy: approved-models\n      with:\n        allow: 3\n`,
      '9:9: approved-models, `allow`: Invalid input: expected array, received number (Read `stemma policy explain approved-models`)',
    ],
    [
      'a wrong element of a parameter',
      `${head('Contract', 'a')}  policies:\n    - policy: approved-models\n      with:\n        allow:\n          - claude-*\n          - 3\n`,
      '11:13: approved-models, `allow.1`: Invalid input: expected string, received number (Read `stemma policy explain approved-models`)',
    ],
    [
      'an unknown parameter',
      `${head('Contract', 'a')}  policies:\n    - policy: approved-models\n      with:\n        alow: [x]\n`,
      '9:9: approved-models has no parameter "alow". (Did you mean `allow`?)',
    ],
    [
      'a gate that is none',
      `${head('Contract', 'a')}  policies:\n    - policy: no-hook-bypass\n      gate: maybe\n`,
      '8:7: `spec.policies.0.gate`: Invalid option: expected one of true|false|"inherit"',
    ],
    [
      'an unknown kind',
      head('Contrakt', 'a'),
      '2:1: There is no kind "Contrakt"; it must be one of Contract, PolicyGroup, Policy, Framework, Product, Project. (Did you mean `Contract`?)',
    ],
    [
      'no kind',
      'apiVersion: stemma.dev/v1\n',
      '1:1: The document has no `kind`; it must be one of Contract, PolicyGroup, Policy, Framework, Product, Project. (Begin it with `apiVersion: stemma.dev/v1` and `kind: Contract`)',
    ],
    [
      'another version',
      head('Contract', 'a').replace('/v1', '/v2'),
      '1:1: `apiVersion`: Invalid input: expected "stemma.dev/v1"',
    ],
    [
      'a glob that is none',
      `${head('Contract', 'a')}  attach:\n    repositories: ['acme']\n`,
      '7:20: `spec.attach.repositories.0`: must be `owner/name`',
    ],
    [
      'an unknown group',
      `${head('Contract', 'a')}  groups:\n    - group: baseline\n`,
      '7:7: There is no PolicyGroup "baseline".',
    ],
    [
      'an alias',
      `${head('Contract', 'a')}  skip: &x [no-hook-bypass]\n  policies: *x\n`,
      '7:13: Aliases are not taken.',
    ],
    [
      'an attachment that is none',
      `${head('Contract', 'a')}  attach: all\n`,
      '6:3: `spec.attach`: must be `organisation`, or `repositories`',
    ],
    ['a key of several parts', `${head('Contract', 'a')}  ? [a]\n  : 1\n`, '6:5: A key must be a name.'],
    ['a key twice', `${head('Contract', 'a')}  skip: []\n  skip: []\n`, '7:3: Map keys must be unique'],
    ['broken YAML', `${head('Contract', 'a')}  skip: [\n`, '7:1: '],
    ['nothing', '# only a comment\n', '1:1: There is no document in it.'],
    ['a list', '- 1\n', '1:1: The document has no `kind`'],
    [
      'two of a name',
      `${head('Contract', 'a')}  {}\n---\n${head('Contract', 'a')}  {}\n`,
      '11:3: There are two of kind Contract named "a".',
    ],
    ['a name for a path', `${head('Contract', '../a')}  {}\n`, '4:3: `metadata.name`: must be lower-case letters'],
    [
      'listed and skipped',
      `${head('Contract', 'a')}  policies: [{policy: no-hook-bypass}]\n  skip: [no-hook-bypass]\n`,
      '7:10: no-hook-bypass is both listed and skipped.',
    ],
  ])('refuses %s with the line', (_, text, expected) => {
    const problems = problemsOf(text)
    expect(
      problems.some((problem) => problem.startsWith(`stemma.yaml:${expected}`)),
      problems.join('\n'),
    ).toBe(true)
  })

  it('names the way of a circle', () => {
    const group = (name: string, other: string) => `${head('PolicyGroup', name)}  groups:\n    - group: ${other}\n`
    expect(problemsOf([group('a', 'b'), group('b', 'c'), group('c', 'a')].join('---\n'))).toEqual([
      'stemma.yaml:7:7: The groups form a circle: a → b → c → a. (Take one of the references out)',
      'stemma.yaml:15:7: The groups form a circle: b → c → a → b. (Take one of the references out)',
      'stemma.yaml:23:7: The groups form a circle: c → a → b → c. (Take one of the references out)',
    ])
  })

  it('reports the problems of all documents at once', () => {
    const text = `${head('Contract', 'a')}  polices: []\n---\n${head('Contract', 'b')}  policies:\n    - policy: made-up\n`
    expect(problemsOf(text)).toHaveLength(2)
  })

  it('refuses what is too large or too deep, in a moment', () => {
    expect(problemsOf('a'.repeat(MAX_TEXT_CHARACTERS + 1))[0]).toContain('the limit is')
    const half = { file: 'x', text: '#'.repeat(MAX_TEXT_CHARACTERS) }
    const many = Array.from({ length: MAX_DOCUMENT_CHARACTERS / MAX_TEXT_CHARACTERS + 1 }, () => half)
    expect(readDocuments(many).problems).toHaveLength(1)
    expect(problemsOf('['.repeat(40_000))).not.toEqual([])
    expect(problemsOf(`${head('Contract', 'a')}  skip: ${'['.repeat(30)}${']'.repeat(30)}\n`)[0]).toContain(
      'levels deep',
    )
    expect(problemsOf(Array.from({ length: 6_000 }, (_, at) => `k${at}: 1`).join('\n'))).not.toEqual([])
  })

  it('never throws, whatever the text is, and points into it', () => {
    const word = fc.constantFrom(
      ...[
        'apiVersion: stemma.dev/v1\n',
        'kind: Contract\n',
        'metadata:\n  name: a\n',
        'spec:\n',
        '  policies:\n',
        '    - policy: ',
        'no-hook-bypass\n',
        '__proto__: 1\n',
        '? [a]\n',
        '!!set ',
        '&a ',
        '*a',
        '---\n',
        '"',
        '{',
        '[',
        ': ',
        '- ',
        '<<: ',
        '\t',
        '\n',
        '  ',
        'é',
        '\0',
      ],
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 25 }), (words) => {
        const text = words.join('')
        const { documents, problems } = readDocuments([{ file: 'x', text }])
        expect(documents.length + problems.length).toBeGreaterThan(0)
        for (const { line, column } of problems) {
          expect(line).toBeGreaterThan(0)
          expect(line).toBeLessThanOrEqual(text.split('\n').length)
          expect(column).toBeGreaterThan(0)
        }
      }),
      { numRuns: 500 },
    )
  })
})
