/** Whether commands ran inside a sandbox, as far as the transcript tells. */
import type { Session } from './session.ts'
import type { Sighting } from './sighting.ts'
import { toolUses } from './tool-use.ts'

export interface SandboxFact {
  /** By the modes that the agent recorded; null = it records none that say so. */
  readonly isOn: boolean | null
  /** Calls that asked to run outside. */
  readonly escapes: readonly Sighting[]
  /** Tool calls that a sandbox would have contained. */
  readonly contained: readonly string[]
}

const onModes = /^(?:sandbox:)?(?:read-only|workspace-write|sandbox|sandboxed|seatbelt|container)$/i
const offModes = /^(?:sandbox:)?(?:danger-full-access|dangerFullAccess|no-sandbox|unsandboxed|off)$/i

export function observeSandbox(session: Session): SandboxFact {
  const isOff = session.permissionModes.some((mode) => offModes.test(mode))
  const isOn = session.permissionModes.some((mode) => onModes.test(mode))
  const uses = toolUses(session).filter(({ call }) => call.category === 'shell')
  return {
    isOn: isOff ? false : isOn ? true : null,
    escapes: uses.flatMap(({ call, events, denied }): Sighting[] => {
      const { input } = call
      const asks =
        input['dangerouslyDisableSandbox'] === true ||
        input['with_escalated_permissions'] === true ||
        input['sandbox_permissions'] === 'require_escalated'
      if (!asks) return []
      const text = call.command ?? call.tool
      return [{ certainty: 'certain', message: `\`${text}\` ran outside of the sandbox`, text, events, denied }]
    }),
    contained: uses.filter(({ denied }) => !denied).flatMap(({ events }) => events.slice(0, 1)),
  }
}
