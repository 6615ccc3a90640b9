/**
 * OpenCode keeps its sessions in a SQLite database, each message and part as JSON. Versions before kept the same JSON in
 * files, which a newer version takes over into the database.
 */
import type { SessionDatabase } from '../agent.ts'

export function dataFolder(home: string, environment: Readonly<Record<string, string>>): string {
  return `${environment['XDG_DATA_HOME'] || `${home}/.local/share`}/opencode`
}

/** Parts are what changes while a session goes on; how many there are tells where a clock does not. */
const SESSIONS = `select s.id as id, s.parent_id as parent, s.directory as folder,
  max(s.time_updated, coalesce((select max(p.time_updated) from part p where p.session_id = s.id), 0)) as modified,
  (select count(*) from part p where p.session_id = s.id) as size
  from session s`

/** A message is told before its parts; ids of both sort by time. */
function recordsOf(id: string): string {
  return `select 'session' as kind, s.id as id, s.id as session, null as message, json_object('parentID', s.parent_id,
    'directory', s.directory, 'version', s.version, 'agent', s.agent, 'created', s.time_created,
    'output', s.tokens_output + s.tokens_reasoning) as data from session s where s.id = '${id}'
  union all select * from (select 'message', m.id, m.session_id, null, m.data from message m
    where m.session_id = '${id}' order by m.time_created, m.id)
  union all select * from (select 'part', p.id, p.session_id, p.message_id, p.data from part p
    where p.session_id = '${id}' order by p.id)`
}

export const opencodeDatabase: SessionDatabase = {
  path: (home, environment) => `${dataFolder(home, environment)}/opencode.db`,
  sessions: SESSIONS,
  recordsOf,
  // Without plugins: ours would call us.
  program: { name: 'opencode', parameters: (query) => ['--pure', 'db', query, '--format', 'json'] },
}
