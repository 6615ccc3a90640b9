/**
 * Record types that are known and deliberately not carried into events, each with the reason. Whatever is neither here
 * nor understood is kept as `unrecognised`, counted and reported.
 */

const STATE = 'state of the program; what matters stands in the header'
const COPY = 'a copy of what stands in the conversation'
const VENDOR = 'holds the vendor’s system prompt'

export const droppedRecords: ReadonlyMap<string, string> = new Map([
  ['system.message', VENDOR],
  ['assistant.turn_start', STATE],
  ['assistant.turn_end', STATE],
  ['assistant.idle', STATE],
  ['assistant.intent', STATE],
  ['hook.start', COPY],
  ['hook.end', 'whether a hook of the person ran; what it refused is told with the call'],
  ['hook.progress', STATE],
  ['human_response.recorded', COPY],
  ['external_tool.requested', COPY],
  ['session.auto_mode_resolved', STATE],
  ['session.autopilot_objective_changed', STATE],
  ['session.background_tasks_changed', STATE],
  ['session.binary_asset', 'bytes of a picture'],
  ['session.completion_receipt', STATE],
  ['session.idle', STATE],
  ['session.import_legacy', STATE],
  ['session.mode_notice_delivered', STATE],
  ['session.model_change', 'each answer names its model'],
  ['session.model_deselected', STATE],
  ['session.plan_changed', STATE],
  ['session.remote_steerable_changed', STATE],
  ['session.request_body_compression_disabled', STATE],
  ['session.schedule_cancelled', STATE],
  ['session.schedule_created', STATE],
  ['session.schedule_rearmed', STATE],
  ['session.session_limits_changed', STATE],
  ['session.shutdown', 'counted where no record tells usage, else a check on it'],
  ['session.task_complete', COPY],
  ['session.title_changed', STATE],
  ['session.todos_changed', STATE],
  ['session.usage_checkpoint', COPY],
  ['session.usage_info', STATE],
  ['session.workspace_file_changed', 'files of the agent’s own, such as its plan'],
  ['skill.context_delivered', COPY],
  ['skill.context_delivered_ref', COPY],
  ['subagent.completed', COPY],
  ['subagent.configured', STATE],
  ['subagent.deselected', STATE],
  ['subagent.failed', 'told with the call that started it'],
  ['subagent.selected', STATE],
  ['tool.execution_partial_result', COPY],
  ['tool.execution_progress', COPY],
  ['tool_search.activated', STATE],
])

/** Families of records: the program's own accounts of its calls of the model, and of what it asked the person. */
export function isDropped(type: string): boolean {
  return (
    droppedRecords.has(type) || /^(model|permission|mcp|session\.(canvas|fusion|mcp)|assistant\.fusion)[._]/.test(type)
  )
}
