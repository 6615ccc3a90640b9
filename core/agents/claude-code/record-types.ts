/**
 * Record types that are known and deliberately not carried into events, each with the reason. Whatever is neither here
 * nor understood is kept as `unrecognised`, counted and reported.
 */

const REQUEST =
  'what was sent to the model: prompts, tools and settings of the vendor, and copies of what stands elsewhere'
const TITLE = 'a name for lists; says nothing about what happened'
const VENDOR_TEXT = 'text of the vendor that stands in every session'

export const droppedRecords: ReadonlyMap<string, string> = new Map([
  ['api-request', REQUEST],
  ['api-request-shape', REQUEST],
  ['api-request-blob', REQUEST],
  ['tools-used', 'names of tools; the calls themselves are recorded'],
  ['atis-latch', 'internal state without content'],
  ['mode', 'state of the input line'],
  ['last-prompt', 'a copy of the last prompt'],
  ['queue-operation', 'a copy of prompts on their way to the model'],
  ['cost-state', "the agent's own total; only compared with ours"],
  ['permission-mode', 'listed in the header'],
  ['file-history-snapshot', 'bookkeeping of the undo function'],
  ['file-history-delta', 'bookkeeping of the undo function'],
  ['attribution-snapshot', "bookkeeping of the agent's own attribution"],
  ['content-replacement', 'where long outputs were cut for the model; the output itself is recorded'],
  ['progress', "copies of what stands in the subagents' own records, and progress of hooks"],
  ['summary', 'the title of another session'],
  ['custom-title', TITLE],
  ['ai-title', TITLE],
  ['agent-name', TITLE],
  ['agent-color', TITLE],
  ['agent-setting', TITLE],
  ['tag', TITLE],
])

export const droppedAttachments: ReadonlyMap<string, string> = new Map([
  ['prompt_snapshot', "the vendor's system prompt and tool descriptions"],
  ['skill_listing', VENDOR_TEXT],
  ['agent_listing_delta', VENDOR_TEXT],
  ['deferred_tools_delta', VENDOR_TEXT],
  ['mcp_instructions_delta', VENDOR_TEXT],
  ['silent_turn_reminder', VENDOR_TEXT],
  ['todo_reminder', VENDOR_TEXT],
  ['task_reminder', VENDOR_TEXT],
  ['remote_session_change', VENDOR_TEXT],
  ['output_style', VENDOR_TEXT],
  ['auto_mode', VENDOR_TEXT],
  ['plan_mode', VENDOR_TEXT],
  ['plan_mode_reentry', VENDOR_TEXT],
  ['plan_mode_exit', VENDOR_TEXT],
  ['environment', 'operating system and working directory; every record carries what matters'],
  ['model', 'every answer names its model'],
  ['date', 'every record carries its time'],
  ['date_change', 'every record carries its time'],
])

export const droppedSystemRecords: ReadonlyMap<string, string> = new Map([
  ['stop_hook_summary', 'how long hooks took'],
  ['turn_duration', 'every record carries its time'],
  ['away_summary', 'a recap for a person who comes back; not part of the conversation'],
  ['bridge_status', 'state of a connection'],
  ['file_snapshot', 'bookkeeping of the undo function'],
])
