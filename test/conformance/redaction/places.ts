/** Where secrets turn up in transcripts: each place makes the events that carry one. */
import type { Event } from '#core/session/event.ts'
import type { Planted } from './kinds.ts'

export interface Place {
  readonly id: string
  readonly events: (planted: Planted, id: string) => readonly Event[]
}

const common = { at: null, thread: 'main' }

const prompt = (id: string, text: string): Event => ({ ...common, id: `${id}-p`, kind: 'prompt', text })

const result = (id: string, output: string, lines: readonly string[] = []): Event => ({
  ...common,
  id: `${id}-r`,
  kind: 'toolResult',
  callId: `${id}-c`,
  outcome: 'ok',
  exitCode: null,
  output,
  edits: lines.length === 0 ? [] : [{ path: 'notes.txt', kind: 'create', userModified: null, hunks: [hunk(lines)] }],
})

const hunk = (lines: readonly string[]) => ({
  oldStart: 0,
  oldLines: 0,
  newStart: 1,
  newLines: lines.length,
  lines: lines.map((line) => `+${line}`),
})

const call = (id: string, input: Record<string, unknown>): Event => ({
  ...common,
  id: `${id}-c`,
  kind: 'toolCall',
  callId: `${id}-c`,
  tool: 'Bash',
  category: 'shell',
  input,
  command: null,
  paths: [],
})

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

/** As `base64` and mail programs wrap it. */
const wrapped = (text: string, width: number): string =>
  Array.from({ length: Math.ceil(text.length / width) }, (_, at) => text.slice(at * width, (at + 1) * width)).join('\n')

/** The secret broken in two where `share` of it is over; what stands around it stays. */
const broken = ({ secret, written }: Planted, share: number, between: string): string => {
  const at = Math.max(1, Math.floor(secret.length * share))
  return written.replace(secret, () => secret.slice(0, at) + between + secret.slice(at))
}

const nested = (value: unknown, depth: number): Record<string, unknown> => {
  let outer: Record<string, unknown> = { value }
  for (let level = 1; level < depth; level++) outer = level % 3 === 0 ? { list: [outer] } : { inner: outer }
  return outer
}

export const places: readonly Place[] = [
  {
    id: 'plain',
    events: ({ written }, id) => [
      prompt(id, `Use this, please:\n${written}\nand go on.`),
      result(id, `exit 0 (${written})`, ['first', ...written.split('\n'), 'last']),
    ],
  },
  {
    id: 'in colours',
    events: ({ written }, id) => [result(id, `\u001b[32m${written}\u001b[0m ok`)],
  },
  {
    id: 'JSON-escaped',
    events: ({ written }, id) => {
      const once = JSON.stringify({ note: `line one\n${written}\nline two`, count: 2 })
      return [result(id, once), result(`${id}-2`, JSON.stringify({ body: once }))]
    },
  },
  {
    id: 'in a URL',
    events: ({ written }, id) => [
      result(id, `GET https://example.org/callback?page=2&state=${encodeURIComponent(written)}&next=3 200`),
      prompt(id, `open https://example.org/run#${encodeURIComponent(`a=1&${written}`)}`),
    ],
  },
  {
    id: 'in base64 tool output',
    events: ({ written }, id) => [
      result(id, base64(`# settings\n${written}\nregion = north\n`)),
      result(`${id}-2`, `data:\n${wrapped(base64(`x\n\n# settings of the shop\n${written}\n`), 76)}\n`),
      call(id, { content: base64(`no ${written}`) }),
    ],
  },
  {
    id: 'split over lines',
    events: (planted, id) => [
      result(id, `value:\n${broken(planted, 0.5, '\n')}\nend of it`),
      result(`${id}-2`, `value:\n${broken(planted, 0.06, '\n')}\nend of it`),
      prompt(id, `run ${broken(planted, 0.7, '\\\n    ')} now`),
      result(`${id}-3`, 'edited', ['start', ...broken(planted, 0.4, '\n').split('\n'), 'end']),
    ],
  },
  {
    id: 'under its own key',
    events: ({ value, key }, id) => [
      call(id, { config: { [key]: value } }),
      call(`${id}-2`, { env: [{ name: key, value }] }),
    ],
  },
  {
    id: 'under keys that sound harmless',
    events: ({ written }, id) => [
      call(id, { name: written, id: written, path: written, aws_access_key_id: written, description: [written] }),
    ],
  },
  {
    id: 'as a key',
    events: ({ written }, id) => [call(id, { [written]: 'value' })],
  },
  {
    id: 'nested deeper than 32 levels',
    events: ({ written }, id) => [
      call(id, nested(written, 40)),
      { ...common, id: `${id}-u`, kind: 'unrecognised', type: 'future', record: nested(written, 300) },
    ],
  },
]
