import { describe, expect, it } from 'vitest'
import { analyseShell } from '#core/session/shell.ts'
import { isTestCommand, printedOutcome } from '#core/session/test-command.ts'

const runs = (text: string, extra: readonly string[] = []) =>
  analyseShell(text).commands.some((command) => isTestCommand(command, extra))

describe('isTestCommand', () => {
  it.each([
    'npm test',
    'npm t',
    'npm run test:unit -- --grep x',
    'npm --silent run test',
    'npm -w packages/a test',
    'yarn test',
    'yarn workspace web test',
    'pnpm --filter web test',
    'pnpm vitest run',
    'bun test',
    'npx vitest run',
    'vitest',
    'jest --ci',
    'node --test',
    'node --import tsx --test test/a.ts',
    'npx playwright test',
    'nx test web',
    'turbo run test',
    'deno test -A',
    'pytest -q',
    'python -m pytest',
    'python3.12 -m unittest',
    'uv run pytest',
    'poetry run python -m pytest',
    'python manage.py test',
    'tox -e py312',
    'go test ./...',
    'cargo test --workspace',
    'cargo nextest run',
    'mvn -q verify',
    './mvnw test',
    './gradlew :app:testDebugUnitTest check',
    'make test',
    'make -j4 check',
    'just test',
    'bundle exec rspec',
    'bin/rails test',
    'vendor/bin/phpunit',
    'php artisan test',
    'composer test',
    'dotnet test',
    'ctest --output-on-failure',
    'swift test',
    'mix test',
    'flutter test',
    'bazel test //...',
    'cd app && CI=1 npm test 2>&1 | tail -20',
    "bash -lc 'npm test'",
    'timeout 60 npm test',
    'docker compose exec -T web pytest',
  ])('%s', (text) => {
    expect(runs(text)).toBe(true)
  })

  it.each([
    'echo "npm test"',
    'npm install',
    'npm run build',
    'npm run latest',
    'yarn add jest',
    'jest --version',
    'vitest --help',
    'pytest --collect-only',
    'cargo test --no-run',
    'go test -list .',
    'dotnet test --list-tests',
    'mvn package -DskipTests',
    'gradle build -x test',
    'git commit -m "npm test"',
    'cat test/a.test.ts',
    'node test.js',
    'make testdata.json',
    'grep -rn pytest .',
    'test -f x',
  ])('not %s', (text) => {
    expect(runs(text)).toBe(false)
  })

  it('takes an organisation’s own commands by their beginning', () => {
    expect(runs('scripts/verify --all')).toBe(false)
    expect(runs('scripts/verify --all', ['verify'])).toBe(true)
    expect(runs('verifying', ['verify'])).toBe(false)
    expect(runs('anything', [''])).toBe(false)
  })

  it('is read to its end however long the arguments are', () => {
    for (const program of ['mvn', 'gradle', 'npm', 'nx', 'python', 'make', 'cargo'])
      expect(typeof runs(`${program} ${'test :: '.repeat(50_000)}`)).toBe('boolean')
  })
})

describe('printedOutcome', () => {
  it.each([
    ['Tests:       1 failed, 3 passed, 4 total', 'failed'],
    ['Tests:       4 passed, 4 total', 'passed'],
    ['\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m4 passed\u001b[39m (4)', 'passed'],
    ['      Tests  1 failed | 3 passed (4)', 'failed'],
    ['# pass 3\n# fail 0', 'passed'],
    ['ℹ pass 3\nℹ fail 1', 'failed'],
    ['====== 3 passed in 0.12s ======', 'passed'],
    ['=== 1 failed, 2 passed in 0.12s ===', 'failed'],
    ['3 passed, 1 warning in 0.12s', 'passed'],
    ['Ran 3 tests in 0.01s\n\nOK', 'passed'],
    ['FAILED (failures=1)', 'failed'],
    ['ok  \texample.com/a\t0.01s', 'passed'],
    ['ok  \texample.com/a\t0.01s\n--- FAIL: TestB (0.00s)\nFAIL', 'failed'],
    ['test result: ok. 3 passed; 0 failed', 'passed'],
    ['test result: FAILED. 2 passed; 1 failed', 'failed'],
    ['3 examples, 0 failures', 'passed'],
    ['3 examples, 1 failure', 'failed'],
    ['  3 passing (10ms)\n  1 failing', 'failed'],
    ['the tests passed, as far as I can see', null],
    ['', null],
  ] as const)('%j: %s', (output, outcome) => {
    expect(printedOutcome(output)).toBe(outcome)
  })

  it('is read to its end, whatever the output', () => {
    for (const part of ['1 failed ', '1 passed, ', '= ', 'Tests: 1 failed, ', '\t ', '9'])
      expect([null, 'passed', 'failed']).toContain(printedOutcome(part.repeat(100_000)))
  })
})
