/** Sessions in a database, by both ways to read it; the program of the agent is the test's own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessTo, families, listSessions, type Place, readRecordsOf } from '#cli/io/session-database.ts'
import { readTranscript, sweep } from '#cli/io/transcripts.ts'
import type { HookNote } from '#core/agents/agent.ts'
import { opencode } from '#core/agents/opencode/index.ts'

const { database } = opencode
if (database === undefined) throw new Error('OpenCode has a database')

let home = ''
let place: Place

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'stemma-database-'))
  const path = database.path(home, {})
  mkdirSync(join(path, '..'), { recursive: true })
  const store = new DatabaseSync(path)
  store.exec(`pragma journal_mode = wal;
    create table session (id text primary key, parent_id text, directory text, version text, agent text, time_created integer,
      time_updated integer, tokens_output integer, tokens_reasoning integer);
    create table message (id text primary key, session_id text, time_created integer, time_updated integer, data text);
    create table part (id text primary key, message_id text, session_id text, time_created integer, time_updated integer, data text);
    insert into session values ('ses_1', null, '/srv/shop', '1.18.33', 'build', 1, 10, 0, 0),
      ('ses_2', 'ses_1', '/srv/shop', '1.18.33', 'general', 2, 5, 0, 0), ('ses_3', null, '/srv/other', '1.18.33', 'build', 3, 7, 0, 0);
    insert into message values ('msg_1', 'ses_1', 4, 4, '{"role":"user","time":{"created":1762077600000}}'),
      ('msg_2', 'ses_2', 5, 5, '{"role":"user","time":{"created":1762077601000}}');
    insert into part values ('prt_1', 'msg_1', 'ses_1', 4, 12, '{"type":"text","text":"Mend it"}'),
      ('prt_2', 'msg_2', 'ses_2', 4, 4, '{"type":"text","text":"Look"}')`)
  // Stays open, as the agent's own does: what was written lies in the log beside the database.
  place = { path, database, environment: { PATH: '' } }
  opened = store
})
let opened: DatabaseSync | null = null
afterAll(() => {
  opened?.close()
  rmSync(home, { recursive: true, force: true })
})

const request = { workingDirectory: '/srv/shop', streams: new Map(), stateDirectory: null, notes: [] as HookNote[] }

async function swept(roots: readonly string[] | null, notes: readonly HookNote[] = []) {
  const found = await sweep({ ...request, roots, home, environment: { PATH: '' }, notes })
  return found.filter(({ agent }) => agent === opencode)
}

test('lists sessions, newest change and number of parts with them', async () => {
  expect(await accessTo(place)).toBe('node')
  expect(await listSessions(place)).toEqual([
    { id: 'ses_1', parent: null, folder: '/srv/shop', modified: 12, size: 1 },
    { id: 'ses_2', parent: 'ses_1', folder: '/srv/shop', modified: 5, size: 1 },
    { id: 'ses_3', parent: null, folder: '/srv/other', modified: 7, size: 0 },
  ])
})

test('a sweep finds the sessions of a folder, each with those that it started', async () => {
  const [found, ...others] = await swept(['/srv/shop'])
  expect(others).toEqual([])
  expect(found).toMatchObject({ id: 'opencode:ses_1', capture: 'swept' })
  expect(found?.files.map(({ path }) => path)).toEqual(['ses_1.jsonl', 'ses_2.jsonl'])
  const files = found === undefined ? [] : await readTranscript(found)
  const session = opencode.parse(files, { roots: ['/srv/shop'], home, capture: 'both', countedMessages: new Set() })
  expect(session?.events.map(({ kind, thread }) => [kind, thread])).toEqual([
    ['prompt', 'main'],
    ['context', 'ses_2'],
  ])
  expect(opencode.workingDirectories?.(files)).toEqual(['/srv/shop'])
})

test('of every folder, and what the hooks saw wherever it ran', async () => {
  expect((await swept(null)).map(({ id }) => id)).toEqual(['opencode:ses_1', 'opencode:ses_3'])
  const note = opencode.readHook({ event: 'session.idle', sessionID: 'ses_3', cwd: '/srv/other' })
  const found = await swept(['/srv/shop'], note === null ? [] : [note])
  expect(found.map(({ id, capture }) => [id, capture])).toEqual([
    ['opencode:ses_1', 'swept'],
    ['opencode:ses_3', 'both'],
  ])
})

test('an id that is none is not asked for', async () => {
  expect(await readRecordsOf(place, "x' or '1'='1")).toBeNull()
  expect(await readRecordsOf(place, 'ses_9')).toBeNull()
})

test('without a database there is nothing, and one that is none can be read in no way', async () => {
  expect(await accessTo({ ...place, path: join(home, 'none.db') })).toBe('absent')
  expect(await listSessions({ ...place, path: join(home, 'none.db') })).toBeNull()
  const path = join(home, 'damaged.db')
  writeFileSync(path, 'no database')
  expect(await accessTo({ ...place, path })).toBe('unreadable')
  expect(await listSessions({ ...place, path })).toBeNull()
})

test('a family is no circle', () => {
  const one = (id: string, parent: string | null) => ({ id, parent, folder: '', modified: 0, size: 0 })
  const circle = families([one('a', 'b'), one('b', 'a'), one('c', 'c'), one('d', 'gone')])
  expect(circle.flat().length).toBe(4)
})

test('where Node.js has no SQLite, the agent’s own program is asked', async () => {
  const rows = JSON.stringify([{ id: 'ses_7', parent: null, folder: '/srv/shop', modified: 3, size: 2 }])
  writeFileSync(join(home, 'opencode'), `#!/bin/sh\necho "$@" >>"${home}/asked"\necho '${rows}'\n`, { mode: 0o755 })
  const path = join(home, 'other-form.db')
  writeFileSync(path, 'read by nobody but the program')
  const own: Place = { path, database, environment: { PATH: `${home}:${process.env['PATH']}` } }
  expect(await accessTo(own)).toBe('program')
  expect((await listSessions(own))?.map(({ id }) => id)).toEqual(['ses_7'])
  writeFileSync(join(home, 'opencode'), '#!/bin/sh\necho "[{\\"id\\": \\"cut"\n', { mode: 0o755 })
  expect(await listSessions(own)).toBeNull()
  writeFileSync(join(home, 'opencode'), '#!/bin/sh\necho "[]"\nexit 1\n', { mode: 0o755 })
  expect(await accessTo(own)).toBe('unreadable')
})
