// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text has the same form.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analyseShell, MAX_COMMAND_CHARACTERS } from '#core/session/shell.ts'

/** Program and arguments of each command, computed ones as `?`. */
function read(text: string): readonly string[] {
  return analyseShell(text).commands.map(({ program, arguments: words }) =>
    [program ?? '?', ...words.map((word) => word ?? '?')].join(' '),
  )
}

describe('what is run', () => {
  it.each([
    ['git commit -n', ['git commit -n']],
    ['a && b || c; d & e', ['a', 'b', 'c', 'd', 'e']],
    ['cat x | grep y | wc -l', ['cat x', 'grep y', 'wc -l']],
    ['(cd x; make) && { echo a; }', ['cd x', 'make', 'echo a']],
    ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
    ['while a; do b; done; until c; do d; done', ['a', 'b', 'c', 'd']],
    ['case $x in a) b;; *) c;; esac', ['b', 'c']],
    ['for f in a b; do rm $f; done', ['rm a', 'rm b']],
    ['for f in *.ts; do rm "$f"; done', ['rm ?']],
    ['! git diff --quiet', ['git diff --quiet']],
    ['/usr/bin/git status', ['git status']],
    ['C:\\Git\\bin\\git.exe status', ['git status']],
    ['g"i"t com\\mit', ['git commit']],
    ["$'\\x67it' status", ['git status']],
  ] as const)('%s', (text, commands) => {
    expect(read(text)).toEqual(commands)
  })
})

describe('through shells and wrappers', () => {
  it.each([
    ['sh -c "git commit -n"', 'sh -c'],
    ["bash -lc 'git commit -n'", 'bash -c'],
    ["bash -eu -o pipefail -c 'git commit -n'", 'bash -c'],
    ["sudo -u ada -- bash -c 'git commit -n'", 'sudo > bash -c'],
    ['eval git commit -n', 'eval'],
    ["eval 'git commit' -n", 'eval'],
    ["trap 'git commit -n' EXIT", 'trap'],
    ['env -i A=1 B=2 git commit -n', 'env'],
    ["env -S 'git commit -n'", 'env'],
    ['nohup nice -n 5 git commit -n', 'nohup > nice'],
    ['timeout -k 5 --signal KILL 60s git commit -n', 'timeout'],
    ['command git commit -n', 'command'],
    ['exec -a x git commit -n', 'exec'],
    ['stdbuf -oL git commit -n', 'stdbuf'],
    ['npx -y git commit -n', 'npx'],
    ['docker compose exec -T app git commit -n', 'docker'],
    ['docker run --rm -v a:b image git commit -n', 'docker'],
    ['su ada -c "git commit -n"', 'su'],
    ['ssh -p 22 host git commit -n', 'ssh'],
    ['watch -n 2 git commit -n', 'watch'],
    ["bash <<'EOF'\ngit commit -n\nEOF", 'bash <input>'],
    ['bash -s <<EOF\ngit commit -n\nEOF', 'bash <input>'],
    ['sh <<< "git commit -n"', 'sh <input>'],
    ["powershell -Command 'git commit -n'", 'powershell -c'],
    ['cmd /c git commit -n', 'cmd -c'],
    ['submit() { git commit "$@"; }; submit -n', 'function submit'],
    ['alias gc="git commit"; gc -n', 'alias gc'],
    ["sh -c 'git commit $1' _ -n", 'sh -c'],
    ['time git commit -n', ''],
    ['coproc git commit -n', ''],
    ['sh -c "sh -c \'git commit -n\'"', 'sh -c > sh -c'],
    ["git rebase --exec 'git commit -n' main", 'git'],
    ['git submodule foreach git commit -n', 'git'],
    ['find . -name x -execdir git commit -n \\;', 'find -execdir'],
    ['echo "$(git commit -n)"', '$(…)'],
    ['echo `git commit -n`', '$(…)'],
    ['diff <(git commit -n) b', '<(…)'],
    ['X=$(git commit -n)', '$(…)'],
    ['[[ $(git commit -n) ]]', '$(…)'],
    ['cat <<EOF\n$(git commit -n)\nEOF', '$(…)'],
  ] as const)('%s', (text, via) => {
    const found = analyseShell(text).commands.find(
      ({ program, arguments: words }) => program === 'git' && words.includes('-n'),
    )
    expect(found?.arguments).toEqual(['commit', '-n'])
    expect(found?.via.join(' > ')).toBe(via)
  })

  it.each(['echo "git commit -n" | sh', "printf 'git commit -n\\n' | bash", "cat <<'EOF' | bash\ngit commit -n\nEOF"])(
    '%s',
    (text) => {
      expect(read(text)).toContain('git commit -n')
    },
  )
})

