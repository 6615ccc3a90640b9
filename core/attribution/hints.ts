/** What a commit nobody observed says of itself that hints at AI: shown as a hint, never counted as a class. */

interface Said {
  readonly message: string
  readonly authorName: string
  readonly authorEmail: string
}

/** Names by which agents sign commits, in trailers and as authors. */
const AGENTS =
  /\b(claude|codex|openai|chatgpt|copilot|cursor(?:agent)?|gemini|aider|devin|opencode|windsurf|jules|amp|sweep|cline)\b/i
const TRAILER = /^(co-authored-by|generated-by|assisted-by|ai-[a-z-]+|stemma-session)[ \t]*:[ \t]*(.+)$/gim
const GENERATED = /^.{0,8}(?:generated|created|written) (?:with|by) \[?([^\]\n(]{1,60})/gim

/** In words, at most a few; empty where nothing does. */
export function hintsOfAi({ message, authorName, authorEmail }: Said): readonly string[] {
  const hints: string[] = []
  for (const [, key = '', value = ''] of message.matchAll(TRAILER)) {
    const isOwn = /^(stemma-session|ai-)/i.test(key)
    if (isOwn || AGENTS.test(value)) hints.push(`trailer ${key}: ${value.trim().slice(0, 80)}`)
  }
  for (const [, program = ''] of message.matchAll(GENERATED))
    if (AGENTS.test(program)) hints.push(`message says it was made with ${program.trim()}`)
  const author = `${authorName} <${authorEmail}>`
  if (/\[bot\]/i.test(author)) hints.push(`author ${authorName.slice(0, 60)} is a bot`)
  else if (AGENTS.test(authorName) && /noreply|bot|agent/i.test(authorEmail))
    hints.push(`author ${authorName.slice(0, 60)} is an agent`)
  return [...new Set(hints)].slice(0, 3)
}
