/** Records in the user's role: prompts, results of tools, and what the program put there. */
import { type JsonObject, textIn } from '../json-value.ts'
import { unrecognised } from '../unrecognised.ts'
import { blocksOf, nameOfBlock } from './blocks.ts'
import type { Draft, Reading } from './reading.ts'
import { messageOf, type TranscriptRecord } from './records.ts'
import { toolResult } from './tool-result.ts'
import { wordsOf } from './words.ts'

export function userDrafts(record: TranscriptRecord, reading: Reading): readonly Draft[] {
  const drafts: Draft[] = []
  const words: string[] = []
  for (const block of blocksOf(messageOf(record)?.['content'])) {
    const type = textIn(block, 'type') ?? ''
    if (type === 'tool_result') drafts.push(...toolResult(block, record, reading))
    else if (type === 'text') words.push(textIn(block, 'text') ?? '')
    else if (type === 'image' || type === 'document') words.push(nameOfBlock(block))
    else drafts.push(...unrecognised(`user.${type}`, block, reading))
  }
  return [...drafts, ...wordDrafts(words, record, reading)]
}

/** Blocks of one source make one event: an editor sends a prompt and the selected lines as two. */
function wordDrafts(words: readonly string[], record: TranscriptRecord, reading: Reading): readonly Draft[] {
  const groups = Map.groupBy(words, (text) => {
    const { kind, source } = wordsOf(text, record.json, record.thread === 'main')
    return `${kind}:${source}`
  })
  return [...groups].flatMap(([key, texts]): readonly Draft[] => {
    const text = reading.clean(texts.join('\n'))
    if (text.trim() === '') return []
    if (key.startsWith('context:'))
      return [{ event: { kind: 'context', source: reading.clean(key.slice('context:'.length)), text } }]
    return [{ event: { kind: key.startsWith('prompt:') ? 'prompt' : 'interruption', text } }]
  })
}

export function permissionModeOf(record: JsonObject): string | null {
  return textIn(record, 'permissionMode')?.slice(0, 60).toWellFormed() ?? null
}
