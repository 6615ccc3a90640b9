/** A session of a wanted size, of the mix that long sessions have: always the same one, and nothing in it is a violation. */
import { editEvents, exampleSubject, shellEvents, toolEvents } from '#core/policy/subject.ts'
import type { Event } from '#core/session/event.ts'
import type { Session } from '#core/session/session.ts'

const commands = [
  'npm test',
  'git status --short && git diff --stat',
  'cd packages/app && npx vitest run src/parse.test.ts 2>&1 | tail -40',
  'grep -rn "parseLine" src --include=*.ts | head -20',
  'git add -A && git commit -m "$(cat <<\'EOF\'\nParse empty lines\n\nThey were dropped before.\nEOF\n)"',
  'for file in src/a.ts src/b.ts; do npx tsc --noEmit "$file" || exit 1; done',
  'find . -name "*.snap" -not -path "./node_modules/*" | xargs wc -l',
  'node -e "console.log(require(\'./package.json\').version)"',
  'ls -la dist && du -sh dist',
  'sed -n 1,80p src/parse.ts',
  'rm -rf dist && npm run build > build.log 2>&1; echo "exit $?"',
]

const words =
  'const value = await readLine(stream) // an ordinary line of a program, with names, numbers 12345 and "quotes"\n'

/** Long outputs are cut by agents at about this size. */
const OUTPUT = 3_000

/** `characters` of the session written as JSON, within a percent or so. */
export function sampleSession(characters: number): Session {
  const events: Event[] = []
  let size = 0
  for (let turn = 0; size < characters; turn++) {
    const added = turnEvents(turn)
    size += JSON.stringify(added).length
    events.push(...added)
  }
  const { session } = exampleSubject({ title: 'measured', events })
  return { ...session, permissionModes: ['default'] }
}

function turnEvents(turn: number): readonly Event[] {
  const place = { at: null, thread: 'main' }
  // Every second command is one that was not run before, as in long sessions.
  const usual = commands[turn % commands.length] ?? 'npm test'
  const command = turn % 2 === 0 ? usual : `${usual} # ${turn}`
  const output = words.repeat(Math.ceil((OUTPUT * ((turn % 4) + 1)) / 4 / words.length))
  const path = `src/part${turn % 40}.ts`
  const tokens = { uncachedInput: 10, cacheRead: 40_000, cacheWrite5m: 500, cacheWrite1h: 0, output: 400, reasoning: 0 }
  return [
    { ...place, id: `m${turn}`, kind: 'message', text: `I will look at ${path} next.\n${words.repeat(3)}` },
    ...toolEvents(`r${turn}`, { tool: 'Read', category: 'read', input: { file_path: path }, paths: [path], output }),
    ...editEvents(`e${turn}`, path, editLines(turn)),
    ...shellEvents(`c${turn}`, command, 0, output),
    { ...place, id: `u${turn}`, kind: 'usage', messageId: `msg${turn}`, model: 'claude-sonnet-4-5', usage: tokens },
  ]
}

function editLines(turn: number): readonly string[] {
  const line = words.trimEnd()
  return Array.from({ length: 12 }, (_, index) => {
    const mark = index % 3 === 0 ? '-' : index % 3 === 1 ? '+' : ' '
    return `${mark}${line} ${turn} ${index}`
  })
}