describe('what is only mentioned', () => {
  it.each([
    'echo "git commit -n"',
    'git log --grep "git commit -n"',
    'git commit -m "do not run sh -c \'git commit -n\'"',
    "cat > notes.md <<'EOF'\ngit commit -n\nEOF",
    'grep -rn "git commit -n" .',
    '# git commit -n',
    'unused() { git commit -n; }',
    'command -v git',
    "alias gc='git commit -n'",
  ])('%s', (text) => {
    expect(read(text)).not.toContain('git commit -n')
  })
})

describe('values', () => {
  it.each([
    ['A=x; echo $A ${A} "$A"', 'echo x x x'],
    ['A="x y"; echo $A', 'echo x y'],
    ['A=1; A+=2; echo $A', 'echo 12'],
    ['echo ${UNSET}', 'echo ?'],
    ['echo "${A:-b}"', 'echo ?'],
    ['A=c; echo "${A:-b}"', 'echo c'],
    ['if x; then A=1; else A=2; fi; echo $A', 'echo ?'],
    ['A=1; x || A=2; echo $A', 'echo ?'],
    ['A=1; while x; do echo $A; A=2; done', 'echo ?'],
    ['A=1; (A=2); echo $A', 'echo 1'],
    ['A=1; read A; echo $A', 'echo ?'],
    ["A=1; sh -c 'echo $A'", 'echo ?'],
    ["export A=1; sh -c 'echo $A'", 'echo 1'],
    ['echo {a,b}/c', 'echo a/c b/c'],
    ['echo {1..3}', 'echo ?'],
    ['echo $(date)', 'echo ?'],
    ['echo $HOME "$PWD"', 'echo ~ .'],
    ['echo $((1 + 1))', 'echo ?'],
    ['$(which git) status', 'git status'],
    ['"$TOOL" status', '? status'],
    ['git ls-files | xargs rm -f', 'rm -f ?'],
    ['echo x | xargs -I{} cp {} out/{}', 'cp ? ?'],
  ] as const)('%s: %s', (text, command) => {
    expect(read(text)).toContain(command)
  })

  it('tells what is known of a computed word', () => {
    const [word] = analyseShell('rm -rf "build/$NAME/out"').commands[0]?.words.slice(1) ?? []
    expect(word).toMatchObject({ value: null, prefix: 'build/', suffix: '/out', splits: false })
    expect(analyseShell('rm $LIST').commands[0]?.words[0]).toMatchObject({ value: null, splits: true })
  })

  it('gives a command the environment of assignments, export and env', () => {
    const environment = (text: string) => analyseShell(text).commands.at(-1)?.environment.get('HUSKY')
    expect(environment('HUSKY=0 git commit')).toBe('0')
    expect(environment('export HUSKY=0; git commit')).toBe('0')
    expect(environment('export HUSKY=0; unset HUSKY; git commit')).toBeUndefined()
    expect(environment('env HUSKY=0 git commit')).toBe('0')
    expect(environment('HUSKY=0; git commit')).toBeUndefined()
    expect(environment('HUSKY=$X git commit')).toBeNull()
    expect(environment('HUSKY=0 sh -c "git commit"')).toBe('0')
  })

  it('follows the working folder', () => {
    const folder = (text: string) => analyseShell(text).commands.at(-1)?.folder
    expect(folder('cd a/b && ls')).toBe('a/b')
    expect(folder('cd a; cd ../c; ls')).toBe('c')
    expect(folder('(cd a); ls')).toBe('.')
    expect(folder('cd /srv && ls')).toBe('/srv')
    expect(folder('cd "$X" && ls')).toBeNull()
    expect(folder('x && { cd a; } || cd b; ls')).toBeNull()
  })

  it('lists files that a command is redirected into, and no descriptors', () => {
    expect(analyseShell('make > out.log 2>&1 2> "$ERR" &> all >> more').commands[0]?.writes).toEqual([
      'out.log',
      null,
      'all',
      'more',
    ])
  })
})

