/**
 * Record types that are known and deliberately not carried into events, each with the reason. Whatever is neither here
 * nor understood is kept as `unrecognised`, counted and reported.
 */
import type { JsonObject } from '../json-value.ts'

const COPY = 'a copy of what stands in the conversation'
const STATE = 'state of the program; what matters stands in the header'
const DETAIL = 'read together with the call that it is about'

export const droppedRecords: ReadonlyMap<string, string> = new Map([
  ['session_meta', 'in the header; its base instructions are the vendor’s'],
  ['turn_context', 'in the header'],
  ['world_state', STATE],
  ['token_usage_record', 'counted'],
])

export const droppedEvents: ReadonlyMap<string, string> = new Map([
  ['task_started', STATE],
  ['task_complete', STATE],
  ['turn_started', STATE],
  ['turn_complete', STATE],
  ['thread_settings_applied', STATE],
  ['session_configured', STATE],
  ['thread_name_updated', STATE],
  ['token_count', 'counted'],
  ['user_message', COPY],
  ['agent_message', COPY],
  ['agent_reasoning', COPY],
  ['agent_reasoning_raw_content', COPY],
  ['agent_reasoning_section_break', COPY],
  ['context_compacted', COPY],
  ['turn_diff', COPY],
  ['plan_update', COPY],
  ['item_started', COPY],
  ['web_search_begin', COPY],
  ['web_search_end', COPY],
  ['image_generation_end', COPY],
  ['view_image_tool_call', COPY],
  ['entered_review_mode', STATE],
  ['exited_review_mode', STATE],
  ['exec_command_begin', DETAIL],
  ['exec_command_end', DETAIL],
  ['patch_apply_begin', DETAIL],
  ['patch_apply_end', DETAIL],
  ['mcp_tool_call_begin', DETAIL],
  ['mcp_tool_call_end', DETAIL],
  ['dynamic_tool_call_response', DETAIL],
])

/** Events of which nothing but the type is read, each as one object for all of them. */
export const copiedEvents: ReadonlyMap<string, JsonObject> = new Map(
  [...droppedEvents]
    .filter(([type, reason]) => (reason === COPY || reason === STATE) && type !== 'token_count')
    .map(([type]) => [type, { type }]),
)

/** Of `item_completed`. */
export const droppedItems: ReadonlyMap<string, string> = new Map([
  ['UserMessage', COPY],
  ['HookPrompt', COPY],
  ['AgentMessage', COPY],
  ['Plan', COPY],
  ['Reasoning', COPY],
  ['WebSearch', COPY],
  ['ImageView', COPY],
  ['ImageGeneration', COPY],
  ['ContextCompaction', COPY],
  ['CommandExecution', DETAIL],
  ['FileChange', DETAIL],
  ['McpToolCall', DETAIL],
  ['DynamicToolCall', DETAIL],
  ['CollabAgentToolCall', DETAIL],
  ['SubAgentActivity', DETAIL],
  ['Sleep', STATE],
  ['EnteredReviewMode', STATE],
  ['ExitedReviewMode', STATE],
])
