/**
 * The guard's own program, `STATE ROOT AGENT RECORD`: started by the launcher before a tool runs where the guard is on;
 * RECORD is the payload's record on the spool. Prints the agent's own form of a denial or a question, nothing for leave; exit code 0. Any other exit code
 * is a failure, which the launcher handles. Every millisecond is waited for by an agent: it loads what it needs alone.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import '../node-20.ts'
import { callerOf } from '#core/agents/caller.ts'
import { decide, type GuardedContract, plainAllow } from '#core/guard/decide.ts'
import type { GuardRecord } from '#core/guard/guard.ts'
import { pendingSession } from '#core/guard/pending-session.ts'
import { guardPolicies } from '#core/guard/policies.ts'
import { agentGuards } from '#core/guard/registry.ts'
import { readSwitch, writeSwitch } from '#core/guard/switch.ts'
import { keptContract } from './kept-contract.ts'

const [state = '', root = '', configured = '', record = ''] = process.argv.slice(2)

const payload = payloadIn(readFileSync(record, 'utf8'))
const environment = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']))
const caller = callerOf(environment, payload) ?? configured
const guard = agentGuards.find(({ agent }) => agent === caller) ?? agentGuards.find(({ agent }) => agent === configured)
const call = guard?.readCall(payload) ?? null
if (guard !== undefined && call !== null) {
  const places = { roots: [root], home: environment['HOME'] || homedir() }
  const contract = keptContract(readKept(join(state, 'contract.json')))
  keepInStep(contract)
  const isLater = guard.asksLater?.(payload) === true
  const canAsk = isLater || guard.canAsk(payload)
  const found = decide({ contract, call, places, canAsk }, guardPolicies)
  const answer = isLater && found.decision === 'ask' ? plainAllow : found
  if (answer.policies.length > 0) {
    const [told] = pendingSession(call, places).events
    keep({
      at: new Date().toISOString(),
      session: call.session,
      callId: call.callId,
      tool: call.tool,
      command: told?.kind === 'toolCall' ? told.command : null,
      paths: told?.kind === 'toolCall' ? told.paths : [],
      decision: answer.decision,
      policies: [...answer.policies],
      reason: answer.reason,
      failed: false,
    })
  }
  if (answer.decision !== 'allow') process.stdout.write(guard.reply(answer.decision, answer.reason, payload))
}

/** As `parseRecord` of the spool finds it, which takes more of the program along. Throws for what is no JSON. */
function payloadIn(text: string): unknown {
  const body = text.slice(text.indexOf('\n\n') + 2)
  const snapshots = body.lastIndexOf('\nstemma-snapshots\n')
  return JSON.parse(snapshots === -1 ? body : body.slice(0, snapshots))
}

/** What happens where the guard breaks is written down beforehand, by the contract of now. */
function keepInStep({ guard: settings }: GuardedContract): void {
  const path = join(state, 'guard')
  const present = readKept(path)
  const wanted = writeSwitch(readSwitch(present, agentGuards), settings)
  if (present === null || present === wanted) return
  writeFileSync(`${path}.${process.pid}`, wanted, { mode: 0o600 })
  renameSync(`${path}.${process.pid}`, path)
}

/** null where there is no such file. */
function readKept(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return null
    throw problem
  }
}

/** One append each, so that decisions of agents that run side by side do not mix. */
function keep(decided: GuardRecord): void {
  const folder = join(state, 'decisions')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  appendFileSync(join(folder, `${decided.at.slice(0, 10)}.jsonl`), `${JSON.stringify(decided)}\n`, { mode: 0o600 })
}
