/** Asked: what a session was to do, as far as it shows: first prompts, tickets, documents that were read, skills that were used. */
import type { Asked, Session } from './session.ts'
import { ticketsInBranch, ticketsInText } from './ticket.ts'
import { inputText, toolUses } from './tool-use.ts'

/** The first prompts say what a session is for; the whole conversation is in the transcript. */
const MAX_PROMPTS = 3
const MAX_PROMPT_LENGTH = 2_000
/** A header is signed and shown: more than these nobody reads. */
const MAX_TICKETS = 50
const MAX_DOCUMENTS = 100
const MAX_SKILLS = 50
const MAX_EVENTS = 20

/** Of a redacted session nothing but redacted words come out. */
export function askedOf(session: Session): Asked {
  const prompts = session.events.filter((event) => event.kind === 'prompt')
  const documents = documentsOf(session)
  const skills = skillsOf(session)
  return {
    promptCount: prompts.length,
    prompts: prompts.slice(0, MAX_PROMPTS).map(({ id, text }) => ({ event: id, text: shortened(text) })),
    tickets: ticketsOf(session),
    documentCount: documents.size,
    documents: [...documents]
      .slice(0, MAX_DOCUMENTS)
      .map(([name, ids]) => ({ name, events: ids.slice(0, MAX_EVENTS) })),
    skillCount: skills.size,
    skills: [...skills]
      .slice(0, MAX_SKILLS)
      .map(([name, ids]) => ({ name, uses: ids.length, events: ids.slice(0, MAX_EVENTS) })),
  }
}

/** For tier `metadata`: counts and the keys of tickets, and none of anybody's words. */
export function withoutWords({ promptCount, tickets, documentCount, skillCount }: Asked): Asked {
  return {
    promptCount,
    prompts: [],
    tickets: tickets.map(({ key, branches, events: ids }) => ({ key, url: null, branches, events: ids })),
    documentCount,
    documents: [],
    skillCount,
    skills: [],
  }
}

function shortened(text: string): string {
  return text.length <= MAX_PROMPT_LENGTH ? text : `${text.slice(0, MAX_PROMPT_LENGTH).toWellFormed()}…`
}

function ticketsOf({ events: all, branches }: Session): Asked['tickets'] {
  const found = new Map<string, { url: string | null; branches: string[]; events: string[] }>()
  const entry = (key: string) => {
    const known = found.get(key) ?? { url: null, branches: [], events: [] }
    found.set(key, known)
    return known
  }
  for (const event of all) {
    if (event.kind !== 'prompt') continue
    for (const { key, url } of ticketsInText(event.text)) {
      const ticket = entry(key)
      ticket.url ??= url
      if (!ticket.events.includes(event.id) && ticket.events.length < MAX_EVENTS) ticket.events.push(event.id)
    }
  }
  for (const branch of branches) for (const key of ticketsInBranch(branch)) entry(key).branches.push(branch)
  return [...found].slice(0, MAX_TICKETS).map(([key, ticket]) => ({ key, ...ticket }))
}

const DOCUMENT = /\.(md|mdx|markdown|txt|rst|adoc|org|pdf|docx?|odt|rtf)$/i

function documentsOf(session: Session): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>()
  const add = (name: string, ids: readonly string[]) => found.set(name, [...(found.get(name) ?? []), ...ids])
  for (const use of toolUses(session)) {
    const { call, denied } = use
    if (denied) continue
    if (call.category === 'read') {
      for (const path of call.paths) if (DOCUMENT.test(path) && skillIn(path) === null) add(path, use.events)
    } else if (call.category === 'web') {
      const url = inputText(use, 'url', 'uri')
      if (url !== null && /^https?:\/\//.test(url)) add(url.slice(0, 1_000), use.events)
    }
  }
  return found
}

function skillsOf(session: Session): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>()
  for (const use of toolUses(session)) {
    const { call, denied, events: ids } = use
    if (denied) continue
    const names =
      call.category === 'skill'
        ? [inputText(use, 'skill', 'skill_name', 'name', 'command') ?? call.tool]
        : call.category === 'read'
          ? call.paths.map(skillIn)
          : []
    // The call alone: one use, whatever its result was.
    for (const name of names)
      if (name !== null) found.set(name.slice(0, 200), [...(found.get(name) ?? []), ids[0] ?? call.id])
  }
  return found
}

/** Agents without a tool for skills read the file of one. */
function skillIn(path: string): string | null {
  return /(?:^|\/)skills\/(?:[^/]+\/)*?([^/]+)\/SKILL\.md$/i.exec(path)?.[1] ?? null
}
