/** One record of the transcript becomes any number of events. */
import { countIn, type JsonObject, objectIn, textIn } from '../json-value.ts'
import { contextDraft } from '../reading.ts'
import { unrecognised } from '../unrecognised.ts'
import { assistantDrafts } from './assistant-record.ts'
import { attachmentTexts } from './attachments.ts'
import type { Draft, Reading } from './reading.ts'
import { droppedAttachments, droppedRecords, droppedSystemRecords } from './record-types.ts'
import type { TranscriptRecord } from './records.ts'
import { userDrafts } from './user-record.ts'

export function draftsOf(record: TranscriptRecord, reading: Reading): readonly Draft[] {
  const type = textIn(record.json, 'type') ?? 'none'
  if (type === 'user') return userDrafts(record, reading)
  if (type === 'assistant') return assistantDrafts(record, reading)
  if (type === 'attachment') return attachmentDrafts(record.json, reading)
  if (type === 'system') return systemDrafts(record.json, reading)
  if (type === 'pr-link') return contextDraft('pull-request', textIn(record.json, 'prUrl') ?? '', reading)
  return droppedRecords.has(type) ? [] : unrecognised(type, record.json, reading)
}

function attachmentDrafts(record: JsonObject, reading: Reading): readonly Draft[] {
  const attachment = objectIn(record, 'attachment')
  const type = textIn(attachment, 'type') ?? 'none'
  if (attachment === null || droppedAttachments.has(type)) return []
  const workingDirectory = textIn(record, 'cwd')
  const texts = attachmentTexts(attachment, (path) => reading.place(path, workingDirectory))
  if (texts === null) return unrecognised(`attachment.${type}`, attachment, reading)
  return texts.flatMap((one): readonly Draft[] => {
    if (one.kind === 'context') return contextDraft(one.source, one.text, reading)
    const text = reading.clean(one.text)
    return text.trim() === '' ? [] : [{ event: { kind: 'prompt', text } }]
  })
}

function systemDrafts(record: JsonObject, reading: Reading): readonly Draft[] {
  const subtype = textIn(record, 'subtype') ?? 'none'
  if (subtype === 'compact_boundary') return [compaction(objectIn(record, 'compactMetadata'))]
  if (subtype === 'microcompact_boundary') return [compaction(objectIn(record, 'microcompactMetadata'))]
  if (droppedSystemRecords.has(subtype)) return []
  if (subtype === 'api_error') return contextDraft('api-error', errorText(record), reading)
  if (subtype === 'local_command' || subtype === 'informational') {
    return contextDraft(subtype.replace('_', '-'), textIn(record, 'content') ?? '', reading)
  }
  return unrecognised(`system.${subtype}`, record, reading)
}

function compaction(metadata: JsonObject | null): Draft {
  const trigger = textIn(metadata, 'trigger')
  const before = countIn(metadata, 'preTokens')
  const saved = countIn(metadata, 'tokensSaved')
  const after =
    countIn(metadata, 'postTokens') ?? (before === null || saved === null ? null : Math.max(0, before - saved))
  return {
    event: {
      kind: 'compaction',
      trigger: trigger === 'auto' || trigger === 'manual' ? trigger : 'unknown',
      tokensBefore: before,
      tokensAfter: after,
    },
  }
}

function errorText(record: JsonObject): string {
  const error = objectIn(record, 'error')
  return (
    textIn(error, 'message') ??
    textIn(error, 'formatted') ??
    textIn(record, 'content') ??
    textIn(error, 'type') ??
    'unknown error'
  )
}
