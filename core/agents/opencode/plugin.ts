/** Stemma's plugin for OpenCode: it runs inside the agent, so it holds next to nothing and swallows every failure. */

/** How an error begins by which our plugin refused a call. */
export const DENIED = 'Denied by Stemma: '

/** The first line of every version's. */
export const PLUGIN_MARK = '// Stemma: evidence of what agents do in this repository.'

/** A module of the program in which the plugin runs, and none that core imports. */
const PROCESSES = JSON.stringify('node:child_process')

export const PLUGIN = `${PLUGIN_MARK}
// Written by \`stemma init\`, removed by \`stemma uninstall\`; without the program \`stemma\` it does nothing.
import { spawn } from ${PROCESSES}

/** Milliseconds. The program needs a few; whatever holds it up longer than this is not worth the wait. */
const LIMIT = 10_000

export const Stemma = async ({ directory }) => {
  /** A subagent's session -> the session that started it. */
  const parents = new Map()

  const rootOf = (session) => {
    let root = session
    for (let level = 0; level < 20 && parents.has(root); level++) root = parents.get(root)
    return root
  }

  /** What the program says, which is nothing unless its guard refuses a call. Never fails. */
  const tell = (event, fields) =>
    new Promise((resolve) => {
      let said = ''
      try {
        const program = spawn('stemma', ['hook', 'opencode', event], {
          cwd: directory,
          stdio: ['pipe', 'pipe', 'ignore'],
          timeout: LIMIT,
        })
        program.on('error', () => resolve(''))
        program.on('close', () => resolve(said))
        program.stdin.on('error', () => {})
        program.stdout.on('data', (chunk) => {
          said += chunk
        })
        program.stdin.end(JSON.stringify({ event, cwd: directory, ...fields }))
      } catch {
        resolve('')
      }
    })

  const refusalIn = (said) => {
    try {
      const { decision, reason } = JSON.parse(said)
      return decision === 'deny' ? String(reason) : null
    } catch {
      return null
    }
  }

  return {
    event: async ({ event }) => {
      const info = event?.properties?.info
      if (event?.type === 'session.created' && info?.parentID) parents.set(info.id, info.parentID)
      else if (event?.type === 'session.created') await tell('session.created', { sessionID: info?.id })
      const session = event?.properties?.sessionID
      if (event?.type === 'session.idle' && !parents.has(session)) await tell('session.idle', { sessionID: session })
    },
    'chat.message': async ({ sessionID }) => {
      if (!parents.has(sessionID)) await tell('chat.message', { sessionID })
    },
    'tool.execute.before': async ({ tool, sessionID, callID }, output) => {
      const fields = { sessionID: rootOf(sessionID), callID, tool, args: output?.args }
      const refusal = refusalIn(await tell('tool.execute.before', fields))
      if (refusal !== null) throw new Error('${DENIED}' + refusal)
    },
    'tool.execute.after': async ({ tool, sessionID, callID, args }) => {
      await tell('tool.execute.after', { sessionID: rootOf(sessionID), callID, tool, args })
    },
  }
}
`
