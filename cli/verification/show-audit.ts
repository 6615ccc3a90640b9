/** An audit for people, or as one JSON value. */
import type { Audit, KnownRevocations } from '#core/evidence/audit.ts'
import { toBase64 } from '#core/evidence/bytes.ts'
import type { Cosigned } from '#core/evidence/witnessed.ts'
import type { Context } from '../context.ts'
import { plain } from '../io/terminal.ts'
import { count } from '../io/words.ts'
import type { AuditedLog } from './audited-log.ts'
import { cosignedInWords } from './witnesses.ts'

interface Found {
  readonly audit: Audit
  /** Of what the platform signed. */
  readonly problems: AuditedLog['problems']
  /** One for each witness that was asked for. */
  readonly cosigned: readonly Cosigned[]
  readonly revocations: KnownRevocations | null
}

export function showAudit(
  { audit, problems: more, cosigned, revocations }: Found,
  held: { readonly seen: number; readonly receipts: number },
  { terminal, json }: Context,
): 0 | 4 {
  const { checkpoint, entries, consistent, included } = audit
  const problems = [...audit.problems, ...more, ...cosigned.flatMap(witnessProblem)]
  const verified = problems.length === 0
  if (json) {
    const { origin = null, size = null, root = null } = checkpoint ?? {}
    const value = {
      verified,
      origin,
      size,
      root: root === null ? null : toBase64(root),
      entries,
      checkpoints: { seen: held.seen, consistent },
      receipts: { held: held.receipts, included },
      revocations: revocations?.byKey.size ?? null,
      witnesses: cosigned.map(({ name, size: leaves, at }) => ({ name, size: leaves, at })),
      problems,
    }
    terminal.print(JSON.stringify(value, null, 2))
    return verified ? 0 : 4
  }
  if (checkpoint !== null) {
    terminal.print(terminal.colours.bold(`${plain(checkpoint.origin)}, ${count(checkpoint.size, 'leaf', 'leaves')}`))
    terminal.print(`  root        ${toBase64(checkpoint.root)}`)
    terminal.print(`  entries     ${entries} re-derived`)
    terminal.print(`  checkpoints ${consistent} of ${held.seen} that this machine has seen are its beginnings`)
    terminal.print(`  receipts    ${included} of ${held.receipts} of this repository are in it where they say`)
    const ended =
      revocations === null
        ? 'not told here; a bundle tells them'
        : `${revocations.byKey.size}, and no later leaf by them`
    if (audit.problems.every(({ code }) => code !== 'key-revoked')) terminal.print(`  ended keys  ${ended}`)
    for (const one of cosigned) terminal.print(`  witness     ${plain(one.name)} ${cosignedInWords(one)}`)
  }
  for (const { code, message } of problems) terminal.print(`  ${terminal.mark('failed')} ${code}: ${plain(message)}`)
  terminal.print(
    verified ? `${terminal.mark('ok')} the log is what it was` : `${terminal.mark('failed')} the log does not verify`,
  )
  return verified ? 0 : 4
}

function witnessProblem({ name, size, isForged }: Cosigned): readonly { code: string; message: string }[] {
  if (isForged) return [{ code: 'cosignature-invalid', message: `a signature in the name of ${name} is false` }]
  if (size === null)
    return [{ code: 'not-cosigned', message: `${name} cosigned no checkpoint of this log that is here` }]
  return []
}