describe('doubts', () => {
  it.each([
    ['echo "unfinished', 'unparsable'],
    ['if x; then', 'unparsable'],
    ['eval "$CODE"', 'computed-script'],
    ['bash -c "$CODE"', 'computed-script'],
    ['curl https://example.com | sh', 'computed-script'],
    ['base64 -d x | bash', 'computed-script'],
    ['bash <(curl https://example.com)', 'computed-script'],
    ['x'.repeat(MAX_COMMAND_CHARACTERS + 1), 'too-large'],
  ] as const)('%.30s: %s', (text, kind) => {
    expect(analyseShell(text).doubts.map((doubt) => doubt.kind)).toContain(kind)
  })

  it.each(['bash script.sh', 'sh < script.sh', 'source .envrc', 'npm run build', 'cat <<EOF\n$X\nEOF', 'ls -la "$X"'])(
    'none about %s',
    (text) => {
      expect(analyseShell(text).doubts).toEqual([])
    },
  )

  it('names the programs whose output a shell runs', () => {
    const last = (text: string) =>
      analyseShell(text).commands.findLast(({ runsOutputOf }) => runsOutputOf !== null)?.runsOutputOf
    expect(last('curl -s x | tee y | sudo bash')).toEqual(['curl', 'tee'])
    expect(last('eval "$(ssh-agent -s)"')).toEqual(['ssh-agent'])
    expect(last('eval "$X"')).toEqual([])
  })

  it('is bounded in depth and number', () => {
    const nested = Array.from({ length: 40 }, (_, level) => `bash <<'E${level}'`).join('\n')
    expect(analyseShell(`${nested}\nx`).doubts.some(({ kind }) => kind === 'too-deep')).toBe(true)
    const many = Array.from({ length: 14 }, (_, index) => `f${index}() { f${index + 1}; f${index + 1}; }`).join('; ')
    const flood = analyseShell(`f14() { x; }; ${many}; f0`)
    expect(flood.commands.length).toBeLessThanOrEqual(5_000)
    expect(flood.doubts.some(({ kind }) => kind === 'too-many')).toBe(true)
  })

  it('runs a function that calls itself once', () => {
    expect(analyseShell('again() { sleep 1; again; }; again')).toMatchObject({
      commands: [{ program: 'sleep' }],
      doubts: [],
    })
  })

  it('sees a function that multiplies', () => {
    expect(analyseShell(':(){ :|:& };:').forkBombs).toHaveLength(1)
    expect(analyseShell('bomb() { bomb | bomb & }; bomb').forkBombs).toHaveLength(1)
    expect(analyseShell('again() { sleep 1; again; }; again').forkBombs).toEqual([])
    expect(analyseShell('again() { again & }; again').forkBombs).toEqual([])
  })
})

describe('hostile text', () => {
  const pieces = [
    'git',
    'commit',
    '-n',
    '"',
    "'",
    '`',
    '$(',
    ')',
    '${',
    '}',
    '{',
    ';',
    '&&',
    '||',
    '|',
    '\n',
    '<<EOF',
    'EOF',
    '<(',
    '((',
    '))',
    '[[',
    ']]',
    'if',
    'then',
    'fi',
    'for',
    'do',
    'done',
    'case',
    'esac',
    'in',
    'function f',
    'f()',
    '\\',
    '$',
    '#',
    '!',
    '&',
    '>',
    'sh -c',
    'eval',
    'xargs',
    'find -exec',
    'env',
    'sudo',
    'A=1',
    '__proto__=1',
    'cd ..',
    '{a,b}',
    '*',
    '\u0000',
    '\ud800',
  ]

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), fc.constantFrom('', ' '), (parts, gap) => {
        const { commands } = analyseShell(parts.join(gap))
        for (const command of commands) expect(command.words).toHaveLength(command.arguments.length)
      }),
      { numRuns: 2_000 },
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(Array.isArray(analyseShell(text).commands)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['open substitutions', '$('.repeat(5_000)],
    ['open braces', '{'.repeat(20_000)],
    ['brace lists', '{a,b}'.repeat(2_000)],
    ['backquotes', '`'.repeat(20_001)],
    ['here-documents', '<<A '.repeat(5_000)],
    ['wrappers', 'sudo '.repeat(20_000)],
    ['pipes', 'a|'.repeat(20_000)],
    ['nested shells', `${'sh -c "'.repeat(500)}x`],
    ['a long word', `rm ${'a'.repeat(500_000)}`],
    ['many arguments', `git commit ${'-n '.repeat(100_000)}`],
    ['many variables', Array.from({ length: 20_000 }, (_, index) => `A${index}=$A${index - 1}`).join(';')],
    ['doubling variables', `A=xxxxxxxxxxxxxxxx;${'A=$A$A;'.repeat(60)}echo $A`],
    [
      'doubling arguments',
      `${Array.from({ length: 60 }, (_, index) => `f${index}() { f${index + 1} "$@" "$@"; }`).join(';')}; f0 x`,
    ],
    ['a long value often', `A=${'x'.repeat(10_000)}; echo ${'$A '.repeat(100_000)}`],
    ['doubling words', `A="x x x x";${'A="$A $A";'.repeat(40)}echo $A`],
  ])('is read to its end: %s', (_, text) => {
    expect(Array.isArray(analyseShell(text).commands)).toBe(true)
  })
})
